/** What can be asked of a sampler, what it answers, and the bounds of both. */
import { UserError } from '../errors.ts';
import { normalizeText } from '../model/vocabulary.ts';

export interface SampleRequest {
  /** What the lyric goes on from; may be empty. Hangul syllables that the network has not seen are composed from known ones, other such characters are fed as unknown. */
  readonly primeText: string;
  /** Characters to sample at most. */
  readonly length: number;
  /** Divides the logits: towards 0 the likeliest character, above 1 freer. */
  readonly temperature: number;
  /** Only the k likeliest characters. */
  readonly topK?: number;
  /** Only the fewest likeliest characters whose joint probability (after `topK`) reaches p. */
  readonly topP?: number;
  /** Always the likeliest character; temperature, `topK`, `topP` and seed do not matter then. */
  readonly argmax?: boolean;
  /**
   * How much the lyric repeats itself: factor of the odds of what the song so far recalls (`model/recall.ts`), 0 for
   * none. Default 1, about as often as in the songs that were learnt: at low temperatures it is damped, and with `argmax`
   * there is none. Nothing for a checkpoint that knows of no recall.
   */
  readonly recall?: number;
  readonly seed: number;
  /** Whether the lyric ends where the song does: at two blank lines or the start of another. Default true. */
  readonly stopAtEnd?: boolean;
  /** The lyric ends where it is when this aborts. */
  readonly signal?: AbortSignal;
  /**
   * Goes on exactly where another lyric of the same checkpoint ended, its randomness included: `seed` is not
   * used. A prime text is then fed after what is there, for the lyric to go on from.
   */
  readonly from?: Continuation;
}

/** Where a lyric stands: all that the characters to come depend on. */
export interface Continuation {
  /** The network's state as of `SamplingStepper.readState`. */
  readonly state: Float32Array;
  /** Token ids still to be fed, the last sampled one among them; negative: composed (`model/compose.ts`). */
  readonly tokens: readonly number[];
  /** Token ids of the song before those, the last ones of a long song; what it recalls, and what n-grams go on from. */
  readonly song?: readonly number[];
  /** State of the random numbers. */
  readonly random: readonly number[];
  /** Whether anything other than white space has been sampled for the song: before that, it cannot end. */
  readonly begun: boolean;
  /** Line ends in a row at the end of what has been sampled for the song. */
  readonly lineEnds: number;
}

export interface SampleResult {
  /** What was sampled, without the prime text; without the blank lines that ended the song. */
  readonly text: string;
  /** Code points of `text`. */
  readonly characters: number;
  /** Distinct characters of the prime text that the network has not seen. */
  readonly unseen: string[];
  readonly end: 'length' | 'song' | 'cancelled';
  readonly continuation: Continuation;
}

/** Least and most of each setting; the least temperature and top-p are excluded. */
export const SAMPLE_LIMITS = {
  length: { min: 1, max: 1_000_000 },
  temperature: { above: 0, max: 10 },
  topK: { min: 1, max: 100_000 },
  topP: { above: 0, max: 1 },
  recall: { min: 0, max: 10 },
  seed: { min: 0, max: 2 ** 32 - 1 },
  /** Code points. */
  primeText: { max: 10_000 },
} as const;

/** Throws a `UserError` that names the first setting out of bounds, with what is allowed. */
export function assertRequest(request: SampleRequest): void {
  const { length, temperature, topK, topP, recall, seed } = SAMPLE_LIMITS;
  assertWhole('length', request.length, length);
  assertAbove('temperature', request.temperature, temperature);
  if (request.topK !== undefined) assertWhole('top_k', request.topK, topK);
  if (request.topP !== undefined) assertAbove('top_p', request.topP, topP);
  if (request.recall !== undefined) assertWithin('recall', request.recall, recall);
  assertWhole('seed', request.seed, seed);
  const characters = [...normalizeText(request.primeText)].length;
  const most = SAMPLE_LIMITS.primeText.max;
  if (characters > most) throw new UserError('primeTextTooLong', { characters, most });
}

function assertWhole(setting: string, value: number, { min, max }: { min: number; max: number }): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new UserError('sampleSetting', { setting, value: String(value), expected: `${min}, ..., ${max}` });
}

function assertWithin(setting: string, value: number, { min, max }: { min: number; max: number }): void {
  if (value >= min && value <= max) return;
  throw new UserError('sampleSetting', { setting, value: String(value), expected: `${min} <= x <= ${max}` });
}

function assertAbove(setting: string, value: number, { above, max }: { above: number; max: number }): void {
  if (value > above && value <= max) return;
  throw new UserError('sampleSetting', { setting, value: String(value), expected: `${above} < x <= ${max}` });
}
