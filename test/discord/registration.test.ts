/** The commands as Discord registers them, and completion while people type. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Command, defineCommand } from '../../src/commands/command.ts';
import { createCommands } from '../../src/commands/index.ts';
import { UserError } from '../../src/errors.ts';
import { registerCommands } from '../../src/platforms/discord.ts';
import { commandBodies, gatherOptions } from '../../src/platforms/discord-commands.ts';
import { writeCheckpoint } from '../support/checkpoint.ts';
import { startServer, startTestBot, until } from './bot.ts';
import { commandFaults } from './command-faults.ts';
import { type } from './people.ts';
import { type DiscordServer, TOKEN } from './server.ts';

const COMMANDS = createCommands({ maxLength: 1000, maxTrainingBytes: 1 });
const register = (server: DiscordServer, commands: readonly Command[], more = {}) =>
  registerCommands(commands, {
    token: TOKEN,
    apiUrl: server.apiUrl,
    applicationId: undefined,
    guildId: undefined,
    ...more,
  });
const puts = ({ requests }: DiscordServer) => requests.filter((request) => request.startsWith('PUT')).length;

const uploads = (most: number): Command =>
  defineCommand({
    name: 'uploads',
    koreanName: '올리기',
    description: { ko: '올립니다', en: 'uploads' },
    admin: false,
    options: {
      note: { type: 'text', koreanName: '메모', description: { ko: '메모', en: 'note' }, maxLength: 10 },
      file: {
        type: 'files',
        most,
        required: true,
        koreanName: '파일',
        description: { ko: '파일', en: 'file' },
      },
    },
    run: async () => {},
  });

describe('registration', () => {
  it('sends the commands once, and again only when they have changed', async (t) => {
    const server = await startServer(t);
    for (const guildId of [undefined, server.guild]) {
      const before = puts(server);
      assert.equal(await register(server, COMMANDS, { guildId }), true);
      assert.equal(await register(server, COMMANDS, { guildId }), false);
      assert.equal(puts(server), before + 1);
      const changes: readonly Command[][] = [
        [...COMMANDS.slice(1)],
        [
          {
            ...COMMANDS[0]!,
            description: { ko: '바뀜', en: 'Writes a lyric that goes on from a first line' },
          },
        ],
        [{ ...COMMANDS[0]!, admin: true }],
        [uploads(1)],
        [uploads(2)],
        [],
      ];
      for (const changed of changes) {
        assert.equal(await register(server, changed, { guildId }), true);
        assert.equal(await register(server, changed, { guildId }), false);
      }
    }
    assert.deepEqual(server.faults, []);
  });

  it('says what Discord needs to know: names in Korean, bounds, who and where', () => {
    const bodies = commandBodies(COMMANDS, 'global');
    assert.deepEqual(commandFaults(bodies, 'global'), []);
    assert.deepEqual(commandFaults(commandBodies([...COMMANDS, uploads(3)], 'guild'), 'guild'), []);
    const named = (name: string) => bodies.find((body) => body.name === name)!;
    const options = (name: string) =>
      new Map((named(name).options as Record<string, unknown>[]).map((option) => [option.name, option]));
    assert.deepEqual(named('ballad').name_localizations, { ko: '발라드' });
    assert.deepEqual(named('ballad').contexts, [0, 1]);
    assert.equal(named('ballad').default_member_permissions, null);
    const { type: kind, min_value, max_value, name_localizations } = options('ballad').get('temperature')!;
    assert.deepEqual([kind, min_value, max_value, name_localizations], [10, 0.1, 2, { ko: '온도' }]);
    assert.equal(options('ballad').get('model')!.autocomplete, true);
    assert.equal(options('ballad').has('from'), false, 'what only buttons give');
    assert.equal(options('train').get('file')!.type, 11);
    for (const { name, admin } of COMMANDS) {
      assert.equal(named(name).default_member_permissions, admin ? '32' : null, name);
      assert.deepEqual(named(name).contexts, admin ? [0] : [0, 1], name);
    }
  });

  it('puts required options first, and takes as many files as an option has', () => {
    const [body] = commandBodies([uploads(2)], 'global');
    const options = body!.options as Record<string, unknown>[];
    assert.deepEqual(
      options.map(({ name, required }) => [name, required === true]),
      [
        ['file', true],
        ['note', false],
        ['file_2', false],
      ],
    );
    const file = { name: 'a.txt', read: async () => new Uint8Array() };
    const gathered = gatherOptions(uploads(2), { file: [file], file_2: [file], note: 'x', other: 1 });
    assert.deepEqual(gathered, { file: [file, file], note: 'x', other: 1 });
  });

  it('says what to do about a wrong token, a foreign guild and a server that is not there', async (t) => {
    const server = await startServer(t);
    const isError = (code: string) => (error: unknown) => error instanceof UserError && error.code === code;
    await assert.rejects(register(server, COMMANDS, { token: 'wrong' }), isError('discordToken'));
    const guildId = '999999999999999999';
    await assert.rejects(register(server, COMMANDS, { guildId }), isError('discordRegistration'));
    const apiUrl = 'http://127.0.0.1:1/api';
    await assert.rejects(register(server, COMMANDS, { apiUrl }), isError('discordUnreachable'));
  });
});

describe('completion', () => {
  it('offers the models that begin alike, at most 25', async (t) => {
    const { server, folder } = await startTestBot(t);
    await Promise.all(
      Array.from({ length: 30 }, (_, i) =>
        writeCheckpoint(folder, `노래${String(i).padStart(2, '0')}`, { rnnSize: 8 }),
      ),
    );
    const typed = (option: string, value: string) => type(server, 'ballad', option, value);
    const [all, one, none, number] = [
      typed('model', ''),
      typed('model', '노래0'),
      typed('model', 'x'),
      typed('temperature', '1'),
    ];
    await until(() => [all, one, none, number].every((each) => each.choices !== undefined), 'completions');
    assert.equal(all.choices!.length, 25);
    assert.equal(one.choices!.length, 10);
    assert.deepEqual([none.choices, number.choices], [[], []]);
    assert.deepEqual(server.faults, []);
  });
});
