/** `npm run sample`: lyrics from a checkpoint. */
import { runScript } from '../src/cli/run.ts';
import { readSampleOptions } from '../src/cli/sample-options.ts';
import { listenForStop } from '../src/cli/signals.ts';
import { engineOrder, readConfig } from '../src/config.ts';
import { chooseEngine } from '../src/engine/index.ts';
import { type SampleRequest, type SampleResult, Sampler } from '../src/sampling/sampler.ts';
import { loadCheckpoint } from '../src/store/checkpoints.ts';
import { ui } from '../src/strings/ui.ts';

const MOST_SLOTS = 16;
/** As songs are parted in the texts that networks learn from. */
const BETWEEN_LYRICS = '\n\n\n';

await runScript(async () => {
  const config = readConfig();
  const { locale } = config;
  const words = ui(locale);
  const order = readSampleOptions(process.argv.slice(2), locale);
  const checkpoint = await loadCheckpoint(order.model);
  const { engine } = await chooseEngine(engineOrder(config));
  const slots = Math.min(order.requests.length, MOST_SLOTS);
  const sampler = await Sampler.create(engine, checkpoint, { slots });
  const stop = listenForStop();

  // A single lyric appears on a terminal as it is sung; a reader of a pipe gets each lyric whole.
  const streams = process.stdout.isTTY && order.requests.length === 1 && !order.json;
  if (streams) process.stdout.write(order.requests[0]!.primeText);
  const lyrics = order.requests.map((request) =>
    sampler.sample({ ...request, signal: stop.signal }, (piece) => {
      if (streams) process.stdout.write(piece);
    }),
  );
  const unseen = (await lyrics[0]!).unseen;
  if (unseen.length > 0) process.stderr.write(`${words.unseen(unseen)}\n`);
  for (const [i, lyric] of lyrics.entries()) {
    const request = order.requests[i]!;
    const result = await lyric;
    if (order.json) console.log(JSON.stringify(record(order.model, request, result)));
    else console.log(`${i > 0 ? BETWEEN_LYRICS : ''}${streams ? '' : request.primeText + result.text}`);
    if (!order.json) process.stderr.write(`${words.seed} ${request.seed}\n`);
  }
  await sampler.close();
  return stop.exitCode;
});

/** What is needed to have the lyric again, and the lyric. */
function record(model: string, request: SampleRequest, { text, characters, unseen, end }: SampleResult) {
  const { primeText, temperature, seed, argmax, topK, topP, recall } = request;
  const settings = argmax ? { sample: 0, recall } : { temperature, seed, top_k: topK, top_p: topP, recall };
  return { model, prime_text: primeText, text, characters, end, unseen, ...settings };
}
