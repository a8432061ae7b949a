/**
 * Buttons as chats carry them: a short text that comes back when one is pressed, after a restart too, until it
 * expires. An action that fits stands in the text itself; longer ones are kept in a file, one for all buttons
 * of a message, and the text names it.
 */
import type { Action } from '../commands/message.ts';
import { UserError } from '../errors.ts';
import type { Kept } from '../store/kept.ts';

/** What pressing a button means. */
export type Pressed = Pick<Action, 'command' | 'options'>;

export class Buttons {
  readonly #kept: Kept;

  constructor(kept: Kept) {
    this.#kept = kept;
  }

  /**
   * A text of at most `limit` (60 or more) UTF-16 units for each action, no two alike. Throws a `UserError`
   * where they must be kept and cannot be written.
   */
  async encode(actions: readonly Action[], limit: number): Promise<string[]> {
    const expiry = this.#kept.expiry().toString(36);
    const pressed = actions.map(({ command, options }): Pressed => ({ command, options }));
    const inline = pressed.map((one, i) => `i${i}.${expiry}.${JSON.stringify([one.command, one.options])}`);
    if (inline.every((text) => text.length <= limit)) return inline;
    const id = await this.#kept.put(pressed);
    return pressed.map((_, i) => `k${i}.${id}`);
  }

  /** What the pressed button means. Throws a `UserError` where it has expired, or is none of ours. */
  async decode(text: string): Promise<Pressed> {
    const [, kind, index, rest] = /^([ik])(\d{1,3})\.(.*)$/su.exec(text) ?? [];
    const pressed =
      kind === 'k'
        ? ((await this.#kept.get(rest!)) as unknown[] | undefined)?.[Number(index)]
        : this.#readInline(rest ?? '');
    if (!isPressed(pressed)) throw new UserError('buttonExpired', {});
    return pressed;
  }

  #readInline(text: string): unknown {
    const dot = text.indexOf('.');
    if (dot < 0 || this.#kept.isExpired(Number.parseInt(text.slice(0, dot), 36))) return undefined;
    try {
      const [command, options] = JSON.parse(text.slice(dot + 1));
      return { command, options };
    } catch {
      return undefined;
    }
  }
}

const isPressed = (value: unknown): value is Pressed => {
  const { command, options } = (value ?? {}) as { readonly command?: unknown; readonly options?: unknown };
  return (
    typeof command === 'string' && typeof options === 'object' && options !== null && !Array.isArray(options)
  );
};
