/** What Slack's side is made of, by itself: text, names, messages, the form, the manifest, edits and repetitions. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createCommands } from '../../src/commands/index.ts';
import type { Block, Message } from '../../src/commands/message.ts';
import { SlackApi } from '../../src/platforms/slack-api.ts';
import { EditBudget } from '../../src/platforms/slack-budget.ts';
import { Turns } from '../../src/platforms/slack-conversation.ts';
import { slackManifest } from '../../src/platforms/slack-manifest.ts';
import { renderPages } from '../../src/platforms/slack-message.ts';
import { commandName, inSlackNames, slackName } from '../../src/platforms/slack-names.ts';
import { Seen } from '../../src/platforms/slack-seen.ts';
import { escapedLength, escapeShort, escapeText, unescapeText } from '../../src/platforms/slack-text.ts';
import { errorText } from '../../src/strings/errors.ts';
import { checkResponse } from '../slack/checks.ts';

const commands = createCommands({ maxLength: 1000, maxTrainingBytes: 1e6 });
/** Text that is rich in what means something to Slack. */
const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom(...'<>&;@#!*_~`:|\n '.split('')),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
  ),
  maxLength: 200,
});

describe('text on Slack', () => {
  it('is escaped so that it comes back, and holds nothing that means something', () => {
    fc.assert(
      fc.property(text, (given) => {
        const escaped = escapeText(given);
        assert.equal(unescapeText(escaped), given);
        assert.doesNotMatch(escaped, /[<>]|&(?!(amp|lt|gt);)/);
        assert.equal(
          [...given].reduce((sum, character) => sum + escapedLength(character), 0),
          escaped.length,
        );
      }),
    );
  });

  it('is shortened between characters', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 6, max: 100 }), (given, limit) => {
        const short = escapeShort(given, limit);
        assert.ok(short.length <= limit);
        assert.doesNotMatch(short, /[<>]|&(?!(amp|lt|gt);)|[\uD800-\uDBFF]…$/);
        if (escapeText(given).length <= limit) assert.equal(unescapeText(short), given);
      }),
    );
  });
});

describe('names on Slack', () => {
  it('are ASCII, short, each another, and not Slack’s own', () => {
    const names = commands.map(({ name }) => `/${slackName(name)}`);
    for (const name of names) assert.match(name, /^\/[a-z0-9_-]{1,31}$/);
    assert.equal(new Set(names).size, names.length);
    assert.ok(
      names.includes('/ballad-status') && names.includes('/ballad-help') && names.includes('/ballad'),
    );
    for (const { name } of commands) assert.equal(commandName(commands, `/${slackName(name)}`), name);
  });

  it('stand in our words, particles after them kept, and nowhere else', () => {
    const named = (words: string) => inSlackNames(commands, words);
    assert.equal(named('/도움말에서 명령을 볼 수 있습니다'), '/ballad-help에서 명령을 볼 수 있습니다');
    assert.equal(named('/취소로 멈추십시오.'), '/cancel로 멈추십시오.');
    assert.equal(named('/모델에서 보고 /모델관리로 지우십시오.'), '/models에서 보고 /model로 지우십시오.');
    assert.equal(named('/모델가져오기로 /학습 파일'), '/import-model로 /train 파일');
    assert.equal(named('/help lists them, /status too'), '/ballad-help lists them, /ballad-status too');
    assert.equal(named('/상태, /status: 보기'), '/ballad-status: 보기');
    assert.equal(
      named('data/help /other a//status http://x/status'),
      'data/help /other a//status http://x/status',
    );
    for (const locale of ['ko', 'en'] as const) {
      const error = named(errorText(locale, 'commandUnknown', { command: 'x', nearest: 'status' }));
      assert.match(error, /\/ballad-status/);
      assert.match(error, /\/ballad-help/);
    }
  });
});

describe('messages on Slack', () => {
  const block: fc.Arbitrary<Block> = fc.oneof(
    fc.record({ kind: fc.constantFrom('text' as const, 'note' as const), text }),
    fc.record({
      kind: fc.constant('lyric' as const),
      primeText: text,
      text: fc.tuple(text, fc.integer({ min: 0, max: 100 })).map(([one, times]) => one.repeat(times)),
      complete: fc.boolean(),
    }),
    fc.record({
      kind: fc.constant('list' as const),
      items: fc.array(fc.record({ title: text, details: fc.array(text, { maxLength: 20 }) }), {
        maxLength: 20,
      }),
    }),
    fc.record({ kind: fc.constant('bar' as const), fraction: fc.double({ min: -1, max: 2, noNaN: true }) }),
  );
  const message: fc.Arbitrary<Message> = fc.record({
    blocks: fc.array(block, { maxLength: 60 }),
    fields: fc.array(fc.record({ label: text, value: text }), { maxLength: 30 }),
    actions: fc.array(fc.record({ label: text, command: text, options: fc.constant({}) }), { maxLength: 30 }),
  });

  it('keep to Slack’s limits, whatever is said', async () => {
    await fc.assert(
      fc.asyncProperty(message, async (given) => {
        const encode = async () => (given.actions ?? []).map((_, i) => `value ${i}`);
        const pages = await renderPages(given, { words: (words) => words, encode });
        for (const page of pages) {
          assert.deepEqual(checkResponse({ response_type: 'in_channel', ...page }), []);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('the manifest', () => {
  const manifest = (url?: string) => JSON.parse(JSON.stringify(slackManifest(commands, url)));

  it('has every command, and no more rights than the bot uses', () => {
    const { features, oauth_config: oauth, settings, display_information: display } = manifest();
    assert.deepEqual(
      features.slash_commands.map(({ command }: { command: string }) => command),
      commands.map(({ name }) => `/${slackName(name)}`),
    );
    assert.deepEqual(oauth.scopes.bot, [
      'commands',
      'chat:write',
      'chat:write.public',
      'files:read',
      'files:write',
      'users:read',
    ]);
    assert.equal(settings.socket_mode_enabled, true);
    assert.deepEqual(settings.interactivity, { is_enabled: true });
    assert.ok(display.name.length <= 35 && display.description.length <= 140);
    for (const { command, description, usage_hint: hint = '-', url } of features.slash_commands) {
      assert.ok(command.length <= 32 && description.length <= 2000);
      assert.ok(hint.length > 0 && hint.length <= 1000);
      assert.ok(!/from:/.test(hint), 'hidden options are not told');
      assert.equal(url, undefined);
    }
    assert.deepEqual(
      features.shortcuts.map(({ callback_id: id, type }: Record<string, string>) => [id, type]),
      [
        ['train', 'message'],
        ['import-model', 'message'],
      ],
    );
    for (const { name, description } of features.shortcuts) {
      assert.ok(name.length <= 24 && description.length <= 150);
    }
  });

  it('names the address everywhere where there is one', () => {
    const url = 'https://bot.example/slack/events';
    const { features, settings } = manifest(url);
    assert.equal(settings.socket_mode_enabled, false);
    assert.equal(settings.interactivity.request_url, url);
    assert.ok(features.slash_commands.every((command: { url: string }) => command.url === url));
  });
});

describe('the budget of edits', () => {
  it('never lets more through in a minute, and keeps a place for every message’s last edit', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('hold', 'take', 'settle'), fc.nat(5000))), (steps) => {
        let now = 0;
        let held = 0;
        const made: number[] = [];
        const budget = new EditBudget({ perMinute: 5, now: () => now });
        for (const [step, pause] of steps) {
          now += pause;
          if (step === 'hold' && budget.hold()) held++;
          if (step === 'take' && budget.take()) made.push(now);
          if (step === 'settle' && held > 0) {
            held--;
            budget.settle();
            made.push(now);
          }
          assert.ok(made.filter((time) => now - time < 60_000).length + held <= 5);
        }
      }),
    );
  });

  it('lets a message begin again after a minute, and waits when Slack says so', () => {
    let now = 0;
    const budget = new EditBudget({ perMinute: 1, now: () => now });
    assert.equal(budget.take(), true);
    assert.equal(budget.take(), false);
    now = 60_000;
    assert.equal(budget.hold(), true);
    budget.release();
    budget.pause(1000);
    assert.equal(budget.take(), false);
    now = 61_000;
    assert.equal(budget.take(), true);
  });
});

describe('what came in before', () => {
  it('is known for a while by any of its names', () => {
    let now = 0;
    const seen = new Seen(() => now);
    assert.equal(seen.check(['a', 'b']), false);
    assert.equal(seen.check(['b', 'c']), true);
    assert.equal(seen.check(['c']), true);
    assert.equal(seen.check([]), false);
    now = 11 * 60_000;
    assert.equal(seen.check(['a']), false);
  });
});

describe('calls of the Web API', () => {
  const fail = (code: string, more: object = {}) => Object.assign(new Error(code), { code, ...more });
  const refused = fail('slack_webapi_request_error', { original: { cause: { code: 'ECONNREFUSED' } } });
  const broken = fail('slack_webapi_request_error', { original: { cause: { code: 'ECONNRESET' } } });
  const fatal = fail('slack_webapi_platform_error', { data: { error: 'fatal_error' } });
  const called = async (method: string, ...errors: Error[]) => {
    let calls = 0;
    const api = new SlackApi(async () => {
      calls++;
      const error = errors.shift();
      if (error) throw error;
      return { ok: true };
    });
    const result = await api.call(method, {}, 3000).catch((error: Error) => error);
    return { calls, failed: result instanceof Error };
  };

  it('are repeated where nothing can be said twice', async () => {
    const outcomes = await Promise.all([
      called('chat.postMessage', refused),
      called('chat.postMessage', broken),
      called('chat.postMessage', fatal),
      called('chat.update', broken, fatal),
      called('users.info', fail('slack_webapi_platform_error', { data: { error: 'user_not_found' } })),
      called('users.info', fail('slack_webapi_rate_limited_error', { retryAfter: 60 })),
    ]);
    assert.deepEqual(outcomes, [
      { calls: 2, failed: false },
      { calls: 1, failed: true },
      { calls: 1, failed: true },
      { calls: 3, failed: false },
      { calls: 1, failed: true },
      { calls: 1, failed: true },
    ]);
  });

  it('take turns in a channel, and one that fails does not stop the others', async () => {
    const turns = new Turns();
    const order: number[] = [];
    const results = await Promise.allSettled(
      [30, 1, 20].map((ms, i) =>
        turns.take('C1', async () => {
          await new Promise((resolve) => setTimeout(resolve, ms));
          order.push(i);
          if (i === 0) throw new Error('no');
        }),
      ),
    );
    assert.deepEqual(order, [0, 1, 2]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['rejected', 'fulfilled', 'fulfilled'],
    );
  });
});
