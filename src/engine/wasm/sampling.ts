/**
 * The sampling stepper on WebAssembly kernels, in the caller's thread. States of all slots are kept as padded rows;
 * a step gathers those it needs into panels, runs the network and puts them back. Sums run over their inputs in one
 * fixed order with plain multiply and add, or are whole numbers: a slot's logits do not depend on its company.
 */
import { assertNetwork, type NetworkSpec, type Weights } from '../../model/network.ts';
import type { SamplingOptions, SamplingStepper } from '../engine.ts';
import { InputRows } from './input-rows.ts';
import { createMemory, instantiate, type Kernels, RESERVED_BYTES } from './kernels.ts';
import { type Activations, FloatMatrices, type Matrices, QuantizedMatrices, type Take } from './matrices.ts';
import { layoutParameters, packTensor, panelsOf, ROW, type TensorPlace } from './parameters.ts';
import { gateGroups, weightGroups } from './plan.ts';

/** Made once: a step allocates nothing of its own. */
const NO_INPUTS: readonly Float32Array[] = [];

export class WasmSampling implements SamplingStepper {
  readonly slots: number;
  readonly vocabularySize: number;
  readonly #spec: NetworkSpec;
  readonly #kernels: Kernels;
  readonly #memory: WebAssembly.Memory;
  readonly #matrices: Matrices;
  readonly #at: ReturnType<typeof planSampling>;
  readonly #rows: InputRows;
  readonly #embeddingBound: number;
  /** How often a step names each slot; all 0 between steps. */
  readonly #taken: Uint8Array;
  readonly #ids: Int32Array;
  readonly #rowIds: Int32Array;
  readonly #newRowIds: Int32Array;
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
    this.#rows = new InputRows(spec, slots, take);
    this.#memory = createMemory(memory.top);
    this.#kernels = instantiate(module, this.#memory);
    const { buffer } = this.#memory;
    this.#ids = new Int32Array(buffer, this.#at.ids, slots);
    this.#slotIds = new Int32Array(buffer, this.#at.slotIds, slots);
    this.#rowIds = new Int32Array(buffer, this.#rows.ids, slots);
    this.#newRowIds = new Int32Array(buffer, this.#rows.newIds, slots);
    this.#logits = new Float32Array(buffer, this.#at.output, slots * spec.vocabularySize);
    this.#matrices.load(weights, this.#memory, this.#kernels);
    for (const [name, { place, at }] of this.#at.vectors) {
      const floats = new Float32Array(buffer, at, place.units * place.unitFloats);
      packTensor({ ...place, offset: 0 }, weights.get(name)!, floats);
    }
    this.#embeddingBound = largest(weights.get('embedding.weight')!);
  }

  get memoryBytes(): number {
    return this.#memory.buffer.byteLength - this.#rows.untouchedBytes;
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
    this.#enter(tokens, count, inputs);
    const top = { at: this.#at.h, panels: panelsOf(this.#spec.rnnSize), stride: count * ROW };
    for (let layer = 0; layer < this.#spec.numLayers; layer++) {
      if (layer > 0) this.#project(layer, count, top, 1); // |h| <= 1 in every cell
      this.#recur(layer, count);
      this.#stepCell(layer, count);
    }
    return this.#outputs(count, this.#matrices.prepare(this.#kernels, count, top, 1));
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

  /** gates = layer 0's biases + embedding x input weights: rows that are known, and those computed now. */
  #enter(tokens: Int32Array, count: number, inputs: readonly Float32Array[]): void {
    const [k, rows] = [this.#kernels, this.#rows];
    const { gates } = this.#at;
    const fresh = rows.select(tokens, count, this.#rowIds, this.#newRowIds);
    if (fresh > 0) {
      this.#project(0, fresh, this.#embed(fresh, inputs), this.#embeddingBound);
      k.putRows(fresh, rows.panels, rows.newIds, rows.at, gates, fresh * ROW);
    }
    k.gatherRows(count, rows.panels, rows.ids, rows.at, gates, count * ROW);
  }

  /** Embeddings of the new tokens, or what stands for them among the inputs. */
  #embed(fresh: number, inputs: readonly Float32Array[]): Omit<Activations, 'scale'> {
    const { ids, embedded } = this.#at;
    const { newTokens } = this.#rows;
    const V = this.vocabularySize;
    const x = { at: embedded, panels: panelsOf(this.#spec.embeddingSize), stride: fresh * ROW };
    for (let i = 0; i < fresh; i++) this.#ids[i] = newTokens[i]! < V ? newTokens[i]! : 0;
    this.#kernels.gatherRows(fresh, x.panels, ids, this.#vector('embedding.weight'), x.at, x.stride);
    for (let i = 0; i < fresh; i++) {
      const row = inputs[newTokens[i]! - V];
      if (row) this.#writeRow(row, x.at + i * ROW, x.stride);
    }
    return x;
  }

  #writeRow(row: Float32Array, at: number, stride: number): void {
    const width = ROW / 4;
    for (let panel = 0; panel * width < row.length; panel++) {
      const part = row.subarray(panel * width, (panel + 1) * width);
      new Float32Array(this.#memory.buffer, at + panel * stride, part.length).set(part);
    }
  }

  /** gates = biases + input x weights. */
  #project(layer: number, rows: number, input: Omit<Activations, 'scale'>, bound: number): void {
    const { gates } = this.#at;
    const k = this.#kernels;
    const stride = rows * ROW;
    const H = panelsOf(this.#spec.rnnSize);
    const panels = weightGroups(this.#spec) * H;
    const [ih, hh] = [this.#vector(`rnn.bias_ih_l${layer}`), this.#vector(`rnn.bias_hh_l${layer}`)];
    const shared = sharedGroups(this.#spec) * H;
    k.fillRows(rows, shared, ih, hh, gates, stride);
    if (shared < panels) {
      k.fillRows(rows, H, ih + shared * ROW, 0, gates + shared * stride, stride);
      k.fillRows(rows, H, hh + shared * ROW, 0, gates + (shared + H) * stride, stride);
    }
    const x = this.#matrices.prepare(k, rows, input, bound);
    this.#matrices.multiply(k, rows, x, `rnn.weight_ih_l${layer}`, 0, panels, gates);
  }

  /** gates += h x recurrent weights; leaves the slots' h in place. */
  #recur(layer: number, count: number): void {
    const { gates, h, states, slotIds } = this.#at;
    const k = this.#kernels;
    const stride = count * ROW;
    const H = panelsOf(this.#spec.rnnSize);
    const name = `rnn.weight_hh_l${layer}`;
    const shared = sharedGroups(this.#spec) * H;
    k.gatherRows(count, H, slotIds, states(layer, 0), h, stride);
    const before = this.#matrices.prepare(k, count, { at: h, panels: H, stride }, 1);
    this.#matrices.multiply(k, count, before, name, 0, shared, gates);
    if (this.#spec.cell === 'gru') {
      this.#matrices.multiply(k, count, before, name, shared, H, gates + (shared + H) * stride);
    }
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
    for (let i = 0; i < count; i++) this.#slotIds[i] = slots[i]!;
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

/** Groups of gates to which input and recurrent products add up; the GRU's candidate keeps them apart (third and fourth). */
const sharedGroups = (spec: NetworkSpec): number => (spec.cell === 'gru' ? 2 : weightGroups(spec));

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
