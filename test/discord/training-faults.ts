/**
 * Kills the real bot, its training child or both while a training is ordered, goes on and ends, starts it again each
 * time, and holds what the channel shows in the end against what was written down at each kill.
 */
import assert from 'node:assert/strict';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { Random } from '../../src/random.ts';
import { loadCheckpoint } from '../../src/store/checkpoints.ts';
import { writeCheckpoint } from '../support/checkpoint.ts';
import { songs } from '../support/songs.ts';
import { lastly, modelsFolder, newFolder } from '../training/fixtures/jobs.ts';
import { isWhole, startServer } from './bot.ts';
import type { StoredMessage } from './messages.ts';
import { PERMISSIONS, press, slash } from './people.ts';
import { RestartedBot, type Victim } from './restarted-bot.ts';

/** Test machines may be busy. */
const PATIENCE_MS = 90_000;
/** Child crashes that a job survives. */
const MOST_CRASHES = 2;
/** Long enough for a process that has something to tell. */
const SILENCE_MS = 1500;
const BUTTONS = ['기본 모델로', '곁에 두기', '버리기'];
/** Some seconds of training. */
const EPOCHS = 60;

/** When a kill falls: at most so many milliseconds after the job is ordered, learns in this process, has learnt all. */
const STAGES = [
  { after: 'ordered', mostMs: 30 },
  { after: 'ordered', mostMs: 400 },
  { after: 'learning', mostMs: 1500 },
  { after: 'learning', mostMs: 6000 },
  { after: 'learnt', mostMs: 1500 },
] as const;

const admin = { permissions: PERMISSIONS.manageGuild, locale: 'ko' };

export interface MessageFaults {
  readonly kills: number;
  readonly killsPerJob: number;
  readonly seed: number;
}

/** What was done, for a log. */
export interface MessageFaultReport {
  jobs: number;
  readonly kills: Record<Victim, number>;
  /** Kills between the posting of a message and the note of it: each may leave one that nobody changes any more. */
  unnoted: number;
  /** Kills between the telling of an end and the note of it: each may tell it once more, in the same message. */
  untold: number;
}

/** Trains jobs one after the other on one server. Asserts all that people see of them. */
export async function endureMessageFaults(
  t: TestContext,
  { kills, killsPerJob, seed }: MessageFaults,
): Promise<MessageFaultReport> {
  const server = await startServer(t);
  const folder = newFolder(t);
  await writeCheckpoint(modelsFolder(folder), 'ballad', { rnnSize: 32 });
  const random = new Random(seed);
  const report: MessageFaultReport = { jobs: 0, kills: { bot: 0, child: 0, both: 0 }, unnoted: 0, untold: 0 };
  const bot = new RestartedBot(server, folder);
  lastly(t, () => bot.kill('both'));
  await bot.begin();
  const ends: { readonly message: StoredMessage; readonly changes: number }[] = [];
  for (let left = kills; left > 0; left -= killsPerJob) {
    const course = new Course(bot, ++report.jobs, report);
    await course.order(random.below(1000));
    await course.disturb(random, Math.min(left, killsPerJob));
    const message = await course.end();
    ends.push({ message, changes: message.states.length });
    t.diagnostic(JSON.stringify(report));
  }
  await bot.kill('bot');
  await bot.begin();
  await wait(SILENCE_MS);
  for (const { message, changes } of ends) assert.equal(message.states.length, changes, 'told once');
  assert.deepEqual(server.faults, []);
  return report;
}

/** One training, from its order to the model that people use. */
class Course {
  readonly #bot: RestartedBot;
  readonly #id: number;
  readonly #name: string;
  readonly #report: MessageFaultReport;
  /** Messages that were there at a kill. */
  readonly #known = new Set<StoredMessage>();
  /** Of them those whose poster was killed before it could note them. */
  readonly #unnoted = new Set<StoredMessage>();
  #untold = 0;

  constructor(bot: RestartedBot, id: number, report: MessageFaultReport) {
    this.#bot = bot;
    this.#id = id;
    this.#name = `song-${id}`;
    this.#report = report;
  }

  async order(seed: number): Promise<void> {
    const { server } = this.#bot;
    const file = server.upload('노래.txt', Buffer.from(songs(40)));
    const options = { file, name: this.#name, base: 'ballad', epochs: EPOCHS, seed };
    const asked = slash(server, 'train', options, admin);
    await this.#until(() => asked.answers[0]?.buttons.length === 2, 'a question');
    press(server, asked.answers[0]!, '시작', admin);
    // Until then there is nothing to survive.
    await this.#until(() => this.#logs('"training ordered"'), 'an order');
  }

  async disturb(random: Random, kills: number): Promise<void> {
    const stages = Array.from({ length: kills }, () => random.below(STAGES.length)).sort((a, b) => a - b);
    let crashes = 0;
    for (const stage of stages) {
      const { after, mostMs } = STAGES[stage]!;
      await this.#until(() => this.#reached(after), after);
      await wait(random.uniform() * mostMs);
      const victims = (['bot', 'both', 'child'] as const).slice(0, crashes < MOST_CRASHES ? 3 : 2);
      const victim = victims[random.below(victims.length)]!;
      if (victim === 'child') crashes++;
      this.#report.kills[victim]++;
      await this.#bot.kill(victim);
      if (victim === 'child') continue;
      await this.#note();
      await this.#bot.begin();
    }
  }

  /** One message tells the end, once, and its button makes the model the default. Returns it. */
  async end(): Promise<StoredMessage> {
    await this.#until(() => this.#isTold, 'the end in a message');
    await this.#until(async () => (await this.#noted()).told !== undefined, 'a note of it');
    const { ids } = await this.#noted();
    const own = this.#messages().find(({ id }) => id === ids)!;
    const others = this.#messages().filter((one) => one !== own && !this.#unnoted.has(one));
    assert.deepEqual(
      others.map(({ text }) => text),
      [],
      'no other message but where a kill came before its note',
    );
    assert.match(own.text, /학습이 끝났습니다/);
    assert.deepEqual(own.files, [`training-${this.#id}.png`]);
    assert.deepEqual(
      own.buttons.map(({ label }) => label),
      BUTTONS,
    );
    const tellings = pictures(own);
    assert.ok(tellings <= 1 + this.#untold, `told ${tellings} times, ${this.#untold} of them not noted`);
    await this.#publish(own);
    return own;
  }

  async #publish(own: StoredMessage): Promise<void> {
    const { server, folder } = this.#bot;
    press(server, own, '기본 모델로', admin);
    await this.#until(() => own.buttons.length === 0, 'a decision in the message');
    assert.match(own.text, /이제 이곳의 기본 모델입니다/);
    assert.deepEqual(own.files, [`training-${this.#id}.png`], 'the picture stays');
    const place = path.join(modelsFolder(folder), 'places', `discord-${server.guild}`);
    await loadCheckpoint(path.join(place, `${this.#name}.safetensors`));
    const lyric = slash(server, 'ballad', { length: 20 }, admin);
    await this.#until(() => isWhole(lyric), 'a lyric of the model');
    await this.#until(async () => (await this.#noted()).told === 'done:publish', 'a note of the decision');
  }

  /** Holds what the channel shows against what the dead process had written down. */
  async #note(): Promise<void> {
    const { ids, told } = await this.#noted();
    const messages = this.#messages();
    const last = messages.filter((one) => !this.#known.has(one)).at(-1);
    if (last && last.id !== ids) {
      this.#unnoted.add(last);
      this.#report.unnoted++;
    }
    const own = messages.find(({ id }) => id === ids);
    if (own && pictures(own) > 0 && told === undefined) {
      this.#untold++;
      this.#report.untold++;
    }
    for (const one of messages) this.#known.add(one);
  }

  /** The reference that the next process will find. */
  async #noted(): Promise<Readonly<Record<string, string>>> {
    const { message } = await this.#bot.row(this.#id);
    assert.ok(message, 'the place of the message is noted with the order');
    return message as Record<string, string>;
  }

  #reached(stage: (typeof STAGES)[number]['after']): boolean {
    if (stage === 'ordered' || this.#isTold) return true;
    return stage === 'learning' ? this.#logs('"training engine"', this.#bot.log) : this.#logs('"end":"done"');
  }

  #logs(words: string, log = this.#bot.wholeLog): boolean {
    return new RegExp(`"job":${this.#id},.*${words}`).test(log);
  }

  /** All that stand in the channel and are of this job. */
  #messages(): StoredMessage[] {
    const title = `${this.#id}번: ${this.#name} `;
    return this.#bot.server.messages.filter((one) => !one.isDeleted && one.text.includes(title));
  }

  /** Whether some message shows the end with its picture. */
  get #isTold(): boolean {
    return this.#messages().some((one) => one.files.length > 0);
  }

  async #until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    while (!(await holds())) {
      const shown = () => this.#messages().map(({ text }) => text);
      if (performance.now() > deadline)
        throw new Error(`never: ${what}\n${shown().join('\n---\n')}\n${this.#bot.wholeLog}`);
      await wait(10);
    }
  }
}

/** How often a message was made one with a picture. */
const pictures = ({ states }: StoredMessage): number =>
  states.filter(({ embeds }) => JSON.stringify(embeds ?? []).includes('attachment://')).length;
