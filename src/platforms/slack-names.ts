/**
 * What commands are called on Slack: `/` and ASCII, other than what Slack keeps for itself. What people read
 * names commands as they are called here.
 */
import type { Command } from '../commands/command.ts';

/** Before the names that Slack keeps for itself. */
const PREFIX = 'ballad-';

/** Slack's own commands, and `help`, which every app would want. */
const RESERVED: ReadonlySet<string> = new Set(
  [
    'active apps archive away call canvas close collapse dm dnd expand feed feedback giphy help huddle',
    'invite invite_people join keys kick leave list me msg mute open part poll prefs remind remove rename',
    'search shortcuts shrug star status todo topic unarchive who workflow',
  ].flatMap((line) => line.split(' ')),
);

/** A command's name on Slack, without the slash. */
export const slackName = (name: string): string => (RESERVED.has(name) ? PREFIX + name : name);

/** The name of the command that Slack knows as `slash` (with its slash, in any case). */
export function commandName(commands: readonly Command[], slash: string): string {
  const name = slash.replace(/^\//, '').toLowerCase();
  return commands.find((command) => slackName(command.name) === name)?.name ?? name;
}

/** Our own words with every command called as it is on Slack: `/status` and `/상태` become `/ballad-status`. */
export function inSlackNames(commands: readonly Command[], words: string): string {
  return words
    .replace(/(?<![\p{L}\p{N}/])\/([\p{L}_-]+)/gu, (given, name: string) => {
      const command = commands.find((one) => name === one.name) ?? longestBeginning(commands, name);
      if (!command) return given;
      const ending = name === command.name ? '' : name.slice(command.koreanName.length);
      return `/${slackName(command.name)}${ending}`;
    })
    .replace(/(\/[a-z-]+), \1(?![a-z-])/g, '$1');
}

/** The command with whose Korean name a word begins, particles after it: of `모델` and `모델관리` the longer. */
const longestBeginning = (commands: readonly Command[], word: string): Command | undefined =>
  commands
    .filter(({ koreanName }) => word.startsWith(koreanName))
    .sort((a, b) => b.koreanName.length - a.koreanName.length)[0];
