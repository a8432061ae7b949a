/** `npm run evaluate`: the loss of a checkpoint on a part of a text. */
import { evaluate } from '../src/cli/evaluate.ts';
import { readEvaluateOptions } from '../src/cli/evaluate-options.ts';
import { runScript } from '../src/cli/run.ts';
import { readConfig } from '../src/config.ts';

await runScript(async () => {
  const config = readConfig();
  const { locale } = config;
  const options = readEvaluateOptions(process.argv.slice(2), locale);
  const { figures, unseen } = await evaluate(options, config);
  if (unseen > 0) {
    const note = {
      ko: `네트워크가 모르는 문자가 ${unseen}종 있습니다.`,
      en: `${unseen} distinct characters are unknown to the network`,
    };
    process.stderr.write(`${note[locale]}\n`);
  }
  if (options.json) console.log(JSON.stringify(figures));
  else for (const [name, value] of Object.entries(figures)) console.log(`${name.padEnd(21)} ${value}`);
  return 0;
});
