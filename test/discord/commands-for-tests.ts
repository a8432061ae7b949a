/** Commands that say what a test needs to be said. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, defineCommand } from '../../src/commands/command.ts';
import type { Message } from '../../src/commands/message.ts';
import type { TestServices } from '../support/services.ts';

const command = (name: string, run: Command['run'], more: Partial<Command> = {}): Command =>
  defineCommand({
    name,
    koreanName: `${name}명령`,
    description: { ko: '시험', en: 'test' },
    admin: false,
    options: {},
    run,
    ...more,
  });

export const lyric = (text: string, complete = true): Message => ({
  blocks: [{ kind: 'lyric', primeText: '', text, complete }],
});

/** Answers with a lyric. */
export const says = (text: string): Command =>
  command('says', async ({ reply }) => reply.finish(lyric(text)));

/** A lyric that grows by a word every `everyMs`, or until it is told to end. */
export const grows = (words: number, everyMs: number): Command =>
  command('grows', async ({ reply, signal }) => {
    let text = '';
    for (let i = 0; i < words && !signal.aborted; i++) {
      text += `${i} `;
      reply.update(lyric(text, false));
      await sleep(everyMs);
    }
    await reply.finish(lyric(`${text}끝`));
  });

/** Shows a bit, then fails as a defect does. */
export const breaks = (afterMs: number): Command =>
  command('breaks', async ({ reply }) => {
    if (afterMs > 0) reply.update(lyric('시작', false));
    await sleep(afterMs);
    throw new TypeError('inner detail');
  });

/** Answers to the asker alone, after a while. */
export const whispers = (afterMs: number): Command =>
  command(
    'whispers',
    async ({ reply }) => {
      await sleep(afterMs);
      await reply.finish({ blocks: [{ kind: 'text', text: '속삭임' }] });
    },
    { private: true },
  );

/** Posts a message of its own, changes it, and ends it. */
export const posts = (forMs = 0): Command =>
  command('posts', async ({ reply }) => {
    await reply.finish({ blocks: [{ kind: 'note', text: '시작' }] });
    const post = await reply.post({ blocks: [{ kind: 'bar', fraction: 0.5 }] });
    post.update({ blocks: [{ kind: 'bar', fraction: 0.9 }] });
    await sleep(forMs);
    await post.finish({ blocks: [{ kind: 'note', text: '마침' }] });
  });

/** Counts how often it ran; for admins alone. */
export function secret(): { readonly command: Command; runs: number } {
  const counter = {
    runs: 0,
    command: command(
      'secret',
      async ({ reply }) => {
        counter.runs++;
        await reply.finish({ blocks: [{ kind: 'text', text: '비밀' }] });
      },
      { admin: true },
    ),
  };
  return counter;
}

export function addCommands(
  { services }: Pick<TestServices, 'services'>,
  ...commands: readonly Command[]
): void {
  Object.assign(services, { commands: [...services.commands, ...commands] });
}
