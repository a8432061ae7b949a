/**
 * Buttons as chats carry them: a short text that comes back when one is pressed, after a restart too, until it
 * expires. An action that fits stands in the text itself; longer ones are kept in a file, one for all buttons
 * of a message, and the text names it.
 */
import { z } from 'zod';
import type { Action } from '../commands/message.ts';
import { UserError } from '../errors.ts';
import type { Kept } from '../store/kept.ts';

/** What pressing a button means. */
export type Pressed = Pick<Action, 'command' | 'options'>;

/** What comes back is not trusted: clients send what they like. */
const OPTIONS = z.record(z.string(), z.union([z.string(), z.number()]));
const PRESSED = z.object({ command: z.string().min(1), options: OPTIONS });
const INLINE = z
  .tuple([z.string().min(1), OPTIONS])
  .transform(([command, options]) => ({ command, options }));

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
    const pressed = kind === 'k' ? await this.#readKept(rest!, Number(index)) : this.#readInline(rest ?? '');
    if (!pressed) throw new UserError('buttonExpired', {});
    return pressed;
  }

  async #readKept(id: string, index: number): Promise<Pressed | undefined> {
    const all = z.array(z.unknown()).safeParse(await this.#kept.get(id));
    return PRESSED.safeParse(all.data?.[index]).data;
  }

  #readInline(text: string): Pressed | undefined {
    const dot = text.indexOf('.');
    if (dot < 0 || this.#kept.isExpired(Number.parseInt(text.slice(0, dot), 36))) return undefined;
    try {
      return INLINE.safeParse(JSON.parse(text.slice(dot + 1))).data;
    } catch {
      return undefined;
    }
  }
}
