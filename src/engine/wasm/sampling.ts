/**
 * The sampling stepper on WebAssembly kernels, in the caller's thread. States of all slots are kept as padded rows;
 * a step gathers those it needs into panels, runs the network and puts them back. Every sum runs over its inputs
 * in one fixed order with plain multiply and add, so that a slot's logits do not depend on its company.
 */
import { assertNetwork, type NetworkSpec, type Weights } from '../../model/network.ts';
import type { SamplingStepper } from '../engine.ts';
import { recurrentProduct } from './forward.ts';
import { createMemory, instantiate, type Kernels, RESERVED_BYTES } from './kernels.ts';
import { layoutParameters, type ParameterLayout, packWeights, panelsOf, ROW } from './parameters.ts';
import { gateGroups, weightGroups } from './plan.ts';

export class WasmSampling implements SamplingStepper {
  readonly slots: number;
  readonly vocabularySize: number;
  readonly memoryBytes: number;
  readonly #spec: NetworkSpec;
  readonly #kernels: Kernels;
  readonly #memory: WebAssembly.Memory;
  readonly #layout: ParameterLayout;
  readonly #at: ReturnType<typeof planSampling>;
  readonly #ids: Int32Array;
  readonly #slotIds: Int32Array;
  readonly #logits: Float32Array;

  constructor(module: WebAssembly.Module, spec: NetworkSpec, weights: Weights, slots: number) {
    assertNetwork(spec);
    if (!Number.isInteger(slots) || slots < 1) throw new RangeError(`slots must be 1 or more, not ${slots}`);
    this.#spec = spec;
    this.#layout = layoutParameters(spec);
    this.#at = planSampling(spec, this.#layout.bytes, slots);
    this.slots = slots;
    this.vocabularySize = spec.vocabularySize;
    this.memoryBytes = this.#at.bytes;
    this.#memory = createMemory(this.#at.bytes);
    this.#kernels = instantiate(module, this.#memory);
    const { buffer } = this.#memory;
    this.#ids = new Int32Array(buffer, this.#at.ids, slots);
    this.#slotIds = new Int32Array(buffer, this.#at.slotIds, slots);
    this.#logits = new Float32Array(buffer, this.#at.output, slots * spec.vocabularySize);
    packWeights(this.#layout, weights, new Float32Array(buffer, this.#at.weights, this.#layout.bytes / 4));
  }

  reset(slot: number): void {
    this.writeState(slot, new Float32Array(this.#stateLength()));
  }

  step(slots: Int32Array, tokens: Int32Array, count: number): Float32Array {
    this.#load(slots, tokens, count);
    const { embedded, h, c, gates, states } = this.#at;
    const k = this.#kernels;
    const spec = this.#spec;
    const H = panelsOf(spec.rnnSize);
    const stride = count * ROW;
    const E = panelsOf(spec.embeddingSize);
    const gather = spec.tied ? k.gatherColumns : k.gatherRows;
    gather(
      count,
      E,
      this.#at.ids,
      this.#weight(spec.tied ? 'output.weight' : 'embedding.weight'),
      embedded,
      stride,
    );
    for (let layer = 0; layer < spec.numLayers; layer++) {
      const [hStates, cStates] = [states(layer, 0), states(layer, 1)];
      k.gatherRows(count, H, this.#at.slotIds, hStates, h(layer), stride);
      this.#preactivate(layer, count);
      const weight = this.#weight(`rnn.weight_hh_l${layer}`);
      recurrentProduct(k, { spec }, count, h(layer), stride, weight, gates, stride);
      switch (spec.cell) {
        case 'lstm':
          k.gatherRows(count, H, this.#at.slotIds, cStates, c, stride);
          k.lstmForward(count, H, gates, stride, c, c, h(layer), stride);
          k.putRows(count, H, this.#at.slotIds, cStates, c, stride);
          break;
        case 'gru':
          k.gruForward(count, H, gates, stride, h(layer), h(layer), stride);
          break;
        case 'rnn':
          k.rnnForward(count, H, gates, stride, h(layer), stride);
          break;
        default:
          spec.cell satisfies never;
      }
      k.putRows(count, H, this.#at.slotIds, hStates, h(layer), stride);
    }
    return this.#outputs(count);
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

  #weight(name: string): number {
    return this.#at.weights + this.#layout.byName.get(name)!.offset;
  }

  /** gates = biases + input x weights. */
  #preactivate(layer: number, count: number): void {
    const { gates, embedded, h } = this.#at;
    const k = this.#kernels;
    const stride = count * ROW;
    const H = panelsOf(this.#spec.rnnSize);
    const panels = weightGroups(this.#spec) * H;
    const [ih, hh] = [this.#weight(`rnn.bias_ih_l${layer}`), this.#weight(`rnn.bias_hh_l${layer}`)];
    if (this.#spec.cell === 'gru') {
      k.fillRows(count, 2 * H, ih, hh, gates, stride);
      k.fillRows(count, H, ih + 2 * H * ROW, 0, gates + 2 * H * stride, stride);
      k.fillRows(count, H, hh + 2 * H * ROW, 0, gates + 3 * H * stride, stride);
    } else {
      k.fillRows(count, panels, ih, hh, gates, stride);
    }
    const input = layer === 0 ? embedded : h(layer - 1);
    const inputs = layer === 0 ? panelsOf(this.#spec.embeddingSize) : H;
    const weight = this.#weight(`rnn.weight_ih_l${layer}`);
    k.product(count, inputs, panels, input, stride, weight, inputs * 16 * ROW, gates, stride);
  }

  #outputs(count: number): Float32Array {
    const { logits, output, h } = this.#at;
    const k = this.#kernels;
    const stride = count * ROW;
    const [H, V] = [panelsOf(this.#spec.rnnSize), panelsOf(this.vocabularySize)];
    k.fillRows(count, V, this.#weight('output.bias'), 0, logits, stride);
    const top = h(this.#spec.numLayers - 1);
    k.product(count, H, V, top, stride, this.#weight('output.weight'), H * 16 * ROW, logits, stride);
    k.unpackRows(count, V, logits, stride, output, this.vocabularySize * 4);
    return this.#logits.subarray(0, count * this.vocabularySize);
  }

  #load(slots: Int32Array, tokens: Int32Array, count: number): void {
    if (!(count >= 1 && count <= this.slots && count <= slots.length && count <= tokens.length)) {
      throw new RangeError(`a step takes 1 to ${this.slots} slots, not ${count}`);
    }
    for (let i = 0; i < count; i++) {
      if (!(slots[i]! >= 0 && slots[i]! < this.slots))
        throw new RangeError(`slot ${slots[i]} of ${this.slots}`);
      if (!(tokens[i]! >= 0 && tokens[i]! < this.vocabularySize)) {
        throw new RangeError(`token id ${tokens[i]} is outside the vocabulary of ${this.vocabularySize}`);
      }
    }
    this.#ids.set(tokens.subarray(0, count));
    this.#slotIds.set(slots.subarray(0, count));
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

function planSampling(spec: NetworkSpec, parameterBytes: number, slots: number) {
  const [H, E, V] = [panelsOf(spec.rnnSize), panelsOf(spec.embeddingSize), panelsOf(spec.vocabularySize)];
  let top = RESERVED_BYTES;
  const take = (bytes: number) => {
    const at = top;
    top = Math.ceil((top + bytes) / 128) * 128;
    return at;
  };
  const rows = slots * ROW;
  const weights = take(parameterBytes);
  const states = take(spec.numLayers * 2 * H * rows);
  const h = take(spec.numLayers * H * rows);
  const [c, embedded, gates] = [take(H * rows), take(E * rows), take(gateGroups(spec) * H * rows)];
  const [logits, ids, slotIds] = [take(V * rows), take(slots * 4), take(slots * 4)];
  const output = take(slots * spec.vocabularySize * 4 + ROW); // the last row spills
  return {
    weights,
    /** Rows [slots][16 H] of a layer's h (kind 0) or c (kind 1). */
    states: (layer: number, kind: number) => states + (layer * 2 + kind) * H * rows,
    h: (layer: number) => h + layer * H * rows,
    c,
    embedded,
    gates,
    logits,
    ids,
    slotIds,
    output,
    bytes: top,
  };
}
