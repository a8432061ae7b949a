/** The replies of the terminal: lyrics as they are sampled, everything else in lines, files in a folder. */
import type {
  Action,
  Block,
  LiveMessage,
  Message,
  MessageFile,
  MessageRef,
  Reply,
} from '../commands/message.ts';
import { answerLines, questionLines, remarkLines } from './terminal-text.ts';

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

/** What a terminal's messages are made with. */
export interface TerminalTools {
  readonly screen: Screen;
  /** A button as the command that it stands for. */
  printAction(action: Action): string;
  /** Writes a file; returns its path. */
  saveFile(file: MessageFile): Promise<string>;
}

/** There is one terminal: what is opened by this is printed there. */
const HERE: MessageRef = {};

/** Told of every message that outlasts its request: `ended` never rejects. */
export type OnPost = (ended: Promise<void>) => void;

export class TerminalReply implements Reply {
  readonly withoutActions = true;
  readonly here = HERE;
  readonly #tools: TerminalTools;
  readonly #onPost: OnPost;
  readonly #lyrics: LyricPrinter;
  #printedAt = Number.NEGATIVE_INFINITY;

  constructor(tools: TerminalTools, onPost: OnPost, isFirst: boolean) {
    this.#tools = tools;
    this.#onPost = onPost;
    this.#lyrics = new LyricPrinter((text) => tools.screen.answer(text), isFirst);
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
    const { screen } = this.#tools;
    for (const line of answerLines(message)) screen.answer(`${line}\n`);
    for (const line of remarkLines(message)) screen.remark(line);
    for (const line of await endLines(message, this.#tools)) screen.answer(`${line}\n`);
  }

  async fail(text: string): Promise<void> {
    this.#lyrics.breakOff();
    this.#tools.screen.complain(text);
  }

  async post(message: Message): Promise<LiveMessage> {
    const posted = new PostedLine(this.#tools);
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

/** What the end of a message says besides its text: where its files are, and what it asks for. */
async function endLines(message: Message, { saveFile, printAction }: TerminalTools): Promise<string[]> {
  const files: string[] = [];
  for (const file of message.files ?? []) files.push(`${file.alt || file.name}: ${await saveFile(file)}`);
  return [...files, ...questionLines(message, printAction)];
}

/** A message that changes becomes a line now and then; what stands in columns is printed where it is new. */
export class PostedLine implements LiveMessage {
  readonly ref = HERE;
  readonly #tools: TerminalTools;
  #shownAt = 0;
  #columns = '';
  #end!: () => void;
  readonly ended: Promise<void>;

  constructor(tools: TerminalTools) {
    this.#tools = tools;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  show(message: Message): void {
    this.#shownAt = performance.now();
    const blocks = message.blocks.filter(({ kind }) => kind !== 'columns');
    const lines = [...answerLines({ blocks }), ...remarkLines(message)];
    this.#tools.screen.remark(lines.join(' '));
  }

  update(message: Message): void {
    this.#showColumns(message);
    if (performance.now() - this.#shownAt >= 1000 * PROGRESS_SECONDS) this.show(message);
  }

  async finish(message: Message): Promise<void> {
    const { screen } = this.#tools;
    for (const line of [...remarkLines(message), ...answerLines(message)]) screen.remark(line);
    try {
      for (const line of await endLines(message, this.#tools)) screen.remark(line);
    } finally {
      this.#end();
    }
  }

  async fail(text: string): Promise<void> {
    this.#tools.screen.complain(text);
    this.#end();
  }

  /** Texts beside the line, each once. */
  #showColumns({ blocks }: Message): void {
    const lines = answerLines({ blocks: blocks.filter(({ kind }) => kind === 'columns') });
    const columns = lines.join('\n');
    if (columns === this.#columns) return;
    this.#columns = columns;
    for (const line of lines) this.#tools.screen.remark(`  ${line}`);
  }
}
