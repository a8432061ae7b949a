/**
 * The sampling stepper on WebAssembly kernels, in the caller's thread. States of all slots are kept as padded rows;
 * a step gathers those it needs into panels, runs the network and puts them back. Sums run over their inputs in one
 * fixed order with plain multiply and add, or are whole numbers: a slot's logits do not depend on its company.
 */
import { assertNetwork, type NetworkSpec, type Weights } from '../../model/network.ts';
import type { SamplingOptions, SamplingStepper } from '../engine.ts';
import { createMemory, instantiate, type Kernels, RESERVED_BYTES } from './kernels.ts';
import { type Activations, FloatMatrices, type Matrices, QuantizedMatrices, type Take } from './matrices.ts';
import { layoutParameters, packTensor, panelsOf, ROW, type TensorPlace } from './parameters.ts';
import { gateGroups, weightGroups } from './plan.ts';

/** Made once: a step allocates nothing of its own. */
const NO_INPUTS: readonly Float32Array[] = [];

export class WasmSampling implements SamplingStepper {
  readonly slots: number;
  readonly vocabularySize: number;
  readonly memoryBytes: number;
  readonly #spec: NetworkSpec;
  readonly #kernels: Kernels;
  readonly #memory: WebAssembly.Memory;
  readonly #matrices: Matrices;
  readonly #at: ReturnType<typeof planSampling>;
  readonly #embeddingBound: number;
  /** How often a step names each slot; all 0 between steps. */
  readonly #taken: Uint8Array;
  readonly #ids: Int32Array;
  readonly #slotIds: Int32Array;
  readonly #logits: Float32Array;

  constructor(module: WebAssembly.Module, spec: NetworkSpec, weights: Weights, options: SamplingOptions) {
    assertNetwork(spec);
    const { slots } = options;
    if (!Number.isInteger(slots) || slots < 1) throw new RangeError(`slots must be 1 or more, not ${slots}`);
    const memory = { top: RESERVED_BYTES };
    const take: Take = (bytes) => {
      const at = memory.top;
      memory.top = Math.ceil((at + bytes) / 128) * 128;
      return at;
    };
    this.#spec = spec;
    this.#matrices =
      options.precision === 'int8' ? new QuantizedMatrices(spec, slots, take) : new FloatMatrices(spec, take);
    this.#at = planSampling(spec, slots, take);
    this.slots = slots;
    this.#taken = new Uint8Array(slots);
    this.vocabularySize = spec.vocabularySize;
    this.memoryBytes = memory.top;
    this.#memory = createMemory(memory.top);
    this.#kernels = instantiate(module, this.#memory);
    const { buffer } = this.#memory;
    this.#ids = new Int32Array(buffer, this.#at.ids, slots);
    this.#slotIds = new Int32Array(buffer, this.#at.slotIds, slots);
    this.#logits = new Float32Array(buffer, this.#at.output, slots * spec.vocabularySize);
    this.#matrices.load(weights, this.#memory, this.#kernels);
    for (const [name, { place, at }] of this.#at.vectors) {
      const floats = new Float32Array(buffer, at, place.units * place.unitFloats);
      packTensor({ ...place, offset: 0 }, weights.get(name)!, floats);
    }
    this.#embeddingBound = largest(weights.get('embedding.weight')!);
  }

  reset(slot: number): void {
    this.#eachState(slot, (row) => row.fill(0));
  }

  step(
    slots: Int32Array,
    tokens: Int32Array,
    count: number,
    inputs: readonly Float32Array[] = NO_INPUTS,
  ): Float32Array {
    this.#load(slots, tokens, count, inputs);
    const stride = count * ROW;
    const [H, E] = [panelsOf(this.#spec.rnnSize), panelsOf(this.#spec.embeddingSize)];
    const { embedded, h } = this.#at;
    this.#kernels.gatherRows(count, E, this.#at.ids, this.#vector('embedding.weight'), embedded, stride);
    if (inputs.length > 0) this.#replaceInputs(tokens, count, inputs);
    let input = { at: embedded, panels: E, stride };
    let bound = this.#embeddingBound;
    for (let layer = 0; layer < this.#spec.numLayers; layer++) {
      this.#preactivate(layer, count, input, bound);
      this.#stepCell(layer, count);
      input = { at: h, panels: H, stride };
      bound = 1; // |h| <= 1 in every cell
    }
    return this.#outputs(count, this.#matrices.prepare(this.#kernels, count, input, bound));
  }

  readState(slot: number): Float32Array {
    const state = new Float32Array(this.#stateLength());
    this.#eachState(slot, (row, at) => state.set(row, at));
    return state;
  }

  writeState(slot: number, state: Float32Array): void {
    if (state.length !== this.#stateLength()) {
      throw new RangeError(`a slot's state has ${this.#stateLength()} numbers, not ${state.length}`);
    }
    this.#eachState(slot, (row, at) => row.set(state.subarray(at, at + row.length)));
  }

  async close(): Promise<void> {}

  #vector(name: string): number {
    return this.#at.vectors.get(name)!.at;
  }

  /** Rows of `embedded` whose tokens stand for inputs. */
  #replaceInputs(tokens: Int32Array, count: number, inputs: readonly Float32Array[]): void {
    const width = ROW / 4;
    for (let i = 0; i < count; i++) {
      const row = inputs[tokens[i]! - this.vocabularySize];
      if (!row) continue;
      for (let panel = 0; panel * width < row.length; panel++) {
        const at = this.#at.embedded + (panel * count + i) * ROW;
        const part = row.subarray(panel * width, (panel + 1) * width);
        new Float32Array(this.#memory.buffer, at, part.length).set(part);
      }
    }
  }

  /** gates = biases + input x weights + h x recurrent weights; leaves the slots' h in place. */
  #preactivate(layer: number, count: number, input: Omit<Activations, 'scale'>, bound: number): void {
    const { gates, h, states, slotIds } = this.#at;
    const k = this.#kernels;
    const stride = count * ROW;
    const H = panelsOf(this.#spec.rnnSize);
    const panels = weightGroups(this.#spec) * H;
    const [ih, hh] = [this.#vector(`rnn.bias_ih_l${layer}`), this.#vector(`rnn.bias_hh_l${layer}`)];
    const gru = this.#spec.cell === 'gru';
    // the GRU's candidate keeps its input part (third group) apart from its recurrent part (fourth group)
    const shared = gru ? 2 * H : panels;
    k.fillRows(count, shared, ih, hh, gates, stride);
    if (gru) {
      k.fillRows(count, H, ih + shared * ROW, 0, gates + shared * stride, stride);
      k.fillRows(count, H, hh + shared * ROW, 0, gates + (shared + H) * stride, stride);
    }
    const x = this.#matrices.prepare(k, count, input, bound);
    this.#matrices.multiply(k, count, x, `rnn.weight_ih_l${layer}`, 0, panels, gates);
    k.gatherRows(count, H, slotIds, states(layer, 0), h, stride);
    const before = this.#matrices.prepare(k, count, { at: h, panels: H, stride }, 1);
    const recurrent = `rnn.weight_hh_l${layer}`;
    this.#matrices.multiply(k, count, before, recurrent, 0, shared, gates);
    if (gru) this.#matrices.multiply(k, count, before, recurrent, shared, H, gates + (shared + H) * stride);
  }

  /** h (and c) of the slots one step on, in `h` and in the slots' states. */
  #stepCell(layer: number, count: number): void {
    const { gates, h, c, states, slotIds } = this.#at;
    const k = this.#kernels;
    const stride = count * ROW;
    const H = panelsOf(this.#spec.rnnSize);
    switch (this.#spec.cell) {
      case 'lstm':
        k.gatherRows(count, H, slotIds, states(layer, 1), c, stride);
        k.lstmForward(count, H, gates, stride, c, c, h, stride);
        k.putRows(count, H, slotIds, states(layer, 1), c, stride);
        break;
      case 'gru':
        k.gruForward(count, H, gates, stride, h, h, stride);
        break;
      case 'rnn':
        k.rnnForward(count, H, gates, stride, h, stride);
        break;
      default:
        this.#spec.cell satisfies never;
    }
    k.putRows(count, H, slotIds, states(layer, 0), h, stride);
  }

  #outputs(count: number, top: Activations): Float32Array {
    const { logits, output } = this.#at;
    const k = this.#kernels;
    const V = panelsOf(this.vocabularySize);
    k.fillRows(count, V, this.#vector('output.bias'), 0, logits, count * ROW);
    this.#matrices.multiply(k, count, top, 'output.weight', 0, V, logits);
    k.unpackRows(count, V, logits, count * ROW, output, this.vocabularySize * 4);
    return this.#logits.subarray(0, count * this.vocabularySize);
  }

  #load(slots: Int32Array, tokens: Int32Array, count: number, inputs: readonly Float32Array[]): void {
    const ids = this.vocabularySize + inputs.length;
    if (inputs.some((row) => row.length !== this.#spec.embeddingSize)) {
      throw new RangeError(`an input has ${this.#spec.embeddingSize} numbers`);
    }
    if (!(count >= 1 && count <= this.slots && count <= slots.length && count <= tokens.length)) {
      throw new RangeError(`a step takes 1 to ${this.slots} slots, not ${count}`);
    }
    for (let i = 0; i < count; i++) {
      if (!(slots[i]! >= 0 && slots[i]! < this.slots))
        throw new RangeError(`slot ${slots[i]} of ${this.slots}`);
      if (!(tokens[i]! >= 0 && tokens[i]! < ids)) {
        throw new RangeError(`token id ${tokens[i]} is outside the vocabulary of ${this.vocabularySize}`);
      }
    }
    for (let i = 0; i < count; i++) this.#taken[slots[i]!]!++;
    const twice = this.#taken.some((times) => times > 1);
    this.#taken.fill(0);
    if (twice) throw new RangeError('a step takes each slot once');
    for (let i = 0; i < count; i++) {
      this.#ids[i] = tokens[i]! < this.vocabularySize ? tokens[i]! : 0;
      this.#slotIds[i] = slots[i]!;
    }
  }

  #stateLength(): number {
    return this.#spec.numLayers * (this.#spec.cell === 'lstm' ? 2 : 1) * this.#spec.rnnSize;
  }

  /** Visits a slot's state in the contract's order, a view of H numbers at a time. */
  #eachState(slot: number, visit: (row: Float32Array, at: number) => void): void {
    if (!(slot >= 0 && slot < this.slots)) throw new RangeError(`slot ${slot} of ${this.slots}`);
    const H = this.#spec.rnnSize;
    const kinds = this.#spec.cell === 'lstm' ? 2 : 1;
    for (let layer = 0, at = 0; layer < this.#spec.numLayers; layer++) {
      for (let kind = 0; kind < kinds; kind++, at += H) {
        const address = this.#at.states(layer, kind) + slot * panelsOf(H) * ROW;
        visit(new Float32Array(this.#memory.buffer, address, H), at);
      }
    }
  }
}

function largest(values: Float32Array): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]!));
  return most;
}

function planSampling(spec: NetworkSpec, slots: number, take: Take) {
  const [H, E, V] = [panelsOf(spec.rnnSize), panelsOf(spec.embeddingSize), panelsOf(spec.vocabularySize)];
  const rows = slots * ROW;
  const vectors = new Map<string, { place: TensorPlace; at: number }>();
  for (const place of layoutParameters({ ...spec, tied: false }).places) {
    if (place.kind === 'panels') continue;
    vectors.set(place.name, { place, at: take(place.units * place.unitFloats * 4) });
  }
  const states = take(spec.numLayers * 2 * H * rows);
  return {
    /** Biases, and the embedding as rows. */
    vectors,
    /** Rows [slots][16 H] of a layer's h (kind 0) or c (kind 1). */
    states: (layer: number, kind: number) => states + (layer * 2 + kind) * H * rows,
    h: take(H * rows),
    c: take(H * rows),
    embedded: take(E * rows),
    gates: take(gateGroups(spec) * H * rows),
    logits: take(V * rows),
    ids: take(slots * 4),
    slotIds: take(slots * 4),
    output: take(slots * spec.vocabularySize * 4 + ROW), // the last row spills
  };
}
