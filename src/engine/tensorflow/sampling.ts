/**
 * The sampling stepper on TensorFlow: the network of training, one step long. States of all slots are kept in plain
 * arrays. Products always have the same number of rows, so that the order of a row's sums, and with it the
 * slot's bits, do not depend on how many slots a call names.
 */
import { assertNetwork, type NetworkSpec, type Weights } from '../../model/network.ts';
import type { SamplingOptions, SamplingStepper } from '../engine.ts';
import { forward, type Prepared, prepare } from './network.ts';
import type { Ops } from './ops.ts';
import { bytesOf, disposeAll, parameterShapes, readFloats, writeTensors } from './parameters.ts';
import { readState, requireState, stateLength, writeState } from './state.ts';
import type { Tensor } from './tfjs.ts';

/** Rows of every product. */
const ROWS = 8;

/** Made once: a step allocates nothing of its own. */
const NO_INPUTS: readonly Float32Array[] = [];

export class TensorflowSampling implements SamplingStepper {
  readonly slots: number;
  readonly vocabularySize: number;
  readonly memoryBytes: number;
  readonly #ops: Ops;
  readonly #spec: NetworkSpec;
  readonly #tensors: Map<string, Tensor>;
  readonly #prepared: Prepared;
  /** [layer, (h, c), H] of each slot. */
  readonly #states: Float32Array[];
  readonly #logits: Float32Array;

  constructor(ops: Ops, spec: NetworkSpec, weights: Weights, { slots }: SamplingOptions) {
    assertNetwork(spec);
    if (!Number.isInteger(slots) || slots < 1) throw new RangeError(`slots must be 1 or more, not ${slots}`);
    this.slots = slots;
    this.vocabularySize = spec.vocabularySize;
    this.#ops = ops;
    this.#spec = spec;
    this.#tensors = writeTensors(ops, spec, weights);
    this.#prepared = ops.tidy(() => prepare(ops, spec, this.#tensors));
    for (const tensor of this.#prepared.flat()) ops.keep(tensor);
    this.#states = Array.from({ length: slots }, () => new Float32Array(stateLength(spec, 1)));
    this.#logits = new Float32Array(slots * spec.vocabularySize);
    this.memoryBytes =
      bytesOf(parameterShapes(spec).values()) + 4 * (slots * stateLength(spec, 1) + this.#logits.length);
  }

  reset(slot: number): void {
    this.#stateOf(slot).fill(0);
  }

  step(
    slots: Int32Array,
    tokens: Int32Array,
    count: number,
    inputs: readonly Float32Array[] = NO_INPUTS,
  ): Float32Array {
    const chosen = slots.subarray(0, count);
    const ids = tokens.subarray(0, count);
    if (chosen.length !== count || ids.length !== count)
      throw new RangeError(`${count} slots and tokens are not there`);
    if (new Set(chosen).size !== count) throw new RangeError('a slot is named twice');
    for (const slot of chosen) this.#stateOf(slot);
    if (inputs.some((row) => row.length !== this.#spec.embeddingSize))
      throw new RangeError(`an input has ${this.#spec.embeddingSize} numbers`);
    if (ids.some((id) => id < 0 || id >= this.vocabularySize + inputs.length))
      throw new RangeError(`a token id is outside the vocabulary of ${this.vocabularySize}`);
    for (let from = 0; from < count; from += ROWS)
      this.#stepRows(chosen.subarray(from, from + ROWS), ids.subarray(from, from + ROWS), from, inputs);
    return this.#logits.subarray(0, count * this.vocabularySize);
  }

  readState(slot: number): Float32Array {
    return this.#stateOf(slot).slice();
  }

  writeState(slot: number, state: Float32Array): void {
    requireState(this.#spec, 1, state);
    this.#stateOf(slot).set(state);
  }

  async close(): Promise<void> {
    disposeAll([...this.#tensors.values(), ...this.#prepared.flat()]);
  }

  /** At most `ROWS` slots; rows to spare are fed id 0 and forgotten. */
  #stepRows(slots: Int32Array, tokens: Int32Array, from: number, inputs: readonly Float32Array[]): void {
    const [ops, spec, H] = [this.#ops, this.#spec, this.#spec.rnnSize];
    const ids = new Int32Array(ROWS);
    ids.set(tokens);
    const before = new Float32Array(stateLength(spec, ROWS));
    slots.forEach((slot, row) => {
      const state = this.#states[slot]!;
      for (let part = 0; part * H < state.length; part++)
        before.set(state.subarray(part * H, (part + 1) * H), (part * ROWS + row) * H);
    });
    ops.tidy(() => {
      const start = writeState(ops, spec, ROWS, before);
      const pass = {
        ids: ops.ids(ids),
        seqLength: 1,
        tensors: this.#tensors,
        prepared: this.#prepared,
        start,
        ...(inputs.length > 0 && { inputs: this.#inputRows(inputs) }),
      };
      const { logits, end } = forward(ops, spec, pass);
      disposeAll(start.flat());
      const values = readFloats(logits).subarray(0, slots.length * this.vocabularySize);
      this.#logits.set(values, from * this.vocabularySize);
      const after = readState(spec, ROWS, end);
      slots.forEach((slot, row) => {
        const state = this.#states[slot]!;
        for (let part = 0; part * H < state.length; part++)
          state.set(after.subarray((part * ROWS + row) * H, (part * ROWS + row + 1) * H), part * H);
      });
      return [];
    });
  }

  #inputRows(inputs: readonly Float32Array[]): Tensor {
    const E = this.#spec.embeddingSize;
    const rows = new Float32Array(inputs.length * E);
    for (const [k, row] of inputs.entries()) rows.set(row, k * E);
    return this.#ops.floats(rows, [inputs.length, E]);
  }

  #stateOf(slot: number): Float32Array {
    const state = this.#states[slot];
    if (!state) throw new RangeError(`slot ${slot} is not below ${this.slots}`);
    return state;
  }
}
