/** The reference engine's sampling stepper: one slot after another. */
import type { SamplingOptions, SamplingStepper } from '../../src/engine/engine.ts';
import type { NetworkSpec, Weights } from '../../src/model/network.ts';
import { forward, fromLayerStates, noDropout, stateSize, toLayerStates, toTensors } from './network.ts';
import { copyWeights, onCpu, requireIds, requireLength } from './support.ts';

export class ReferenceSampling implements SamplingStepper {
  readonly slots: number;
  readonly vocabularySize: number;
  readonly #spec: NetworkSpec;
  readonly #weights: Map<string, Float32Array>;
  readonly #states: Float32Array[];

  constructor(spec: NetworkSpec, weights: Weights, options: SamplingOptions) {
    this.slots = options.slots;
    this.vocabularySize = spec.vocabularySize;
    this.#spec = spec;
    this.#weights = copyWeights(spec, weights);
    this.#states = Array.from({ length: options.slots }, () => new Float32Array(stateSize(spec, 1)));
  }

  get memoryBytes(): number {
    return [...new Set(this.#weights.values()), ...this.#states].reduce(
      (sum, array) => sum + array.byteLength,
      0,
    );
  }

  reset(slot: number): void {
    this.#stateOf(slot).fill(0);
  }

  step(
    slots: Int32Array,
    tokens: Int32Array,
    count: number,
    inputs: readonly Float32Array[] = [],
  ): Float32Array {
    const chosen = slots.subarray(0, count);
    const ids = tokens.subarray(0, count);
    if (chosen.length !== count || ids.length !== count)
      throw new RangeError(`${count} slots and tokens are not there`);
    if (new Set(chosen).size !== count) throw new RangeError('a slot is named twice');
    for (const slot of chosen) this.#stateOf(slot);
    requireIds('tokens', ids, 0, this.vocabularySize + inputs.length);
    for (const row of inputs) requireLength('input', row.length, this.#spec.embeddingSize);
    const logits = new Float32Array(count * this.vocabularySize);
    onCpu(() => {
      const tensors = toTensors(this.#spec, this.#weights);
      for (let i = 0; i < count; i++) {
        const start = toLayerStates(this.#spec, this.#states[chosen[i]!]!, 1);
        const next = forward(this.#spec, tensors, ids.slice(i, i + 1), start, noDropout, inputs);
        logits.set(next.logits.dataSync(), i * this.vocabularySize);
        this.#states[chosen[i]!] = fromLayerStates(next.states);
      }
    });
    return logits;
  }

  readState(slot: number): Float32Array {
    return this.#stateOf(slot).slice();
  }

  writeState(slot: number, state: Float32Array): void {
    requireLength('state', state.length, this.#stateOf(slot).length);
    this.#states[slot] = state.slice();
  }

  async close(): Promise<void> {}

  #stateOf(slot: number): Float32Array {
    const state = this.#states[slot];
    if (!state) throw new RangeError(`slot ${slot} is not below ${this.slots}`);
    return state;
  }
}
