/** How near a training step comes to what the kernels' product reaches alone. */
import { GATES } from '../../src/model/network.ts';
import type { Profile } from './protocol.ts';
import type { Shape } from './work.ts';

/**
 * Floating-point operations of the matrix products of a training step: 2 a weight and position forward, 4
 * backward (gradients of inputs and of weights). All else in a step is a few percent of that.
 */
export function stepFlops(shape: Shape): number {
  const { numLayers, rnnSize: H, embeddingSize: E, vocabularySize: V, batchSize, seqLength } = shape;
  const first = GATES[shape.cell] * H * (E + H);
  const others = (numLayers - 1) * GATES[shape.cell] * H * 2 * H;
  return 6 * (first + others + V * H) * batchSize * seqLength;
}

export interface ProductShare {
  /** Of the thread's time. */
  readonly share: number;
  /** Reached inside of products, on one thread. */
  readonly gigaflops: number;
}

/** @param flops of the whole step, of which the profiled thread does its part. */
export function productShare({ parts, seconds }: Profile, flops: number, threads: number): ProductShare {
  const products = parts.filter(({ kernel }) => /product/i.test(kernel));
  const share = products.reduce((sum, part) => sum + part.share, 0);
  return { share, gigaflops: flops / threads / (share * seconds) / 1e9 };
}
