/**
 * The way of every command on every platform: is there such a command, are there too many, may this person,
 * are the options right; then the command runs, and what it throws becomes words. One line in the log each.
 */
import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import {
  type Command,
  type CommandContext,
  findCommand,
  nearestCommand,
  type Services,
} from '../commands/command.ts';
import type { Message, Reply } from '../commands/message.ts';
import type { RawOptions } from '../commands/option.ts';
import { parseOptions } from '../commands/text.ts';
import { validateOptions } from '../commands/validate.ts';
import { UserError } from '../errors.ts';
import type { Log } from '../log.ts';
import { ui } from '../strings/ui.ts';
import type { CommandRequest } from './platform.ts';

/** Of a mistyped command, in the answer. */
const LONGEST_ECHO = 40;

/** `refused`: a `UserError`. `failed`: anything else. */
export type Outcome = 'answered' | 'refused' | 'failed';

export interface DispatcherOptions {
  readonly services: Services;
  readonly log: Log;
  readonly rateLimits: { readonly perUser: number; readonly perPlace: number };
}

export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #leaving = new AbortController();
  /** Requests, and what commands do in the background. */
  readonly #unfinished = new Set<Promise<unknown>>();
  #accepting = true;
  #rateLimits: Promise<{ count(user: string, place: string): Promise<void> }> | undefined;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    // Every request that runs listens.
    setMaxListeners(0, this.#leaving.signal);
  }

  /** Whether new commands are answered. */
  get accepting(): boolean {
    return this.#accepting;
  }

  /** Carries out a command and answers it. Never throws. */
  dispatch(request: CommandRequest): Promise<Outcome> {
    return this.#track(this.#handle(request));
  }

  /** Refuses what comes from now on; resolves when all is answered, after `graceMs` by ending lyrics where they are. */
  async close(graceMs: number): Promise<void> {
    this.#accepting = false;
    const impatience = setTimeout(() => this.#leaving.abort(), graceMs);
    while (this.#unfinished.size > 0) await Promise.allSettled(this.#unfinished);
    clearTimeout(impatience);
  }

  #track<T>(work: Promise<T>): Promise<T> {
    this.#unfinished.add(work);
    const forget = () => this.#unfinished.delete(work);
    work.then(forget, forget);
    return work;
  }

  async #handle(request: CommandRequest): Promise<Outcome> {
    const started = performance.now();
    const command = findCommand(this.#options.services.commands, request.command);
    const log = this.#options.log.child({
      platform: request.place.platform,
      place: request.place.id,
      command: command?.name,
      request: newId(),
    });
    const counting = new CountingReply(request.reply);
    let outcome: Outcome = 'answered';
    let code: string | undefined;
    try {
      await this.#carryOut(command, request, counting, log);
    } catch (error) {
      outcome = error instanceof UserError ? 'refused' : 'failed';
      if (error instanceof UserError) code = error.code;
      await request.reply
        .fail(explain(error, request, log))
        .catch((undelivered: unknown) => log.error({ err: undelivered }, 'the answer was not delivered'));
    }
    const durationMs = Math.round(performance.now() - started);
    log.info({ outcome, code, durationMs, characters: counting.characters }, 'command');
    return outcome;
  }

  async #carryOut(
    command: Command | undefined,
    request: CommandRequest,
    reply: Reply,
    log: Log,
  ): Promise<void> {
    if (!this.#accepting) throw new UserError('shuttingDown', {});
    const { services } = this.#options;
    if (!command) {
      const nearest = nearestCommand(services.commands, request.command);
      throw new UserError('commandUnknown', {
        command: request.command.slice(0, LONGEST_ECHO),
        nearest: nearest?.name,
      });
    }
    if (request.limited) await this.#countRate(request);
    if (command.admin && !(await isAdmin(request, log)))
      throw new UserError('notAdmin', { command: command.name });
    const options = validateOptions(command, readOptions(command, request));
    const { signal, release } = joinSignals(this.#leaving.signal, request.signal);
    const context: CommandContext = {
      services,
      place: request.place,
      user: request.user,
      locale: services.settings.of(request.place).locale ?? request.locale,
      reply,
      signal,
      inBackground: (work) => {
        const logged = work.catch((error: unknown) =>
          log.error({ err: error }, 'work in the background failed'),
        );
        void this.#track(logged);
      },
      explain: (error) => explain(error, request, log),
      readHistory: request.readHistory ?? (() => Promise.reject(new UserError('historyNone', {}))),
    };
    try {
      await command.run(context, options);
    } finally {
      release();
    }
  }

  async #countRate({ user, place }: CommandRequest): Promise<void> {
    const { rateLimits } = this.#options;
    // Loaded with the first command of a chat: the terminal has no limits.
    this.#rateLimits ??= import('./rate-limits.ts').then(({ RateLimits }) => new RateLimits(rateLimits));
    const limits = await this.#rateLimits;
    await limits.count(`${place.platform} ${user}`, `${place.platform} ${place.id}`);
  }
}

/** The name of a command or error in the log. */
const newId = (): string => randomBytes(4).toString('hex');

async function isAdmin(request: CommandRequest, log: Log): Promise<boolean> {
  try {
    return (await request.isAdmin()) === true;
  } catch (error) {
    log.warn({ err: error }, 'whether a person is an admin could not be told');
    return false;
  }
}

/** Options as a platform gave them: from text, with files by path where the platform opens those. */
function readOptions(command: Command, { options, openFiles }: CommandRequest): RawOptions {
  if (typeof options !== 'string') return options;
  const raw: Record<string, RawOptions[string]> = { ...parseOptions(command, options) };
  for (const [name, option] of Object.entries(command.options)) {
    if (option.type === 'files' && openFiles && typeof raw[name] === 'string')
      raw[name] = openFiles(raw[name]);
  }
  return raw;
}

function explain(error: unknown, { locale, limited }: CommandRequest, log: Log): string {
  if (error instanceof UserError) {
    if (error.cause !== undefined) log.debug({ code: error.code, err: error.cause }, 'a command was refused');
    return (limited ? error.withoutFolders() : error).chatText(locale);
  }
  const id = newId();
  log.error({ err: error, id }, 'a command failed');
  return ui(locale).internalError(id);
}

/** A signal of our own that follows both: `AbortSignal.any` would be kept by the long-lived one for ever. */
function joinSignals(leaving: AbortSignal, cancelled: AbortSignal | undefined) {
  const controller = new AbortController();
  const abort = () => controller.abort();
  const sources = cancelled ? [leaving, cancelled] : [leaving];
  for (const source of sources) {
    if (source.aborted) abort();
    source.addEventListener('abort', abort);
  }
  const release = () => {
    for (const source of sources) source.removeEventListener('abort', abort);
  };
  return { signal: controller.signal, release };
}

/** Counts the characters of the lyrics that were delivered, for the log. */
class CountingReply implements Reply {
  readonly #reply: Reply;
  readonly withoutActions?: true;
  characters = 0;

  constructor(reply: Reply) {
    this.#reply = reply;
    if (reply.withoutActions) this.withoutActions = true;
  }

  get here() {
    return this.#reply.here;
  }

  get ref() {
    return this.#reply.ref;
  }

  update(message: Message): void {
    this.#reply.update(message);
  }

  async finish(message: Message): Promise<void> {
    await this.#reply.finish(message);
    for (const block of message.blocks) {
      if (block.kind === 'lyric') this.characters += [...block.text].length;
    }
  }

  fail(text: string) {
    return this.#reply.fail(text);
  }

  post(message: Message) {
    return this.#reply.post(message);
  }
}
