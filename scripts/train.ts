/** `npm run train`: trains a network on a text. */
import { createReporter } from '../src/cli/progress.ts';
import { runScript } from '../src/cli/run.ts';
import { listenForStop } from '../src/cli/signals.ts';
import { readTrainOptions, resumeCommand } from '../src/cli/train-options.ts';
import { readConfig } from '../src/config.ts';
import { chooseEngine } from '../src/engine/index.ts';
import { gpuNotUsed } from '../src/strings/engine.ts';
import { train } from '../src/training/trainer.ts';

await runScript(async () => {
  const config = readConfig();
  const { locale } = config;
  const order = await readTrainOptions(process.argv.slice(2), config);
  const stop = listenForStop();
  const { engine, why } = await chooseEngine(order.engine);
  if (order.gpuWanted && engine.report.device !== 'GPU') process.stderr.write(`${gpuNotUsed(locale, why)}\n`);
  const choice = engine.trainingChoice();
  const reporter = createReporter(process.stdout, { ...order, locale });
  try {
    for await (const progress of train(order.job, { engine, choice, signal: stop.signal })) {
      reporter.report(progress);
      if (progress.type === 'stopped' && progress.reason === 'cancelled') {
        process.stderr.write(`${resumeCommand(order.job)[locale]}\n`);
        return stop.exitCode;
      }
    }
  } finally {
    reporter.close();
  }
  return 0;
});
