/** How a training shows itself: a bar on a terminal, lines in a pipe, or JSON for programs. */
import { MultiBar, Presets, type SingleBar } from 'cli-progress';
import type { Locale } from '../strings/index.ts';
import type { TrainingProgress } from '../training/progress.ts';
import { BAR_FORMAT, barPayload, describeProgress } from './progress-text.ts';

export interface Reporter {
  report(progress: TrainingProgress): void;
  /** Leaves the terminal as it was found. */
  close(): void;
}

type Output = NodeJS.WritableStream & { readonly isTTY?: boolean };

export function createReporter(
  output: Output,
  options: { readonly json: boolean; readonly printEvery: number; readonly locale: Locale },
): Reporter {
  if (options.json) return everyFew(options.printEvery, (progress) => output.write(jsonLine(progress)));
  if (output.isTTY) return barReporter(output, options.locale);
  return everyFew(options.printEvery, (progress) => {
    const text = describeProgress(progress, options.locale);
    if (text) output.write(`${text}\n`);
  });
}

/** Passes on one step of `printEvery`, with the mean loss of those since the last; everything else at once. */
function everyFew(printEvery: number, write: (progress: TrainingProgress) => void): Reporter {
  let losses: number[] = [];
  return {
    report(progress) {
      if (progress.type !== 'step') return write(progress);
      losses.push(progress.loss);
      if (progress.step % printEvery !== 0 && progress.step !== progress.steps) return;
      write({ ...progress, loss: losses.reduce((sum, loss) => sum + loss, 0) / losses.length });
      losses = [];
    },
    close() {},
  };
}

/** The summary of `done` stands alone, without a type; the keys are in snake case as char-rnn's are. */
function jsonLine(progress: TrainingProgress): string {
  if (progress.type !== 'done') return `${JSON.stringify(snakeCase(progress))}\n`;
  const { type: _, losses, samples, ...summary } = progress;
  // What a new network began with says nothing.
  const change = samples.length > 0 ? { losses, samples } : {};
  return `${JSON.stringify(snakeCase({ ...summary, ...change }))}\n`;
}

function snakeCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(snakeCase);
  if (typeof value !== 'object' || value === null) return value;
  const snake = (key: string) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [snake(key), snakeCase(each)]));
}

function barReporter(output: Output, locale: Locale): Reporter {
  const bars = new MultiBar(
    { format: BAR_FORMAT[locale], stream: output, hideCursor: true, fps: 5, gracefulExit: false },
    Presets.rect,
  );
  let bar: SingleBar | undefined;
  let valLoss: number | undefined;
  // Once: a second stop would move the cursor up into what was printed since.
  const stop = () => {
    if (bars.isActive) bars.stop();
  };
  return {
    report(progress) {
      if (progress.type === 'started') {
        output.write(`${describeProgress(progress, locale)}\n`);
        bar = bars.create(progress.steps, progress.step, barPayload(undefined, valLoss, locale));
      } else if (progress.type === 'step') {
        bar?.update(progress.step, barPayload(progress, valLoss, locale));
      } else if (progress.type === 'validated') {
        valLoss = progress.valLoss;
      } else if (progress.type === 'sample') {
        bars.log(`${describeProgress(progress, locale)}\n`);
        bars.update();
      } else if (progress.type !== 'saved') {
        stop();
        output.write(`${describeProgress(progress, locale)}\n`);
      }
    },
    close: stop,
  };
}
