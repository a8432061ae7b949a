/** The compiled kernels: loading a build, and what it exports (src/kernels has the meaning of each argument). */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { KERNELS_DIR } from '../../paths.ts';

/** Addresses are bytes in the shared memory; strides are bytes between panels. */
export interface Kernels {
  product(
    rows: number,
    kPanels: number,
    nPanels: number,
    a: number,
    aStride: number,
    b: number,
    bStride: number,
    c: number,
    cStride: number,
  ): void;
  gradientProduct(
    rows: number,
    aPanels: number,
    nPanels: number,
    a: number,
    aStride: number,
    b: number,
    bStride: number,
    c: number,
    sums: number,
  ): void;
  transposePanels(
    nPanels: number,
    kPanels: number,
    source: number,
    target: number,
    targetStride: number,
  ): void;
  lstmForward(
    rows: number,
    panels: number,
    gates: number,
    gateStride: number,
    cPrevious: number,
    c: number,
    h: number,
    stateStride: number,
  ): void;
  lstmBackward(
    rows: number,
    panels: number,
    gates: number,
    gateStride: number,
    cPrevious: number,
    c: number,
    stateStride: number,
    dh: number,
    dhStride: number,
    dc: number,
    dcStride: number,
  ): void;
  gruForward(
    rows: number,
    panels: number,
    gates: number,
    gateStride: number,
    hPrevious: number,
    h: number,
    stateStride: number,
  ): void;
  gruBackward(
    rows: number,
    panels: number,
    gates: number,
    gateStride: number,
    hPrevious: number,
    stateStride: number,
    dh: number,
    dhPrevious: number,
    dhStride: number,
  ): void;
  rnnForward(
    rows: number,
    panels: number,
    gates: number,
    gateStride: number,
    h: number,
    stateStride: number,
  ): void;
  rnnBackward(
    rows: number,
    panels: number,
    gates: number,
    gateStride: number,
    dh: number,
    dhStride: number,
  ): void;
  fillRows(rows: number, panels: number, first: number, second: number, c: number, cStride: number): void;
  zeroRows(rows: number, panels: number, c: number, cStride: number): void;
  copyRows(
    rows: number,
    panels: number,
    source: number,
    sourceStride: number,
    target: number,
    targetStride: number,
  ): void;
  gatherRows(rows: number, panels: number, ids: number, table: number, x: number, xStride: number): void;
  putRows(rows: number, panels: number, ids: number, table: number, x: number, xStride: number): void;
  unpackRows(rows: number, panels: number, x: number, xStride: number, target: number, width: number): void;
  spreadRows(
    rows: number,
    panels: number,
    places: number,
    x: number,
    xStride: number,
    c: number,
    cStride: number,
  ): void;
  gatherSums(
    rows: number,
    panels: number,
    places: number,
    dx: number,
    dxStride: number,
    dc: number,
    dcStride: number,
  ): void;
  gatherColumns(rows: number, panels: number, ids: number, weights: number, x: number, xStride: number): void;
  addColumns(rows: number, panels: number, ids: number, dx: number, dxStride: number, weights: number): void;
  dropoutRows(
    rows: number,
    panels: number,
    source: number,
    sourceStride: number,
    target: number,
    targetStride: number,
    firstRow: number,
    ids: number,
    key: number,
    threshold: number,
    scale: number,
  ): void;
  softmaxLoss(
    rows: number,
    panels: number,
    targets: number,
    z: number,
    stride: number,
    scale: number,
  ): number;
  squaredNorm(count: number, g: number): number;
  adam(
    count: number,
    p: number,
    g: number,
    m: number,
    v: number,
    scale: number,
    limit: number,
    rate: number,
    beta1: number,
    beta2: number,
    root: number,
    epsilon: number,
    decay: number,
  ): void;
  rmsprop(
    count: number,
    p: number,
    g: number,
    v: number,
    scale: number,
    limit: number,
    rate: number,
    alpha: number,
    epsilon: number,
  ): void;
  quantizeRows(
    rows: number,
    panels: number,
    x: number,
    xStride: number,
    scale: number,
    target: number,
    targetStride: number,
  ): void;
  quantizeWeights(inputs: number, weights: number, target: number, scale: number): void;
  quantizedProduct(
    rows: number,
    kPanels: number,
    nPanels: number,
    a: number,
    aStride: number,
    b: number,
    scales: number,
    unit: number,
    c: number,
    cStride: number,
  ): void;
  largest(blocks: number, x: number): number;
  weigh(blocks: number, x: number, most: number, factor: number, sums: number): void;
  mixLogarithms(blocks: number, x: number, p: number, share: number, weight: number): void;
  barrier(threads: number, control: number): void;
  takeWork(counter: number): number;
  heapBase(): number;
}

/** Bytes at the start of a memory that hold the kernels' own constants (tables of the logarithm). */
export const RESERVED_BYTES = 16384;
export const PAGE_BYTES = 65536;
export const MAX_PAGES = 65536;

export function compileBuild(name: string): WebAssembly.Module {
  return new WebAssembly.Module(readFileSync(path.join(KERNELS_DIR, `${name}.wasm`)));
}

/** @throws RangeError where the machine cannot give that much memory. */
export function createMemory(bytes: number): WebAssembly.Memory {
  const pages = Math.ceil(bytes / PAGE_BYTES);
  if (pages > MAX_PAGES) {
    throw new RangeError(`the network needs ${Math.ceil(bytes / 1e6)} MB, more than the 4 GB of WebAssembly`);
  }
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
}

export function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  const abort = () => {
    throw new Error('kernel aborted');
  };
  const instance = new WebAssembly.Instance(module, { env: { memory, abort } });
  const kernels = instance.exports as unknown as Kernels;
  if (kernels.heapBase() > RESERVED_BYTES)
    throw new Error(`the kernels' constants take ${kernels.heapBase()} bytes`);
  return kernels;
}
