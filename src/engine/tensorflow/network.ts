/** The whole network forward and backward: embedding, recurrent layers, output. */
import type { Cell, NetworkSpec } from '../../model/network.ts';
import { lstmOf } from './lstm-choice.ts';
import type { Ops } from './ops.ts';
import { layerTensors, type Tensors } from './parameters.ts';
import type { LayerInput, LayerOutput, Recurrence } from './recurrence.ts';
import { gru, rnn } from './stepwise.ts';
import type { Tensor } from './tfjs.ts';

const recurrenceOf = (ops: Ops, cell: Cell): Recurrence => ({ lstm: lstmOf(ops).recurrence, gru, rnn })[cell];

/** Multiplies the embedding (site 0), a further layer's input (1..numLayers - 1) or the output's (numLayers). */
export type Mask = (site: number, shape: readonly number[]) => Tensor;

/** The recurrent layers' weights as their ops take them. */
export type Prepared = readonly (readonly Tensor[])[];

export interface Pass {
  /** The weights as this pass uses them: recurrent ones after their dropout. */
  readonly tensors: Tensors;
  /** What multiplied the recurrent weights, by layer; none without dropout of them. */
  readonly recurrentMasks?: readonly Tensor[];
  /** Token ids [T * B], time-major. */
  readonly ids: Tensor;
  /** Embeddings [n, E] of the ids V, V + 1, ...; sampling alone has any. */
  readonly inputs?: Tensor;
  readonly seqLength: number;
  /** By layer, from `prepare`. */
  readonly prepared: Prepared;
  /** The carried state by layer: h [B, H], and c [B, H] of the LSTM. */
  readonly start: readonly (readonly Tensor[])[];
  /** Dropout; none where undefined. */
  readonly mask?: Mask | undefined;
}

/** A pass with what its backward half needs. */
export interface Trace {
  /** [T * B, V] */
  readonly logits: Tensor;
  /** The state after the last step, as `start`. */
  readonly end: readonly (readonly Tensor[])[];
  readonly layers: readonly { readonly input: LayerInput; readonly output: LayerOutput }[];
  /** Input of the output matrix [T * B, H]. */
  readonly top: Tensor;
  readonly masks: readonly (Tensor | undefined)[];
}

const outputWeight = (spec: NetworkSpec, tensors: Tensors) =>
  tensors.get(spec.tied ? 'embedding.weight' : 'output.weight')!;

export function prepare(ops: Ops, spec: NetworkSpec, tensors: Tensors): Prepared {
  const layers = Array.from({ length: spec.numLayers }, (_, layer) => layerTensors(tensors, layer));
  return layers.map((weights) => recurrenceOf(ops, spec.cell).prepare(ops, weights));
}

export function forward(ops: Ops, spec: NetworkSpec, pass: Pass): Trace {
  const { tensors } = pass;
  const masks: (Tensor | undefined)[] = [];
  const masked = (x: Tensor, site: number) => {
    masks[site] = pass.mask?.(site, x.shape);
    return masks[site] ? ops.mul(x, masks[site]) : x;
  };
  const known = masked(tensors.get('embedding.weight')!, 0);
  let x = ops.gather(pass.inputs ? ops.concat([known, pass.inputs], 0) : known, pass.ids);
  const layers: { input: LayerInput; output: LayerOutput }[] = [];
  for (let layer = 0; layer < spec.numLayers; layer++) {
    const input = {
      weights: layerTensors(tensors, layer),
      prepared: pass.prepared[layer]!,
      x: layer === 0 ? x : masked(x, layer),
      start: pass.start[layer]!,
      seqLength: pass.seqLength,
    };
    const output = recurrenceOf(ops, spec.cell).forward(ops, input);
    layers.push({ input, output });
    x = output.h;
  }
  const top = masked(x, spec.numLayers);
  const logits = ops.linear(top, outputWeight(spec, tensors), tensors.get('output.bias')!);
  return { logits, end: layers.map(({ output }) => output.end), layers, top, masks };
}

/** Gradients by parameter name, from those of the logits [T * B, V]. */
export function backward(
  ops: Ops,
  spec: NetworkSpec,
  { ids, tensors, recurrentMasks }: Pass,
  { layers, top, masks }: Trace,
  dLogits: Tensor,
): Map<string, Tensor> {
  const gradients = new Map<string, Tensor>();
  const unmasked = (dx: Tensor, site: number) => (masks[site] ? ops.mul(dx, masks[site]) : dx);
  const dOutput = ops.matMul(dLogits, top, { transposeA: true });
  let dx = unmasked(ops.matMul(dLogits, outputWeight(spec, tensors)), spec.numLayers);
  for (let layer = spec.numLayers - 1; layer >= 0; layer--) {
    const { input, output } = layers[layer]!;
    const own = recurrenceOf(ops, spec.cell).backward(ops, input, output, dx);
    gradients.set(`rnn.weight_ih_l${layer}`, own.weightIh);
    const mask = recurrentMasks?.[layer];
    gradients.set(`rnn.weight_hh_l${layer}`, mask ? ops.mul(own.weightHh, mask) : own.weightHh);
    gradients.set(`rnn.bias_ih_l${layer}`, own.biasIh);
    gradients.set(`rnn.bias_hh_l${layer}`, own.biasHh);
    dx = layer === 0 ? own.x : unmasked(own.x, layer);
  }
  const dEmbedding = unmasked(ops.scatterSum(dx, ids, spec.vocabularySize), 0);
  gradients.set('embedding.weight', spec.tied ? ops.add(dEmbedding, dOutput) : dEmbedding);
  if (!spec.tied) gradients.set('output.weight', dOutput);
  gradients.set('output.bias', ops.sumRows(dLogits));
  return gradients;
}
