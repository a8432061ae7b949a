/** `npm run baselines`: what simple models and checkpoints lose on the same held-out parts of a text. */
import { dataOf } from '../src/cli/data.ts';
import { runScript } from '../src/cli/run.ts';
import { listenForStop } from '../src/cli/signals.ts';
import { engineOrder, readConfig } from '../src/config.ts';
import { chooseEngine } from '../src/engine/index.ts';
import { readCorpus } from '../src/training/corpus.ts';
import { partsOf } from '../src/training/prepare.ts';
import { type Baseline, checkpointBaselines, type Loss, statisticalBaselines } from './corpus/baselines.ts';
import { readBaselineOptions } from './corpus/options.ts';
import { table } from './corpus/print.ts';
import { charRnnSettings, trainedBaselines } from './corpus/trained.ts';

await runScript(async () => {
  const config = readConfig();
  const { locale } = config;
  const options = readBaselineOptions(process.argv.slice(2), locale);
  const { data, name } = await dataOf(options.dataDir);
  const { text } = await readCorpus({ file: data }, { maxBytes: config.limits.maxTrainingBytes });
  const parts = partsOf(text, options.split);
  const rows = statisticalBaselines(parts);
  if (options.train.length + options.model.length > 0) {
    const order = engineOrder(config);
    const threads = options.threads ?? order.threads;
    const { engine } = await chooseEngine({ ...order, threads });
    if (options.train.length > 0) {
      const stop = listenForStop();
      const settings = charRnnSettings(options.split, options.maxEpochs);
      const run = { data, name, text, parts, settings, engine, threads, signal: stop.signal, locale };
      rows.push(...(await trainedBaselines(options.train, run)));
      if (stop.signal.aborted) return stop.exitCode;
    }
    for (const file of options.model)
      rows.push(...(await checkpointBaselines(engine, file, parts, options.split)));
  }
  if (options.json) console.log(JSON.stringify({ data: name, split: options.split.split, models: rows }));
  else console.log(tableOf(rows));
  return 0;
});

function tableOf(rows: readonly Baseline[]): string {
  const cells = (loss: Loss | null) =>
    loss
      ? [loss.nats_per_char, loss.bits_per_char, loss.bits_per_byte].map((value) => value.toFixed(4))
      : ['-', '-', '-'];
  const heading = (part: string) => ['nats', 'bits', 'bits/byte'].map((unit) => `${part} ${unit}`);
  return table([
    ['model', ...heading('val'), ...heading('test')],
    ...rows.map(({ name, val, test }) => [name, ...cells(val), ...cells(test)]),
  ]);
}
