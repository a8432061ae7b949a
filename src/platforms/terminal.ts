/**
 * The terminal as a platform: each line is a command, or the prime text of a lyric. With a person at it there
 * is a prompt (terminal-prompt.ts); from a pipe lines are answered in order, lyrics and answers on standard
 * output, all else on standard error, and the exit code says whether every command was answered.
 */
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { findCommand, type Place } from '../commands/command.ts';
import { printOptions } from '../commands/text.ts';
import { systemCode } from '../errors.ts';
import type { Locale } from '../strings/index.ts';
import { ui } from '../strings/ui.ts';
import type { Outcome } from './dispatch.ts';
import type { CommandRequest, Platform, PlatformHost } from './platform.ts';
import { openLocalFiles } from './terminal-file.ts';
import { saveMessageFile } from './terminal-files.ts';
import { PostedLine, type Screen, TerminalReply, type TerminalTools } from './terminal-reply.ts';

/** The owner's place. */
export const TERMINAL_PLACE: Place = { platform: 'terminal', id: 'terminal' };

export interface TerminalStreams {
  readonly input: Readable & { readonly isTTY?: boolean };
  readonly output: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly errors: Writable;
}

export class Terminal implements Platform {
  readonly name = 'terminal';
  readonly #streams: TerminalStreams;
  readonly #locale: Locale;
  readonly #filesFolder: string;
  #stop: () => void = () => {};

  /** @param filesFolder where files of answers are written. */
  constructor(streams: TerminalStreams, locale: Locale, filesFolder: string) {
    this.#streams = streams;
    this.#locale = locale;
    this.#filesFolder = filesFolder;
  }

  async start(host: PlatformHost): Promise<void> {
    const { input, output } = this.#streams;
    // Who reads our answers may stop early (`| head -1`).
    output.on('error', (error) => {
      if (systemCode(error) !== 'EPIPE') host.log.error({ err: error }, 'standard output failed');
      host.leave(systemCode(error) === 'EPIPE' ? 0 : 1);
    });
    if (input.isTTY && output.isTTY) {
      const { startPrompt } = await import('./terminal-prompt.ts');
      this.#stop = startPrompt(this.#streams, (screen) => this.#session(host, screen), this.#locale, host);
    } else {
      void this.#answerLines(host);
    }
  }

  async stop(): Promise<void> {
    this.#stop();
  }

  #session(host: PlatformHost, screen: Screen): TerminalSession {
    return new TerminalSession(host, screen, this.#locale, this.#filesFolder);
  }

  async #answerLines(host: PlatformHost): Promise<void> {
    const { input, output, errors } = this.#streams;
    let failed = false;
    const screen: Screen = {
      separatesLyrics: true,
      answer: (text) => void output.write(text),
      remark: (line) => void errors.write(`${line}\n`),
      complain: (line) => {
        failed = true;
        errors.write(`${line}\n`);
      },
    };
    const session = this.#session(host, screen);
    const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
    this.#stop = () => lines.close();
    for await (const line of lines) {
      await session.answer(line);
      // Told to leave: what is still in the pipe is not wanted any more.
      if (!host.dispatcher.accepting) return;
    }
    const training = host.services.training.current;
    if (training) screen.remark(ui(this.#locale).waitingForTraining(training.name));
    await session.postsEnded();
    host.leave(failed ? 1 : 0);
  }
}

/** What a terminal's commands have in common, from a prompt or a pipe. */
export class TerminalSession {
  readonly #host: PlatformHost;
  readonly #screen: Screen;
  readonly #tools: TerminalTools;
  readonly #locale: Locale;
  readonly #posts = new Set<Promise<void>>();
  #printedLyric = false;

  constructor(host: PlatformHost, screen: Screen, locale: Locale, filesFolder: string) {
    this.#host = host;
    this.#screen = screen;
    this.#locale = locale;
    const { commands, messages } = host.services;
    this.#tools = {
      screen,
      saveFile: (file) => saveMessageFile(filesFolder, file),
      printAction: ({ command: name, options }) => {
        const command = findCommand(commands, name)!;
        return `/${name} ${printOptions(command, options)}`.trimEnd();
      },
    };
    messages.register(TERMINAL_PLACE.platform, () => {
      const posted = new PostedLine(this.#tools);
      this.#posts.add(posted.ended);
      return posted;
    });
  }

  /** Answers a line; an empty one is no command. */
  async answer(line: string, signal?: AbortSignal): Promise<Outcome | undefined> {
    const text = line.replace(/^\uFEFF/, '').trim();
    if (text === '') return undefined;
    const reply = new TerminalReply(this.#tools, (ended) => void this.#posts.add(ended), !this.#printedLyric);
    const outcome = await this.#host.dispatcher.dispatch(this.#request(text, reply, signal));
    this.#printedLyric ||= this.#screen.separatesLyrics && reply.printedLyric;
    return outcome;
  }

  /** Resolves when nothing that was posted changes any more. */
  async postsEnded(): Promise<void> {
    await Promise.all(this.#posts);
  }

  #request(text: string, reply: TerminalReply, signal: AbortSignal | undefined): CommandRequest {
    const [, command = 'ballad', options = text] = /^[/／](\S*)(.*)$/su.exec(text) ?? [];
    return {
      command,
      options,
      user: 'terminal',
      place: TERMINAL_PLACE,
      locale: this.#locale,
      reply,
      limited: false,
      isAdmin: () => true,
      openFiles: openLocalFiles,
      ...(signal ? { signal } : {}),
    };
  }
}
