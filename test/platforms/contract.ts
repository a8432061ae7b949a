/**
 * What holds for every command on every platform. A new command needs one line in `CASES`; without it the
 * suite fails. Wrong options, missing rights, rates and mentions follow from its definition.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Command } from '../../src/commands/command.ts';
import { createCommands } from '../../src/commands/index.ts';
import { allowedValues, type Option } from '../../src/commands/option.ts';
import type { Locale } from '../../src/strings/index.ts';
import type { Given, Open, Person, Stage } from './stages.ts';

/** The usual use of a command, and what is said then in Korean and in English. */
interface Case {
  readonly give?: Given;
  readonly says: readonly [RegExp, RegExp];
  /** In a new place its usual use is refused, in those words. */
  readonly refused?: true;
}

const songs = Array.from(
  { length: 60 },
  (_, i) => `그대를 기다리는 밤 ${i}\n바람이 분다\n사랑은 ${i * 31}\n\n`,
);
const SONGS = { name: 'songs.txt', bytes: Buffer.from(songs.join('')) };
const NO_MODEL = { name: 'broken.safetensors', bytes: Buffer.from('broken') };
const NO_JOB = [/학습이 없습니다/, /no such training|no training/] as const;

export const CASES: Readonly<Record<string, Case>> = {
  ballad: {
    give: { prime_text: '사랑은', length: 30, seed: 1 },
    says: [/사랑은[\s\S]*온도/, /사랑은[\s\S]*temperature/],
  },
  models: { says: [/ballad \(기본/, /ballad \(default/] },
  model: { give: { model: 'none-such', action: 'export' }, says: [/none-such/, /none-such/], refused: true },
  rollback: { says: [/ballad|모델/, /ballad|model/], refused: true },
  'import-model': {
    give: { file: NO_MODEL },
    says: [/broken\.safetensors/, /broken\.safetensors/],
    refused: true,
  },
  train: { give: { file: SONGS, epochs: 1 }, says: [/songs/, /songs/] },
  cancel: { says: NO_JOB, refused: true },
  pause: { says: NO_JOB, refused: true },
  resume: { says: NO_JOB, refused: true },
  settle: { give: { as: 'keep' }, says: NO_JOB, refused: true },
  settings: { give: { language: 'auto' }, says: [/이곳의 설정/, /used here/] },
  privacy: { says: [/메시지/, /messages/] },
  status: { says: [/메모리/, /memory/] },
  help: { says: [/도움말|ballad-help/, /help/] },
};

/** What Discord or Slack would take for a call, a link, markup or code. */
export const MENTIONS =
  '@everyone @here <@1> <@!1> <@&1> <#1> <!channel> <!here> <@U1|a> <http://a.b|c> ```js``` **b** ||s|| [a](http://b) &lt;@1&gt;';

const COMMANDS = createCommands({ maxLength: 5000, maxTrainingBytes: 100_000 });
const LOCALES: readonly Locale[] = ['ko', 'en'];
const TOO_MANY = { ko: /\d+초/, en: /try again in \d+ s/ };
const FOR_ADMINS = { ko: /관리자만/, en: /for admins/ };

export const everyCommandHasACase = (): void => {
  const names = COMMANDS.map(({ name }) => name);
  assert.deepEqual(
    names.filter((name) => !CASES[name]),
    [],
    'commands without a line in CASES',
  );
};

/** All of a platform, in a place of its own. */
export function testPlatform(open: Open): void {
  const cleanings: (() => Promise<void>)[] = [];
  const context = { after: (clean: () => Promise<void>) => void cleanings.unshift(clean) };
  let stage: Stage;
  let strict: Stage;
  before(async () => {
    stage = await open(context);
    strict = await open(context, 1);
  });
  after(async () => {
    for (const clean of cleanings) await clean();
  });
  const person = (locale: Locale, admin: boolean, name = admin ? 'admin' : 'member'): Person => ({
    locale,
    admin,
    name: name + locale,
  });

  /** What a command has begun must not change what the next one says. */
  const endJobs = async () => {
    const { training } = stage.services;
    for (const { id, place, state } of await training.list()) {
      if (['queued', 'running', 'paused'].includes(state)) await training.cancel(place, id);
    }
  };

  const known = new Map<Stage, number>();
  /** Of this command alone. */
  const newFaults = (on: Stage) => {
    const faults = on.faults().slice(known.get(on) ?? 0);
    known.set(on, on.faults().length);
    return faults;
  };

  for (const command of COMMANDS) {
    const { give = {}, says, refused } = CASES[command.name] ?? { says: [/never/, /never/] };
    describe(`/${command.name}`, () => {
      for (const [i, locale] of LOCALES.entries()) {
        const who = person(locale, command.admin);

        it(`is answered in its usual use (${locale})`, async () => {
          const answer = await stage.give(command, give, who);
          await endJobs();
          assert.equal(answer.outcome, refused ? 'refused' : 'answered', answer.text);
          assert.match(answer.text, says[i]!);
          if (answer.isPrivate !== undefined)
            assert.equal(answer.isPrivate, command.private === true || refused === true);
        });

        it(`refuses what its options do not allow, all at once (${locale})`, async () => {
          const [wrong, allowed] = wrongOptions(command, locale);
          const answer = await stage.give(command, { ...give, ...wrong }, who);
          assert.equal(answer.outcome, 'refused', answer.text);
          for (const words of allowed) assert.ok(answer.text.includes(words), `${words} in ${answer.text}`);
          if (answer.isPrivate !== undefined) assert.equal(answer.isPrivate, true);
        });

        it(`is for admins alone, if it is (${locale})`, async (t) => {
          if (!command.admin) return t.skip('it is for all');
          if (stage.isOpen !== true) return t.skip(stage.isOpen);
          const answer = await stage.give(command, give, person(locale, false));
          assert.equal(answer.outcome, 'refused', answer.text);
          assert.match(answer.text, FOR_ADMINS[locale]);
          assert.equal(answer.isPrivate, true);
        });

        it(`says how long to wait where there are too many commands (${locale})`, async (t) => {
          if (strict.isOpen !== true) return t.skip(strict.isOpen);
          const eager = person(locale, true, `eager${command.name.replace(/\W/g, '')}`);
          await strict.give(COMMANDS.find(({ name }) => name === 'help')!, {}, eager);
          const answer = await strict.give(command, give, eager);
          assert.equal(answer.outcome, 'refused', answer.text);
          assert.match(answer.text, TOO_MANY[locale]);
          assert.equal(answer.isPrivate, true);
        });
      }

      it('makes nobody’s text a mention', async () => {
        for (const [name, option] of Object.entries(command.options).filter(([, one]) => takesText(one))) {
          const most = option.type === 'text' ? option.maxLength : 100;
          const answer = await stage.give(
            command,
            { ...give, [name]: MENTIONS.slice(0, most) },
            person('en', true),
          );
          assert.notEqual(answer.outcome, 'failed', answer.text);
        }
        assert.deepEqual([...newFaults(stage), ...newFaults(strict)], []);
      });
    });
  }
}

const takesText = ({ type, hidden }: Option): boolean => !hidden && (type === 'text' || type === 'model');

/** Values that its options do not allow, and what must be said of each. Without such options: one that it does not have. */
function wrongOptions(command: Command, locale: Locale): [Given, string[]] {
  const wrong: Record<string, string | number> = {};
  const allowed: string[] = [];
  for (const [name, option] of Object.entries(command.options)) {
    const value = option.hidden ? undefined : wrongValue(option);
    if (value === undefined) continue;
    wrong[name] = value;
    allowed.push(allowedValues(option)[locale]);
  }
  return allowed.length > 0 ? [wrong, allowed] : [{ nothing: 1 }, []];
}

function wrongValue(option: Option): string | number | undefined {
  switch (option.type) {
    case 'integer':
    case 'number':
      return option.max + 1;
    case 'choice':
      return 'nonsense';
    case 'text':
      return option.maxLength < 1000 ? '가'.repeat(option.maxLength + 1) : undefined;
    default:
      return undefined;
  }
}
