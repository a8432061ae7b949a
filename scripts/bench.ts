/** `npm run bench`: speed and memory beside PyTorch and TensorFlow.js, measured in turn on this machine. */
import { runScript } from '../src/cli/run.ts';
import { readConfig } from '../src/config.ts';
import { readBenchOptions } from './bench/options.ts';
import { writeReport } from './bench/report.ts';
import { runBench } from './bench/run.ts';
import { resultText } from './bench/table.ts';
import { benchWords } from './bench/words.ts';

await runScript(async () => {
  const { locale } = readConfig();
  const options = readBenchOptions(process.argv.slice(2), locale);
  const words = benchWords(locale);
  const tell = (title: string) => void process.stderr.write(`${words.measuring(title)}\n`);
  if (options.report !== undefined) {
    await writeReport(options.report, options, tell);
    console.log(words.written(options.report));
    return 0;
  }
  const result = await runBench(options, tell);
  console.log(options.json ? JSON.stringify(result, null, 2) : resultText(result, locale));
  return 0;
});
