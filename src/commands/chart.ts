/** Charts as pictures. The renderer is loaded when one is drawn. */
import { Worker } from 'node:worker_threads';
import type { Chart } from './chart-svg.ts';

/** A fraction of a second; on a machine that trains with all its cores, half a minute. */
const PATIENCE_MS = 120_000;

/** A PNG of 1440 x 840 pixels. Rejects where the renderer fails. */
export async function drawChart(chart: Chart): Promise<Uint8Array> {
  const worker = new Worker(new URL('./chart-worker.js', import.meta.url), { workerData: chart });
  let impatience: NodeJS.Timeout | undefined;
  try {
    return await new Promise<Uint8Array>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', (code) => reject(new Error(`the renderer ended with code ${code}`)));
      impatience = setTimeout(() => reject(new Error('the renderer takes too long')), PATIENCE_MS);
    });
  } finally {
    clearTimeout(impatience);
    await worker.terminate();
  }
}
