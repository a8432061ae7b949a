/** A message that changes, on outlets that refuse: with a clock and a Discord of its own. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Message } from '../../src/commands/message.ts';
import { Buttons } from '../../src/platforms/buttons.ts';
import {
  DiscordRefusal,
  type OutgoingFile,
  type Outlet,
  type Payload,
} from '../../src/platforms/discord-api.ts';
import { ChatMessage, type ChatMessageOptions } from '../../src/platforms/discord-message.ts';
import { reopenMessage } from '../../src/platforms/discord-reply.ts';
import { Kept } from '../../src/store/kept.ts';
import { readableLog } from '../support/log.ts';

const HOUR = 3_600_000;
const note = (text: string): Message => ({ blocks: [{ kind: 'note', text }] });

/** Keeps messages; refuses what a test says. */
class MemoryOutlet implements Outlet {
  readonly messages = new Map<string, Payload>();
  readonly calls: string[] = [];
  refuse: (call: string) => number | undefined = () => undefined;
  #last = 0;

  async create(payload: Payload, files: readonly OutgoingFile[]): Promise<string> {
    this.#call('create', files);
    const id = String(++this.#last);
    this.messages.set(id, payload);
    return id;
  }

  async edit(id: string, payload: Payload, files: readonly OutgoingFile[]): Promise<void> {
    this.#call(`edit ${id}`, files);
    this.messages.set(id, payload);
  }

  async remove(id: string): Promise<void> {
    this.#call(`remove ${id}`);
    this.messages.delete(id);
  }

  #call(name: string, files: readonly OutgoingFile[] = []): void {
    const call = [name, ...files.map((file) => file.name)].join(' ');
    this.calls.push(call);
    const code = this.refuse(call);
    if (code !== undefined) throw new DiscordRefusal('refused', 400, code);
  }

  get texts(): (string | undefined)[] {
    return [...this.messages.values()].map(({ embeds, content }) => embeds[0]?.description ?? content);
  }
}

function setUp(more: Partial<ChatMessageOptions> = {}) {
  const clock = { now: 0 };
  const [first, second] = [new MemoryOutlet(), new MemoryOutlet()];
  const { log, lines } = readableLog();
  const message = new ChatMessage({
    outlets: [first, second],
    intervalMs: 1,
    firstAfterMs: 0,
    buttons: new Buttons(new Kept({ folder: '/dev/null/kept', lifetimeMs: 1 })),
    mostBytes: 1000,
    log,
    now: () => clock.now,
    ...more,
  });
  return { clock, first, second, message, lines };
}

describe('a message that changes', () => {
  it('is edited while it is young, and begins anew when it is not: the channel holds one', async () => {
    const { clock, first, message } = setUp();
    await message.begin(note('가'));
    message.update(note('나'));
    await sleep(20);
    clock.now += HOUR;
    message.update(note('다'));
    await sleep(20);
    assert.deepEqual(first.calls, ['create', 'edit 1', 'remove 1', 'create']);
    await message.finish(note('라'));
    assert.deepEqual(first.texts, ['라']);
    assert.deepEqual(first.calls.slice(4), ['edit 2']);
  });

  it('begins anew when Discord says that it is too old', async () => {
    const { first, message } = setUp();
    await message.begin(note('가'));
    first.refuse = (call) => (call === 'edit 1' ? 30046 : undefined);
    await message.finish(note('나'));
    assert.deepEqual(first.calls, ['create', 'edit 1', 'remove 1', 'create']);
    assert.deepEqual(first.texts, ['나']);
  });

  it('moves to the next place when the first does not take it any more', async () => {
    for (const code of [50013, 50001, 10003, 50027, 10015]) {
      const { first, second, message } = setUp();
      first.refuse = () => code;
      await message.begin(note('가'));
      await message.finish(note('나'));
      assert.deepEqual(first.calls, ['create']);
      assert.deepEqual(second.texts, ['나']);
      second.refuse = () => code;
      const mute = setUp();
      mute.first.refuse = () => code;
      mute.second.refuse = () => code;
      await assert.rejects(mute.message.begin(note('가')), DiscordRefusal);
    }
  });

  it('is left alone when somebody has removed it, but for its end', async () => {
    const { first, message } = setUp();
    await message.begin(note('가'));
    first.refuse = (call) => (call === 'edit 1' ? 10008 : undefined);
    for (const text of ['나', '다']) {
      message.update(note(text));
      await sleep(20);
    }
    assert.deepEqual(first.calls, ['create', 'edit 1']);
    await message.finish(note('라'));
    assert.deepEqual(first.texts, ['가', '라']);
  });

  it('gives up on a place that refuses for ever', async () => {
    const { first, message } = setUp();
    first.refuse = (call) => (call === 'create' ? 30046 : undefined);
    await assert.rejects(message.finish(note('가')), DiscordRefusal);
    assert.ok(first.calls.length < 10);
  });

  it('edits only what is not as it should be', async () => {
    const { first, message } = setUp();
    const long = Array.from({ length: 900 }, (_, i) => `${i} 줄이 깁니다`).join('\n');
    await message.begin(note(long));
    const created = first.messages.size;
    assert.ok(created >= 2);
    await message.finish(note(`${long}\n끝`));
    assert.deepEqual(first.calls.slice(created), [`edit ${created}`]);
  });

  it('takes back what it does not need any more', async () => {
    const { first, message } = setUp();
    await message.begin(note('줄\n'.repeat(5000)));
    assert.ok(first.messages.size > 1);
    await message.finish(note('끝'));
    assert.deepEqual(first.texts, ['끝']);
  });

  it('comes without buttons where those cannot be kept', async () => {
    const { first, message, lines } = setUp();
    const options = { prime_text: '사랑은 '.repeat(50) };
    await message.finish({ ...note('가'), actions: [{ label: '다시', command: 'ballad', options }] });
    assert.deepEqual(first.messages.get('1')!.components, []);
    assert.ok(lines.some(({ msg }) => msg === 'buttons could not be kept'));
  });
});

describe('a message with files', () => {
  const picture = { name: 'loss.png', bytes: new Uint8Array(10), alt: '손실' };
  const withPicture = (text: string): Message => ({ ...note(text), files: [picture] });
  const image = ({ messages }: MemoryOutlet, id: string) => messages.get(id)?.embeds.at(-1)?.image?.url;

  it('sends each once, and shows pictures', async () => {
    const { first, message } = setUp();
    await message.begin(note('가'));
    message.update(withPicture('나'));
    await sleep(20);
    await message.finish(withPicture('다'));
    assert.deepEqual(first.calls, ['create', 'edit 1 loss.png', 'edit 1']);
    assert.equal(image(first, '1'), 'attachment://loss.png');
  });

  it('goes without them where they are not allowed, and says so in the log', async () => {
    const { first, second, message, lines } = setUp();
    first.refuse = (call) => (call.endsWith('.png') ? 50013 : undefined);
    await message.finish(withPicture('가'));
    assert.deepEqual(first.calls, ['create loss.png', 'create']);
    assert.equal(image(first, '1'), undefined);
    assert.deepEqual(second.calls, []);
    assert.ok(lines.some(({ msg }) => msg === 'a message goes without its files'));
  });

  it('is refused as a whole where one is too large', async () => {
    const { first, message } = setUp();
    const large = { ...picture, bytes: new Uint8Array(1001) };
    const refused = (error: { code?: string }) => error.code === 'fileTooLargeToSend';
    await assert.rejects(message.finish({ ...note('가'), files: [large] }), refused);
    assert.deepEqual(first.calls, []);
  });

  it('is opened again by its reference, and begins anew where it is old', async () => {
    const channel = Object.assign(new MemoryOutlet(), { channel: '5' });
    const here = { user: '7' };
    const { message } = setUp({ outlets: [channel], here });
    assert.deepEqual(message.ref, here, 'before it stands anywhere');
    await message.begin(note('줄\n'.repeat(5000)));
    const ids = [...channel.messages.keys()];
    assert.ok(ids.length > 1);
    assert.deepEqual(message.ref, { user: '7', channel: '5', ids: ids.join(' ') });
    const standing = (ageMs: number) => ({
      outlets: [channel],
      here,
      standing: { ids, ageMs },
    });
    await setUp(standing(1000)).message.finish(note('끝'));
    assert.deepEqual(channel.texts, ['끝']);
    const old = setUp(standing(HOUR)).message;
    await old.finish(note('새로'));
    assert.deepEqual(channel.texts, ['새로']);
    assert.equal(old.ref?.ids, String(ids.length + 1));
  });

  it('that is opened again and may not be changed goes on elsewhere, and says why', async () => {
    const [channel, person] = [new MemoryOutlet(), new MemoryOutlet()];
    channel.refuse = () => 50013;
    const { log } = readableLog();
    const buttons = new Buttons(new Kept({ folder: '/dev/null/kept', lifetimeMs: 1 }));
    const ref = { channel: '7', user: '8', ids: '1466000000000000000' };
    const message = reopenMessage(ref, { channel, person, locale: 'en', buttons, log, mostBytes: 1000 });
    await message.finish(note('done'));
    const told = JSON.stringify([...person.messages.values()]);
    assert.match(told, /may not write in that channel any more/);
    assert.doesNotMatch(told, /15 minutes/);
  });
});
