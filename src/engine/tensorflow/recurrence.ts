/** What a recurrent layer must be able to do, whatever its cell. Sequences are [T * B, n], time-major. */
import type { Ops } from './ops.ts';
import type { Tensor } from './tfjs.ts';

/** PyTorch's tensors of one layer: `ih` [G * H, in], `hh` [G * H, H], biases [G * H]. */
export interface LayerTensors {
  readonly weightIh: Tensor;
  readonly weightHh: Tensor;
  readonly biasIh: Tensor;
  readonly biasHh: Tensor;
}

/** T steps of B rows through one layer. */
export interface LayerInput {
  readonly weights: LayerTensors;
  /** What `prepare` made of the weights. */
  readonly prepared: readonly Tensor[];
  /** [T * B, in] */
  readonly x: Tensor;
  /** The carried state: h [B, H], and c [B, H] of the LSTM. */
  readonly start: readonly Tensor[];
  readonly seqLength: number;
}

export interface LayerOutput {
  /** h of all steps [T * B, H]. */
  readonly h: Tensor;
  /** The state after the last step, as `start`. */
  readonly end: readonly Tensor[];
  /** What `backward` needs; the cell's own affair. */
  readonly saved: readonly Tensor[];
}

export interface LayerGradients extends LayerTensors {
  /** By the input [T * B, in]. */
  readonly x: Tensor;
}

export interface Recurrence {
  /** The weights as the cell's ops take them: once for both halves of a step, and for all steps of a lyric. */
  prepare(ops: Ops, weights: LayerTensors): readonly Tensor[];
  forward(ops: Ops, input: LayerInput): LayerOutput;
  /** @param dh gradient by h of all steps [T * B, H]; none comes from beyond the last step. */
  backward(ops: Ops, input: LayerInput, output: LayerOutput, dh: Tensor): LayerGradients;
}
