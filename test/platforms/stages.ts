/** The bot on each platform, over the real adapters: one way to give a command, one form for what is answered. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import type { Command, Services } from '../../src/commands/command.ts';
import { printOptions } from '../../src/commands/text.ts';
import { Dispatcher, type Outcome } from '../../src/platforms/dispatch.ts';
import { slackName } from '../../src/platforms/slack-names.ts';
import { Terminal } from '../../src/platforms/terminal.ts';
import type { Locale } from '../../src/strings/index.ts';
import { startTestBot } from '../discord/bot.ts';
import { PERMISSIONS, slash } from '../discord/people.ts';
import { snowflake } from '../discord/snowflake.ts';
import { TEAM } from '../slack/server.ts';
import { readable, Workspace } from '../slack/workspace.ts';
import { createTestServices } from '../support/services.ts';

interface Context {
  after(clean: () => Promise<void>): void;
}

export interface Upload {
  readonly name: string;
  readonly bytes: Uint8Array;
}
export type Given = Readonly<Record<string, string | number | Upload>>;

export interface Person {
  readonly locale: Locale;
  readonly admin: boolean;
  /** The same text is the same person. */
  readonly name: string;
}

/** What the person reads who gave a command. */
export interface Answer {
  readonly outcome: Outcome;
  readonly text: string;
  readonly lyrics: readonly string[];
  /** By label. */
  readonly facts: Readonly<Record<string, string>>;
  /** Undefined where nobody else is there. */
  readonly isPrivate: boolean | undefined;
}

export interface Stage {
  readonly name: string;
  readonly services: Services;
  /** Whether there are people without rights, and too many commands; otherwise why not. */
  readonly isOpen: true | string;
  give(command: Command, given: Given, person: Person): Promise<Answer>;
  /** What the platform would have refused, and texts that call somebody. */
  faults(): readonly string[];
}

export type Open = (context: Context, perUser?: number) => Promise<Stage>;

const isUpload = (value: string | number | Upload): value is Upload => typeof value === 'object';
/** As people write it; what the command does not have, too. */
function textOf(command: Command, given: Given): string {
  const texts = Object.entries(given).filter(([, value]) => !isUpload(value));
  const unknown = texts.filter(([name]) => !Object.hasOwn(command.options, name));
  const words = unknown.map(([name, value]) => `${name}:${value}`);
  return [printOptions(command, Object.fromEntries(texts)), ...words].join(' ').trim();
}

/** Lets a stage wait until what it causes is answered and delivered. */
function watch(dispatcher: Dispatcher): () => Promise<Outcome> {
  const waiting: ((outcome: Promise<Outcome>) => void)[] = [];
  const dispatch = dispatcher.dispatch.bind(dispatcher);
  dispatcher.dispatch = (request) => {
    const outcome = dispatch(request);
    waiting.shift()?.(outcome);
    return outcome;
  };
  return () => new Promise((resolve) => waiting.push(resolve));
}

export const openTerminal: Open = async (context, perUser = 1000) => {
  const bot = await createTestServices(context);
  const dispatcher = new Dispatcher({ ...bot, rateLimits: { perUser, perPlace: 1000 } });
  const next = watch(dispatcher);
  const { services, log, folder } = bot;
  let [written, lyrics] = ['', ''];
  const sink = (take: (text: string) => void) => new PassThrough().on('data', (data) => take(String(data)));
  const inputs = new Map<Locale, PassThrough>();
  for (const locale of ['ko', 'en'] as const) {
    const input = new PassThrough();
    inputs.set(locale, input);
    const output = sink((text) => {
      lyrics += text;
      written += text;
    });
    const errors = sink((text) => {
      written += text;
    });
    const terminal = new Terminal({ input, output, errors }, locale, folder);
    await terminal.start({ dispatcher, services, log, leave: () => {} });
    context.after(() => terminal.stop());
  }
  return {
    name: 'the terminal',
    services,
    isOpen: 'who sits at the terminal is the owner',
    async give(command, given, { locale }) {
      [written, lyrics] = ['', ''];
      const files = Object.values(given).filter(isUpload);
      for (const { name, bytes } of files) await writeFile(path.join(folder, name), bytes);
      const paths = files.map(({ name }) => path.join(folder, name));
      const outcome = next();
      inputs.get(locale)!.write(`/${command.name} ${[...paths, textOf(command, given)].join(' ')}\n`);
      const ended = await outcome;
      await new Promise(setImmediate);
      return {
        outcome: ended,
        text: written.trim(),
        lyrics: lyrics.trim().split('\n\n\n'),
        facts: factsIn(written),
        isPrivate: undefined,
      };
    },
    faults: () => [],
  };
};

export const openDiscord: Open = async (context, perUser = 1000) => {
  const bot = await startTestBot(context, { deadlineMs: 30_000 });
  const dispatcher = new Dispatcher({ ...bot, rateLimits: { perUser, perPlace: 1000 } });
  bot.dispatcher.dispatch = (request) => dispatcher.dispatch(request);
  const next = watch(bot.dispatcher);
  const { server, services } = bot;
  const ids = new Map<string, string>();
  const plain = (text: string) => text.replace(/\\([\\*_~`|[\]<>#+-])/g, '$1');
  return {
    name: 'Discord',
    services,
    isOpen: true,
    async give(command, given, { locale, admin, name }) {
      if (!ids.has(name)) ids.set(name, snowflake());
      const options = Object.entries(given).map(([option, value]) => [
        option,
        isUpload(value) ? server.upload(value.name, value.bytes) : value,
      ]);
      const outcome = next();
      const one = slash(server, command.name, Object.fromEntries(options), {
        user: ids.get(name)!,
        locale: locale === 'ko' ? 'ko' : 'en-US',
        permissions: admin ? PERMISSIONS.manageGuild : PERMISSIONS.sendMessages,
      });
      const ended = await outcome;
      const embeds = one.answers.flatMap(({ body }) => body.embeds ?? []);
      const fields = embeds.flatMap(({ fields = [] }) => fields);
      return {
        outcome: ended,
        text: plain(one.text),
        lyrics: embeds.map(({ description = '' }) => plain(description).trimEnd()),
        facts: Object.fromEntries(fields.map(({ name: label, value }) => [label, plain(value)])),
        isPrivate: one.answers.length > 0 && one.answers.every((answer) => answer.isPrivate),
      };
    },
    faults: () => [
      ...server.faults,
      ...server.messages.flatMap(({ text }) => text.match(/(?<!\\)<[@#&!:].{0,20}/g) ?? []),
    ],
  };
};

export const openSlack: Open = async (context, perUser = 1000) => {
  const rateLimits = { perUser, perPlace: 1000 };
  const w = await Workspace.open(context, { rateLimits });
  const next = watch(w.dispatcher);
  const { server, services } = w;
  const escaped = (text: string) =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return {
    name: 'Slack',
    services,
    isOpen: true,
    async give(command, given, { locale, admin, name }) {
      const user = `U${name.toUpperCase()}`;
      server.users.set(user, { team_id: TEAM, locale: locale === 'ko' ? 'ko-KR' : 'en-US', is_admin: admin });
      const before = server.messages.length;
      const views = server.views.length;
      const outcome = next();
      let ended: Outcome | undefined;
      void outcome.then((one) => {
        ended = one;
      });
      await w.command(`/${slackName(command.name)}`, escaped(textOf(command, given)), { user });
      await w.until(() => ended ?? server.views.length > views);
      if (server.views.length > views) {
        const values = Object.entries(given).map(([option, value]): [string, string | object[]] => {
          if (!isUpload(value)) return [option, String(value)];
          const id = server.id('F');
          server.files.set(id, value);
          return [option, [server.describeFile(id)]];
        });
        await w.submit(Object.fromEntries(values), { user });
      }
      const result = await outcome;
      const answers = server.messages.slice(before).filter(({ deleted }) => !deleted);
      return {
        outcome: result,
        text: answers.map(readable).join('\n'),
        lyrics: answers.flatMap(({ blocks }) => lyricsIn(blocks)),
        facts: factsIn(answers.map(readable).join('\n')),
        isPrivate: answers.length > 0 && answers.every((answer) => answer.user === user),
      };
    },
    faults: () => server.violations,
  };
};

/** `model ballad · temperature 0.9`, wherever it stands. */
function factsIn(text: string): Record<string, string> {
  const line = text.split('\n').findLast((one) => one.includes(' · ')) ?? '';
  const facts = line.split(' · ').map((fact): [string, string] => {
    const space = fact.indexOf(' ');
    return [fact.slice(0, space), fact.slice(space + 1)];
  });
  return Object.fromEntries(facts);
}

/** Sections between dividers. */
function lyricsIn(blocks: readonly Readonly<Record<string, unknown>>[]): string[] {
  const lyrics = [''];
  for (const { type, text } of blocks) {
    if (type === 'divider') lyrics.push('');
    if (type === 'section') lyrics.push(lyrics.pop() + (text as { text: string }).text);
  }
  return lyrics.map((lyric) =>
    lyric.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&').trimEnd(),
  );
}
