import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type Command,
  type CommandContext,
  defineCommand,
  type Services,
} from '../../src/commands/command.ts';
import { JobMessages } from '../../src/commands/job-messages.ts';
import { OpenMessages } from '../../src/commands/open-messages.ts';
import { UserError } from '../../src/errors.ts';
import { Dispatcher } from '../../src/platforms/dispatch.ts';
import { Models } from '../../src/sampling/models.ts';
import { Kept } from '../../src/store/kept.ts';
import { Library } from '../../src/store/library.ts';
import { Privacy } from '../../src/store/privacy.ts';
import { Publisher } from '../../src/store/publisher.ts';
import { Settings } from '../../src/store/settings.ts';
import { TrainingJobs } from '../../src/training/jobs.ts';
import { readableLog } from '../support/log.ts';
import { request } from '../support/platform.ts';

const SECRET = '비밀스러운 가사';

const echo = defineCommand({
  name: 'echo',
  koreanName: '메아리',
  description: { ko: '말합니다', en: 'says' },
  admin: false,
  options: {
    text: {
      type: 'text',
      rest: true,
      koreanName: '말',
      description: { ko: '말', en: 'words' },
      maxLength: 100,
    },
    times: {
      type: 'integer',
      koreanName: '번',
      description: { ko: '번', en: 'times' },
      min: 1,
      max: 9,
      default: 2,
    },
  },
  async run({ reply }, { text = '', times }) {
    const lyric = { kind: 'lyric', primeText: '', text: text.repeat(times), complete: true } as const;
    await reply.finish({ blocks: [lyric] });
  },
});

const simple = (name: string, admin: boolean, run: (context: CommandContext) => Promise<void>): Command =>
  defineCommand({
    name,
    koreanName: `${name}명령`,
    description: { ko: '명령', en: 'command' },
    admin,
    options: {},
    run,
  });

function setUp(more: readonly Command[] = [], rateLimits = { perUser: 100, perPlace: 100 }) {
  const { log, lines, text } = readableLog();
  const settings = new Settings('/nowhere');
  const library = new Library({ folder: '/nowhere', settings });
  const publisher = new Publisher({ library, settings, quota: { models: 0, bytes: 0, fileBytes: 0 } });
  const training = new TrainingJobs({ folder: '/nowhere', maxBytes: 1, engine: {}, publisher, log });
  const messages = new OpenMessages();
  const services: Services = {
    engine: () => Promise.reject(new Error('no engine is used here')),
    models: new Models({
      library,
      engine: () => Promise.reject(new Error('no model is used here')),
      slots: 1,
      onFault: () => {},
    }),
    training,
    jobMessages: new JobMessages({ jobs: training, messages, log }),
    fineTuning: { replayData: '/nowhere', replay: 0.3, maxBaseLossIncrease: 0.05, patience: 10 },
    commands: [echo, ...more],
    kept: new Kept({ folder: '/nowhere', lifetimeMs: 1 }),
    drafts: new Kept({ folder: '/nowhere', lifetimeMs: 1 }),
    publisher,
    settings,
    privacy: new Privacy('/nowhere'),
    messages,
    limits: { maxLength: 1000, maxTrainingBytes: 1 },
    owners: new Set(),
    startedAt: Date.now(),
  };
  return { dispatcher: new Dispatcher({ services, log, rateLimits }), lines, text };
}

const lyric = (reply: ReturnType<typeof request>['reply']) => reply.finished[0]?.blocks[0];

describe('dispatch', () => {
  it('takes typed options and text, by names of both languages, to the same effect', async () => {
    const { dispatcher } = setUp();
    const requests = [
      request('echo', { text: '가', times: 3 }),
      request('echo', { text: '가', times: '3' }),
      request('메아리', '가 번:3'),
      request('ECHO', '가 times：３'),
    ];
    for (const one of requests) {
      assert.equal(await dispatcher.dispatch(one), 'answered');
      assert.deepEqual(lyric(one.reply), { kind: 'lyric', primeText: '', text: '가가가', complete: true });
    }
  });

  it('answers bad options in the person’s language, all at once, and does not run', async () => {
    const { dispatcher } = setUp();
    for (const [locale, expected] of [
      ['ko', '번(times): 1 이상 9 이하의 정수'],
      ['en', 'times: a whole number from 1 to 9'],
    ] as const) {
      const one = request('echo', { text: 'x'.repeat(101), times: 10 }, { locale });
      assert.equal(await dispatcher.dispatch(one), 'refused');
      assert.equal(one.reply.failures.length, 1);
      assert.ok(one.reply.failures[0]!.includes(expected), one.reply.failures[0]);
      assert.ok(one.reply.failures[0]!.includes('100'), one.reply.failures[0]);
      assert.equal(one.reply.finished.length, 0);
    }
  });

  it('says when there is no such command, and which was meant', async () => {
    const { dispatcher } = setUp();
    const one = request('ecko', '', { locale: 'en' });
    assert.equal(await dispatcher.dispatch(one), 'refused');
    assert.match(one.reply.failures[0]!, /no command \/ecko.*\/echo/);
  });

  it('refuses an option that the command does not have', async () => {
    const { dispatcher } = setUp();
    for (const name of ['volume', '__proto__', 'constructor']) {
      const one = request('echo', JSON.parse(`{"${name}": 1}`), { locale: 'en' });
      assert.equal(await dispatcher.dispatch(one), 'refused', name);
    }
  });

  it('lets admins alone use admin commands, and closes where it is not known who is one', async () => {
    let runs = 0;
    const secret = simple('secret', true, async ({ reply }) => {
      runs++;
      await reply.finish({ blocks: [] });
    });
    const { dispatcher } = setUp([secret]);
    const answers: [() => boolean | Promise<boolean>, string][] = [
      [() => true, 'answered'],
      [async () => true, 'answered'],
      [() => false, 'refused'],
      [async () => false, 'refused'],
      [() => undefined as never, 'refused'],
      [() => 'yes' as never, 'refused'],
      [() => Promise.reject(new Error('offline')), 'refused'],
      [
        () => {
          throw new Error('offline');
        },
        'refused',
      ],
    ];
    for (const [isAdmin, outcome] of answers) {
      assert.equal(await dispatcher.dispatch(request('secret', '', { isAdmin })), outcome);
    }
    assert.equal(runs, 2);
  });

  it('hides what is not meant for people behind an id that the log has', async () => {
    const broken = simple('broken', false, () => Promise.reject(new TypeError('inner detail')));
    const { dispatcher, lines } = setUp([broken]);
    const one = request('broken');
    assert.equal(await dispatcher.dispatch(one), 'failed');
    const logged = lines.find(({ msg }) => msg === 'a command failed')!;
    assert.match(String((logged.err as Error).message), /inner detail/);
    assert.ok(!one.reply.failures[0]!.includes('inner detail'));
    assert.ok(one.reply.failures[0]!.includes(String(logged.id)));
  });

  it('survives a reply that cannot be delivered', async () => {
    const { dispatcher, lines } = setUp();
    const one = request('echo', '가');
    one.reply.finish = () => Promise.reject(new Error('gone'));
    one.reply.fail = () => Promise.reject(new Error('gone'));
    assert.equal(await dispatcher.dispatch(one), 'failed');
    assert.ok(lines.some(({ msg }) => msg === 'the answer was not delivered'));
  });

  it('logs a line for each command, with numbers and never with text', async () => {
    const refuses = simple('refuses', false, () => Promise.reject(new UserError('jobNone', {})));
    const { dispatcher, lines, text } = setUp([refuses]);
    await dispatcher.dispatch(request('echo', `${SECRET} times:2`));
    await dispatcher.dispatch(request('echo', `${SECRET} times:99`));
    await dispatcher.dispatch(request(SECRET, SECRET));
    await dispatcher.dispatch(request('refuses'));
    const commands = lines.filter(({ msg }) => msg === 'command');
    assert.deepEqual(
      commands.map(({ platform, place, command, outcome, code, characters }) => [
        platform,
        place,
        command,
        outcome,
        code,
        characters,
      ]),
      [
        ['test', 'somewhere', 'echo', 'answered', undefined, 2 * SECRET.length],
        ['test', 'somewhere', 'echo', 'refused', 'optionFaults', 0],
        ['test', 'somewhere', undefined, 'refused', 'commandUnknown', 0],
        ['test', 'somewhere', 'refuses', 'refused', 'jobNone', 0],
      ],
    );
    assert.equal(new Set(commands.map(({ request }) => request)).size, 4);
    assert.ok(commands.every(({ durationMs }) => typeof durationMs === 'number'));
    assert.ok(!text().includes('비밀'));
  });

  it('limits the rate by person and by place, and says how long to wait', async () => {
    const { dispatcher } = setUp([], { perUser: 2, perPlace: 3 });
    const give = (user: string, id: string, limited = true) => {
      const one = request('echo', '가', { user, place: { platform: 'test', id }, limited, locale: 'en' });
      return dispatcher.dispatch(one).then((outcome) => ({ outcome, failure: one.reply.failures[0] }));
    };
    assert.equal((await give('a', '1')).outcome, 'answered');
    assert.equal((await give('a', '1')).outcome, 'answered');
    const third = await give('a', '1');
    assert.equal(third.outcome, 'refused');
    assert.match(third.failure!, /try again in ([1-9]|[1-5]\d|60) s/);
    assert.equal((await give('b', '1')).outcome, 'answered');
    assert.equal((await give('c', '1')).outcome, 'refused', 'the place is full');
    assert.equal((await give('d', '2')).outcome, 'answered');
    assert.equal((await give('a', '1', false)).outcome, 'answered', 'no limits at one’s own terminal');
  });

  it('finishes what runs when it is closed, refuses the rest, and ends lyrics after the grace', async () => {
    const started = deferred();
    const waits = simple('waits', false, async ({ reply, signal }) => {
      started.resolve();
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      await reply.finish({ blocks: [] });
    });
    const { dispatcher } = setUp([waits]);
    const running = request('waits');
    const outcome = dispatcher.dispatch(running);
    await started.promise;
    const closed = dispatcher.close(50);
    const late = request('echo', '가', { locale: 'en' });
    assert.equal(await dispatcher.dispatch(late), 'refused');
    assert.match(late.reply.failures[0]!, /shutting down/);
    assert.equal(running.reply.finished.length, 0);
    await closed;
    assert.equal(await outcome, 'answered');
    assert.equal(running.reply.finished.length, 1);
  });

  it('passes on a person’s cancellation, and waits for work in the background', async () => {
    let background = 'running';
    const lingers = simple('lingers', false, async ({ signal, inBackground, reply }) => {
      inBackground(
        new Promise<void>((resolve) => setTimeout(resolve, 50)).then(() => {
          background = 'done';
          throw new Error('too late for anyone');
        }),
      );
      await reply.finish({ blocks: [{ kind: 'text', text: String(signal.aborted) }] });
    });
    const { dispatcher, lines } = setUp([lingers]);
    const one = request('lingers', '', { signal: AbortSignal.abort() });
    assert.equal(await dispatcher.dispatch(one), 'answered');
    assert.deepEqual(one.reply.finished[0]!.blocks, [{ kind: 'text', text: 'true' }]);
    assert.equal(background, 'running');
    await dispatcher.close(1000);
    assert.equal(background, 'done');
    assert.ok(lines.some(({ msg }) => msg === 'work in the background failed'));
  });

  it('tells a command where it was given, so that what it posts is found again', async () => {
    let seen: unknown;
    const looks = simple('looks', false, async ({ reply }) => {
      seen = reply.here;
      await reply.finish({ blocks: [] });
    });
    const { dispatcher } = setUp([looks]);
    const one = request('looks');
    Object.assign(one.reply, { here: { channel: '7' } });
    assert.equal(await dispatcher.dispatch(one), 'answered');
    assert.deepEqual(seen, { channel: '7' });
  });

  it('names no options of the command line', async () => {
    const small = simple('small', false, async () => {
      throw new UserError('textTooSmall', { characters: 5, needed: 100, seqLength: 50 });
    });
    const { dispatcher } = setUp([small]);
    for (const limited of [true, false]) {
      const one = request('small', '', { limited });
      await dispatcher.dispatch(one);
      assert.match(one.reply.failures[0]!, /5자인데 100자 이상이어야 합니다\. 글을 더하십시오\.$/);
    }
  });

  it('shows people in a chat no folders of the machine; the person at its terminal sees them', async () => {
    const full = simple('full', false, async () => {
      throw new UserError('folderNotWritable', { file: '/srv/bot/var/jobs.db', folder: '/srv/bot/var' });
    });
    const { dispatcher } = setUp([full]);
    const [chat, terminal] = [request('full'), request('full', '', { limited: false })];
    await dispatcher.dispatch(chat);
    await dispatcher.dispatch(terminal);
    assert.match(chat.reply.failures[0]!, /폴더 var에 .*jobs\.db/);
    assert.doesNotMatch(chat.reply.failures[0]!, /srv/);
    assert.match(terminal.reply.failures[0]!, /\/srv\/bot\/var\/jobs\.db/);
  });
});

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
