/** `npm run corpus-report`: what stands in a corpus of lyrics, and what repeats. */
import { dataOf } from '../src/cli/data.ts';
import { runScript } from '../src/cli/run.ts';
import { readConfig } from '../src/config.ts';
import { readCorpus } from '../src/training/corpus.ts';
import { readReportOptions } from './corpus/options.ts';
import { printReport } from './corpus/print-report.ts';
import { corpusReport } from './corpus/report.ts';

await runScript(async () => {
  const { locale, limits } = readConfig();
  const options = readReportOptions(process.argv.slice(2), locale);
  const { data } = await dataOf(options.dataDir);
  const { text } = await readCorpus({ file: data }, { maxBytes: limits.maxTrainingBytes });
  const figures = corpusReport(text);
  console.log(options.json ? JSON.stringify(figures) : printReport(figures));
  return 0;
});
