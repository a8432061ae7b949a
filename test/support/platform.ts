/** A platform for tests: gives commands to a dispatcher and keeps what is answered. */
import type { LiveMessage, Message, Reply } from '../../src/commands/message.ts';
import type { CommandRequest } from '../../src/platforms/platform.ts';

export class RecordingReply implements Reply {
  readonly updates: Message[] = [];
  readonly finished: Message[] = [];
  readonly failures: string[] = [];
  readonly posts: RecordingReply[] = [];

  update(message: Message): void {
    this.updates.push(message);
  }

  async finish(message: Message): Promise<void> {
    this.finished.push(message);
  }

  async fail(text: string): Promise<void> {
    this.failures.push(text);
  }

  async post(message: Message): Promise<LiveMessage> {
    const post = new RecordingReply();
    post.update(message);
    this.posts.push(post);
    return post;
  }
}

/** A request of a person without rights in a chat. */
export function request(
  command: string,
  options: CommandRequest['options'] = '',
  more: Partial<CommandRequest> = {},
): CommandRequest & { readonly reply: RecordingReply } {
  return {
    command,
    options,
    user: 'someone',
    place: { platform: 'test', id: 'somewhere' },
    locale: 'ko',
    limited: true,
    isAdmin: () => false,
    ...more,
    reply: new RecordingReply(),
  };
}
