/** The replies of the terminal: lyrics as they are sampled, everything else in lines. */
import type { Block, LiveMessage, Message, Reply } from '../commands/message.ts';
import { answerLines, remarkLines } from './terminal-text.ts';

/** Seconds between two lines on the progress of something. */
const PROGRESS_SECONDS = 5;
/** Between two looks at a growing lyric: what is told each character would cost the square of its length. */
const FRAME_MS = 16;
/** Lyrics are set apart as songs are in a training text: by two blank lines. */
const BETWEEN_LYRICS = '\n\n';

/** Where a terminal's words go. */
export interface Screen {
  /** Whether nothing else stands between the lyrics of two commands, so that they must be set apart. */
  readonly separatesLyrics: boolean;
  /** Part of an answer, as it is. */
  answer(text: string): void;
  /** A line beside the answers. */
  remark(line: string): void;
  /** A line on what went wrong. */
  complain(line: string): void;
}

/** Told of every message that outlasts its request: `ended` never rejects. */
export type OnPost = (ended: Promise<void>) => void;

export class TerminalReply implements Reply {
  readonly withoutActions = true;
  readonly #screen: Screen;
  readonly #onPost: OnPost;
  readonly #lyrics: LyricPrinter;
  #printedAt = Number.NEGATIVE_INFINITY;

  constructor(screen: Screen, onPost: OnPost, isFirst: boolean) {
    this.#screen = screen;
    this.#onPost = onPost;
    this.#lyrics = new LyricPrinter((text) => screen.answer(text), isFirst);
  }

  /** Whether a lyric was printed, or begun. */
  get printedLyric(): boolean {
    return this.#lyrics.printed;
  }

  update(message: Message): void {
    const now = performance.now();
    if (now - this.#printedAt < FRAME_MS) return;
    this.#printedAt = now;
    this.#lyrics.print(message.blocks);
  }

  async finish(message: Message): Promise<void> {
    this.#lyrics.print(message.blocks);
    for (const line of answerLines(message)) this.#screen.answer(`${line}\n`);
    for (const line of remarkLines(message)) this.#screen.remark(line);
  }

  async fail(text: string): Promise<void> {
    this.#lyrics.breakOff();
    this.#screen.complain(text);
  }

  async post(message: Message): Promise<LiveMessage> {
    const posted = new PostedLine(this.#screen);
    this.#onPost(posted.ended);
    posted.show(message);
    return posted;
  }
}

/** Prints lyrics one after the other, each as far as it is known, though they may grow side by side. */
class LyricPrinter {
  readonly #write: (text: string) => void;
  /** The lyric that is being printed, and how much of it was. */
  #index = 0;
  #length = 0;
  #isFirst: boolean;
  #endsLine = true;
  printed = false;

  constructor(write: (text: string) => void, isFirst: boolean) {
    this.#write = write;
    this.#isFirst = isFirst;
  }

  print(blocks: readonly Block[]): void {
    const lyrics = blocks.filter((block) => block.kind === 'lyric');
    for (; this.#index < lyrics.length; this.#index++, this.#length = 0) {
      const { primeText, text, complete } = lyrics[this.#index]!;
      const whole = primeText + text;
      this.#put(whole.slice(this.#length));
      this.#length = whole.length;
      if (!complete) return;
      this.breakOff();
      this.#isFirst = false;
    }
  }

  /** Ends the line that is being printed. */
  breakOff(): void {
    if (!this.#endsLine) this.#put('\n');
  }

  #put(text: string): void {
    if (text === '') return;
    const begins = this.#length === 0 && this.#endsLine && !this.#isFirst;
    this.#write(begins ? BETWEEN_LYRICS + text : text);
    this.#endsLine = text.endsWith('\n');
    this.printed = true;
  }
}

/** A message that changes becomes a line now and then. */
class PostedLine implements LiveMessage {
  readonly #screen: Screen;
  #shownAt = 0;
  #end!: () => void;
  readonly ended: Promise<void>;

  constructor(screen: Screen) {
    this.#screen = screen;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  show(message: Message): void {
    this.#shownAt = performance.now();
    this.#screen.remark([...answerLines(message), ...remarkLines(message)].join(' '));
  }

  update(message: Message): void {
    if (performance.now() - this.#shownAt >= 1000 * PROGRESS_SECONDS) this.show(message);
  }

  async finish(message: Message): Promise<void> {
    this.show(message);
    this.#end();
  }

  async fail(text: string): Promise<void> {
    this.#screen.complain(text);
    this.#end();
  }
}
