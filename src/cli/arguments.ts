/** Command lines by commander, with its complaints in the person's language. */
import { Command, CommanderError, Option } from 'commander';
import { UserError } from '../errors.ts';
import type { Locale, Localized } from '../strings/index.ts';

export interface OptionText {
  /** As commander writes them: `--rnn-size <n>`. */
  readonly flags: string;
  readonly text: Localized;
  /** What holds when the option is left out, as people read it. */
  readonly fallback?: string;
}

/** An option's text from its flags, its meaning in Korean and in English, and the default under its name. */
export function optionText(
  [flags, ko, en]: readonly [flags: string, ko: string, en: string],
  defaults: Readonly<Record<string, unknown>>,
): OptionText {
  const name = new Option(flags).attributeName();
  const fallback = defaults[name];
  return { flags, text: { ko, en }, ...(fallback !== undefined && { fallback: String(fallback) }) };
}

export interface ScriptText {
  /** `npm run train --`. */
  readonly usage: string;
  readonly text: Localized;
  readonly options: readonly OptionText[];
}

/**
 * The options that were given, by their names in camel case; those that were not are absent. `--help` prints
 * and throws commander's error with exit code 0. Throws a `UserError` on what is no option.
 */
export function parseArguments(
  script: ScriptText,
  argv: readonly string[],
  locale: Locale,
): Record<string, unknown> {
  const command = new Command(script.usage)
    .description(script.text[locale])
    .helpOption('-h, --help', { ko: '이 도움말을 보여 줍니다', en: 'show this help' }[locale])
    .configureOutput({ writeErr: () => {} })
    .allowExcessArguments(false)
    .exitOverride();
  for (const { flags, text, fallback } of script.options) {
    const word = { ko: '기본값', en: 'default' }[locale];
    const suffix = fallback === undefined ? '' : ` (${word}: ${fallback})`;
    command.addOption(new Option(flags, text[locale] + suffix));
  }
  try {
    command.parse(argv, { from: 'user' });
  } catch (error) {
    throw error instanceof CommanderError ? translated(error, command) : error;
  }
  return command.opts();
}

function translated(error: CommanderError, command: Command): Error {
  const named = /'([^']*)'/.exec(error.message)?.[1] ?? '';
  switch (error.code) {
    case 'commander.unknownOption': {
      const allowed = command.options.map(({ long }) => long).join(' ');
      return new UserError('flagUnknown', { option: named, allowed });
    }
    case 'commander.optionMissingArgument':
      return new UserError('flagWithoutValue', { option: named.split(' ')[0]! });
    case 'commander.excessArguments':
      return new UserError('argumentUnexpected', { argument: command.args.join(' ') });
    default:
      return error;
  }
}
