/**
 * A prompt for a person: history, completion, lyrics as they are sampled, and lines on a training's progress
 * above what is being typed. Ctrl-C ends the running lyric, a second one leaves; Ctrl-D leaves.
 */
import { clearLine, createInterface, cursorTo, type Interface } from 'node:readline';
import { Writable } from 'node:stream';
import { UserError } from '../errors.ts';
import type { Locale } from '../strings/index.ts';
import { ui } from '../strings/ui.ts';
import { completeLine } from './complete.ts';
import type { PlatformHost } from './platform.ts';
import { TERMINAL_PLACE, type TerminalSession, type TerminalStreams } from './terminal.ts';
import type { Screen } from './terminal-reply.ts';

const PROMPT = '> ';
const HISTORY = 1000;

/** Starts the prompt; returns how to end it. */
export function startPrompt(
  { input, output }: TerminalStreams,
  createSession: (screen: Screen) => TerminalSession,
  locale: Locale,
  host: PlatformHost,
): () => void {
  const words = ui(locale);
  const echo = new Echo(output);
  const lines = createInterface({
    input,
    output: echo,
    terminal: true,
    prompt: PROMPT,
    historySize: HISTORY,
    removeHistoryDuplicates: true,
    completer: (line: string, done: (error: Error | null, result: [string[], string]) => void) => {
      completeLine(line, TERMINAL_PLACE, host.services).then(
        ({ candidates, word }) => done(null, [candidates, word]),
        (error) => done(error, [[], line]),
      );
    },
  });
  const screen = new PromptScreen(output, lines);
  const session = createSession(screen);
  let running: AbortController | undefined;
  let interrupted = false;
  let closed = false;
  let queue = Promise.resolve();
  let queued = 0;

  const discardLine = () => {
    lines.write(null, { ctrl: true, name: 'e' });
    lines.write(null, { ctrl: true, name: 'u' });
  };
  const answer = async (line: string) => {
    if (closed) return;
    running = new AbortController();
    echo.muted = true;
    screen.begin();
    await session.answer(line, running.signal);
    running = undefined;
    queued--;
    screen.flush();
    // The lines that were typed meanwhile come first.
    if (queued > 0 || closed) return;
    echo.muted = false;
    screen.end();
  };
  lines.on('line', (line) => {
    interrupted = false;
    queued++;
    queue = queue.then(() => answer(line));
  });
  lines.on('SIGINT', () => {
    if (running && !interrupted) {
      interrupted = true;
      running.abort();
    } else if (!running && lines.line !== '') {
      discardLine();
    } else if (interrupted) {
      lines.close();
    } else {
      interrupted = true;
      screen.remark(words.pressAgain);
    }
  });
  lines.on('close', () => {
    if (closed) return;
    closed = true;
    output.write('\n');
    const training = host.services.training.current;
    if (training) output.write(`${words.savingTraining(training.name)}\n`);
    host.leave(0);
  });

  screen.remark(words.greeting);
  lines.prompt();
  // While the person still types, so that the first lyric begins at once.
  host.services.models
    .use(TERMINAL_PLACE, undefined, async () => {})
    .catch((error: unknown) => {
      if (error instanceof UserError) screen.remark(error.chatText(locale));
      else host.log.error({ err: error }, 'the default model cannot be loaded');
    });
  return () => {
    closed = true;
    lines.close();
  };
}

/** Prints above the prompt; what would interrupt a lyric waits until its end. */
class PromptScreen implements Screen {
  readonly separatesLyrics = false;
  readonly #output: TerminalStreams['output'];
  readonly #lines: Interface;
  #answering = false;
  #waiting: string[] = [];

  constructor(output: TerminalStreams['output'], lines: Interface) {
    this.#output = output;
    this.#lines = lines;
  }

  begin(): void {
    this.#answering = true;
  }

  /** Prints what waited for the end of an answer. */
  flush(): void {
    for (const line of this.#waiting) this.#output.write(`${line}\n`);
    this.#waiting = [];
  }

  end(): void {
    this.#answering = false;
    this.#lines.prompt(true);
  }

  /** A checkpoint from elsewhere may hold control characters, which a terminal would obey. */
  answer(text: string): void {
    this.#output.write(text.replace(/[\p{Cc}\p{Bidi_Control}]/gu, (c) => (c === '\n' ? c : '')));
  }

  remark(line: string): void {
    this.#print(this.#dim(line));
  }

  complain(line: string): void {
    this.#print(line);
  }

  #print(line: string): void {
    if (this.#answering) {
      this.#waiting.push(line);
      return;
    }
    cursorTo(this.#output, 0);
    clearLine(this.#output, 0);
    this.#output.write(`${line}\n`);
    this.#lines.prompt(true);
  }

  #dim(line: string): string {
    const { hasColors } = this.#output as { hasColors?: () => boolean };
    return hasColors?.call(this.#output) ? `\u001b[2m${line}\u001b[22m` : line;
  }
}

/** What readline prints while a person types: nothing while a lyric is being printed. */
class Echo extends Writable {
  readonly #output: TerminalStreams['output'];
  readonly isTTY = true;
  muted = false;

  constructor(output: TerminalStreams['output']) {
    super({ decodeStrings: false });
    this.#output = output;
    output.on('resize', () => this.emit('resize'));
  }

  get columns(): number {
    return this.#output.columns ?? 80;
  }

  override _write(
    chunk: string | Buffer,
    _encoding: BufferEncoding,
    done: (error?: Error | null) => void,
  ): void {
    if (!this.muted) this.#output.write(chunk);
    done();
  }
}
