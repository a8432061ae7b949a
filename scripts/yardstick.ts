/** `npm run yardstick`: trains on tinyshakespeare and measures by the rules of published figures. */
import { createReporter } from '../src/cli/progress.ts';
import { runScript } from '../src/cli/run.ts';
import { listenForStop } from '../src/cli/signals.ts';
import { engineOrder, readConfig } from '../src/config.ts';
import { chooseEngine } from '../src/engine/index.ts';
import { measureProtocol, readYardstick } from './yardstick/measure.ts';
import { readYardstickOptions } from './yardstick/options.ts';
import { resultText } from './yardstick/print.ts';

/** Of so many steps one is told. */
const PRINT_EVERY = 100;

await runScript(async () => {
  const config = readConfig();
  const { locale } = config;
  const { protocols, data, checkpointDir, threads, json } = readYardstickOptions(
    process.argv.slice(2),
    locale,
  );
  await readYardstick(data);
  const stop = listenForStop();
  const order = engineOrder(config);
  const { engine } = await chooseEngine({ ...order, threads: threads ?? order.threads });
  for (const { name: protocol, settings } of protocols) {
    const reporter = createReporter(process.stderr, { json: false, printEvery: PRINT_EVERY, locale });
    const { signal } = stop;
    const { report } = reporter;
    const result = await measureProtocol({
      protocol,
      settings,
      data,
      checkpointDir,
      engine,
      signal,
      report,
    }).finally(() => reporter.close());
    if (!result) return stop.exitCode;
    console.log(json ? JSON.stringify(result) : resultText(result, locale));
  }
  return 0;
});
