/** What the reference engine's steppers share: tensor scopes, checks, copies. */
import * as tf from '@tensorflow/tfjs-core';
import { elements, type NetworkSpec, tensorShapes, type Weights } from '../../src/model/network.ts';

/** Tensor arithmetic on the cpu backend; every tensor made in it is freed. */
export function onCpu<T>(work: () => T): T {
  if (tf.getBackend() !== 'cpu') tf.setBackend('cpu');
  tf.engine().startScope();
  try {
    return work();
  } finally {
    tf.engine().endScope();
  }
}

export function requireLength(what: string, actual: number, expected: number): void {
  if (actual !== expected) throw new RangeError(`${what}: ${actual} numbers instead of ${expected}`);
}

export function requireIds(what: string, ids: Int32Array, least: number, limit: number): void {
  for (const id of ids)
    if (id < least || id >= limit) throw new RangeError(`${what}: id ${id} is not below ${limit}`);
}

export function copyWeights(spec: NetworkSpec, weights: Weights): Map<string, Float32Array> {
  const copy = new Map<string, Float32Array>();
  for (const [name, shape] of tensorShapes(spec)) {
    requireLength(name, weights.get(name)?.length ?? 0, elements(shape));
    copy.set(
      name,
      spec.tied && name === 'output.weight' ? copy.get('embedding.weight')! : weights.get(name)!.slice(),
    );
  }
  return copy;
}
