/**
 * Draws one chart as a picture, in a thread of its own: the bot's does not stop meanwhile, and the fonts and the
 * renderer are gone from memory afterwards.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import { initWasm, Resvg } from '@resvg/resvg-wasm';
import { type Chart, chartSvg, FONT, SIZE } from './chart-svg.ts';

/** Pixels for each unit of the drawing. */
const ZOOM = 1.5;
const FONTS = ['400Regular/NanumGothic_400Regular.ttf', '700Bold/NanumGothic_700Bold.ttf'];

const { resolve } = createRequire(import.meta.url);
const [wasm, ...fonts] = await Promise.all(
  ['@resvg/resvg-wasm/index_bg.wasm', ...FONTS.map((file) => `@expo-google-fonts/nanum-gothic/${file}`)].map(
    (file) => readFile(resolve(file)),
  ),
);
await initWasm(wasm!);
const drawing = new Resvg(chartSvg(workerData as Chart), {
  fitTo: { mode: 'width', value: SIZE.width * ZOOM },
  font: { fontBuffers: fonts, defaultFontFamily: FONT, sansSerifFamily: FONT },
});
parentPort!.postMessage(drawing.render().asPng());
