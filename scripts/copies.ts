/** `npm run copies`: how much of what a network writes stands in the text it learnt from. */
import { dataOf } from '../src/cli/data.ts';
import { runScript } from '../src/cli/run.ts';
import { engineOrder, readConfig } from '../src/config.ts';
import { chooseEngine } from '../src/engine/index.ts';
import { Sampler } from '../src/sampling/sampler.ts';
import { loadCheckpoint } from '../src/store/checkpoints.ts';
import { readCorpus } from '../src/training/corpus.ts';
import { partsOf } from '../src/training/prepare.ts';
import { comparedLines, compareSongs, SLOTS, sampleLines, TrainingText } from './corpus/copies.ts';
import { tableOf } from './corpus/copies-table.ts';
import { readCopiesOptions } from './corpus/options.ts';

await runScript(async () => {
  const config = readConfig();
  const { locale, limits } = config;
  const options = readCopiesOptions(process.argv.slice(2), locale);
  const checkpoint = await loadCheckpoint(options.model);
  const { data } = await dataOf(options.dataDir);
  const { text } = await readCorpus({ file: data }, { maxBytes: limits.maxTrainingBytes });
  const parts = partsOf(text, options.split);
  const { engine } = await chooseEngine(engineOrder(config));
  const sampler = await Sampler.create(engine, checkpoint, { slots: SLOTS });
  const { lines, lyrics } = await sampleLines(sampler, options).finally(() => sampler.close());

  const training = new TrainingText(parts.train);
  const sampled = compareSongs(training, lines, lyrics);
  const songs = [...parts.val, ...parts.test].map((segment) => segment.text);
  const heldOutLines = songs.flatMap(comparedLines);
  const heldOut = heldOutLines.length > 0 ? compareSongs(training, heldOutLines, songs) : null;
  const { model, temperature, seed } = options;
  if (options.json)
    console.log(
      JSON.stringify({ model, temperature, seed, lyrics: lyrics.length, sampled, held_out: heldOut }),
    );
  else console.log(tableOf({ sampled, ...(heldOut && { 'held out': heldOut }) }));
  return 0;
});
