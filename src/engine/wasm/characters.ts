/**
 * What of a training step depends on a row's character alone: its embedding and layer 0's input product. A batch holds
 * each character many times, so both are made once for each different character and spread over the rows; backward,
 * the rows' gradients are summed by character first. Dropout of the embedding is drawn once a step and character
 * (DropConnect on the embedding matrix), which is what allows it.
 */

import { panelsOf, ROW } from './parameters.ts';
import { type Pass, placeAt, productInParts, rowsAt } from './pass.ts';
import { share, weightGroups } from './plan.ts';

const tableName = (tied: boolean) => (tied ? 'output.weight' : 'embedding.weight');

/** This thread's rows of the different characters: [first, count]. */
function ownCharacters({ characters, thread, plan }: Pass): readonly [number, number] {
  const [from, to] = share(characters, thread, plan.threads);
  return [from, to - from];
}

const placesAt = ({ plan }: Pass, from: number): number => plan.places + plan.seqLength * from * 4;

/** Embeddings and layer 0's gate inputs (biases included) of this thread's share of the characters. */
export function projectCharacters(pass: Pass): void {
  const { kernels: k, plan } = pass;
  const { embedded, projected, spec } = plan;
  const [first, count] = ownCharacters(pass);
  if (count === 0) return;
  const ids = plan.characters + first * 4;
  const x = embedded.at + first * ROW;
  const gather = spec.tied ? k.gatherColumns : k.gatherRows;
  gather(count, embedded.panels, ids, placeAt(plan, plan.weights, tableName(spec.tied)), x, embedded.stride);
  dropCharacters(pass, ids, count, x);
  const H = panelsOf(spec.rnnSize);
  const biasIh = placeAt(plan, plan.weights, 'rnn.bias_ih_l0');
  const biasHh = placeAt(plan, plan.weights, 'rnn.bias_hh_l0');
  const c = projected.at + first * ROW;
  // the reset gate of the GRU scales the recurrent part of n, which keeps its bias to itself
  const both = spec.cell === 'gru' ? 2 * H : projected.panels;
  k.fillRows(count, both, biasIh, biasHh, c, projected.stride);
  if (spec.cell === 'gru') {
    k.fillRows(count, H, biasIh + both * ROW, 0, c + both * projected.stride, projected.stride);
  }
  const weight = placeAt(plan, plan.weights, 'rnn.weight_ih_l0');
  const bytes = embedded.panels * 16 * ROW;
  k.product(count, embedded.panels, projected.panels, x, embedded.stride, weight, bytes, c, projected.stride);
}

/** Drops elements of the characters' rows at `x`: by character, not by place, so that the order does not matter. */
function dropCharacters({ kernels, plan, dropout }: Pass, ids: number, count: number, x: number): void {
  if (!dropout) return;
  const { panels, stride } = plan.embedded;
  kernels.dropoutRows(
    count,
    panels,
    x,
    stride,
    x,
    stride,
    0,
    ids,
    dropout.key,
    dropout.threshold,
    dropout.scale,
  );
}

/** Layer 0's gate inputs of the thread's rows. Every thread's characters must be projected. */
export function spreadProjection(pass: Pass): void {
  const { kernels, plan } = pass;
  const { projected, seqLength: T, spec } = plan;
  const { gates } = plan.layers[0]!;
  const c = rowsAt(pass, gates, 0, T);
  const rows = T * pass.rows;
  kernels.spreadRows(
    rows,
    projected.panels,
    placesAt(pass, pass.from),
    projected.at,
    projected.stride,
    c,
    gates.stride,
  );
  if (spec.cell === 'gru') {
    const H = panelsOf(spec.rnnSize);
    const biasHh = placeAt(plan, plan.weights, 'rnn.bias_hh_l0');
    kernels.fillRows(rows, H, biasHh + 2 * H * ROW, 0, c + 3 * H * gates.stride, gates.stride);
  }
}

/** Sums the gate gradients of all rows by character, for `count` panels from `first` on. */
export function sumByCharacter({ kernels, plan, characters }: Pass, first: number, count: number): void {
  const { projected, seqLength: T, batchSize } = plan;
  const { gates } = plan.layers[0]!;
  const target = projected.at + first * projected.stride;
  kernels.zeroRows(characters, count, target, projected.stride);
  const source = gates.at + first * gates.stride;
  kernels.gatherSums(T * batchSize, count, plan.places, target, projected.stride, source, gates.stride);
}

/** Gradient of the embedding for this thread's characters, from the sums of all panels. Other rows are zero already. */
export function embeddingGradient(pass: Pass): void {
  const { kernels: k, plan } = pass;
  const { projected, dEmbedded, spec } = plan;
  const [first, count] = ownCharacters(pass);
  if (count === 0) return;
  const ids = plan.characters + first * 4;
  const dx = dEmbedded.at + first * ROW;
  k.zeroRows(count, dEmbedded.panels, dx, dEmbedded.stride);
  const d = projected.at + first * ROW;
  const { inputTransposed } = plan.layers[0]!;
  const gatePanels = weightGroups(spec) * panelsOf(spec.rnnSize);
  productInParts(k, count, gatePanels, d, projected.stride, inputTransposed, dx, dEmbedded);
  dropCharacters(pass, ids, count, dx);
  const table = placeAt(plan, plan.gradients, tableName(spec.tied));
  if (spec.tied) k.addColumns(count, dEmbedded.panels, ids, dx, dEmbedded.stride, table);
  else k.putRows(count, dEmbedded.panels, ids, table, dx, dEmbedded.stride);
}
