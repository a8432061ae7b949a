/** First address that the module's own constants leave free. */
export function heapBase(): usize { return __heap_base; }

// What a module exports: plain functions over addresses in the imported, shared memory. They hold no state.
export { product, gradientProduct, transposePanels } from './product';
export { lstmForward, lstmBackward } from './lstm';
export { gruForward, gruBackward } from './gru';
export { rnnForward, rnnBackward } from './rnn';
export {
  fillRows, zeroRows, copyRows, gatherRows, putRows, unpackRows, spreadRows, gatherSums, gatherColumns, addColumns, dropoutRows,
} from './rows';
export { softmaxLoss } from './loss';
export { squaredNorm, adam, rmsprop } from './optimizer';
export { quantizeRows, quantizeWeights, quantizedProduct } from './quantized';
export { largest, weigh, mixLogarithms } from './logits';
export { barrier, takeWork } from './sync';
