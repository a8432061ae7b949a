/**
 * One lyric in the making: what is still to be fed, what has been sampled, and when it ends. It knows
 * characters and token ids, no tensors and no other sequence.
 */

import type { Checkpoint } from '../model/checkpoint.ts';
import { encodeComposing } from '../model/compose.ts';
import { START } from '../model/network.ts';
import { REACH, SongMemory } from '../model/recall.ts';
import { normalizeText, type Vocabulary } from '../model/vocabulary.ts';
import { Random } from '../random.ts';
import type { Decoder, DecodingSettings } from './decoding.ts';
import type { NgramMixer } from './ngram-mixer.ts';
import { dampingAt, type Recaller } from './recaller.ts';
import type { SampleRequest, SampleResult } from './request.ts';
import type { Phase, Schedulable } from './scheduler.ts';

/** Line ends in a row that end a song, two blank lines; of one that is long, one. */
const SONG_END = 3;
const LONG_SONG_END = 2;

/** What speaks beside a checkpoint's network. */
export interface Mixers {
  readonly ngrams?: NgramMixer | undefined;
  readonly recaller?: Recaller | undefined;
}

export class Sequence implements Schedulable {
  phase: Phase = 'waiting';
  slot = -1;
  readonly request: SampleRequest;
  readonly #vocabulary: Vocabulary;
  /** Tokens of a song before which it does not end; no more than its memory surely holds. */
  readonly #shortest: number;
  /** Tokens of a song from which on it ends with its verse; infinite where its memory may not hold them. */
  readonly #long: number;
  readonly #onText: (piece: string) => void;
  readonly #settings: DecodingSettings;
  /** Strength of the recall. */
  readonly #recall: number;
  readonly #stopAtEnd: boolean;
  readonly #unseen: string[];
  readonly #random: Random;
  /** What has been fed of the song. */
  readonly #memory: SongMemory;
  /** Token ids to be fed, from `#fed` on. */
  readonly #tokens: number[];
  #fed = 0;
  #begun: boolean;
  #lineEnds: number;
  #text = '';
  /** Characters sampled, and those of them that are in `#text`. */
  #sampled = 0;
  #characters = 0;
  /** Line ends sampled but not yet in `#text`: they do not belong to it if they end the song. */
  #heldLineEnds = 0;
  #end: SampleResult['end'] = 'cancelled';

  constructor(
    request: SampleRequest,
    { vocabulary, songs }: Pick<Checkpoint, 'vocabulary' | 'songs'>,
    onText: (piece: string) => void,
  ) {
    const { primeText, temperature, topK, topP, argmax = false, seed, stopAtEnd, recall = 1, from } = request;
    const prime = normalizeText(primeText.replace(/\r\n?/g, '\n'));
    this.request = request;
    this.#vocabulary = vocabulary;
    const { shortest = 0, long = Number.POSITIVE_INFINITY } = songs ?? {};
    this.#shortest = Math.min(shortest, REACH);
    this.#long = long <= REACH ? long : Number.POSITIVE_INFINITY;
    this.#onText = onText;
    this.#settings = { temperature, topK: topK ?? vocabulary.size, topP: topP ?? 1, argmax };
    this.#recall = recall * dampingAt(argmax ? 0 : temperature);
    this.#stopAtEnd = stopAtEnd ?? true;
    this.#unseen = vocabulary.unseen(prime);
    this.#random = new Random(from ? from.random : seed);
    this.#memory = new SongMemory(vocabulary.lineEnd);
    for (const token of from?.song ?? []) this.#memory.push(token);
    this.#tokens = [...(from ? from.tokens : [START]), ...encodeComposing(vocabulary, prime)];
    this.#begun = prime === '' && (from?.begun ?? false);
    this.#lineEnds = prime === '' ? (from?.lineEnds ?? 0) : 0;
  }

  /** The token to be fed next; negative where its embedding is composed (`model/compose.ts`). */
  get token(): number {
    return this.#tokens[this.#fed]!;
  }

  /** Takes the logits [at, at + V) that came out when `token` was fed, and may change them. May finish. */
  advance(decoder: Decoder, { ngrams, recaller }: Mixers, logits: Float32Array, at: number): void {
    this.#remember(this.token);
    if (++this.#fed < this.#tokens.length) return;
    ngrams?.mix(logits, at, this.#memory);
    recaller?.mix(logits, at, this.#memory, this.#recall, ngrams !== undefined);
    const token = decoder.choose(logits, at, this.#settings, this.#mayEnd, this.#random);
    this.#tokens.length = 0;
    this.#tokens.push(token);
    this.#fed = 0;
    if (token === START) this.#endSong();
    else this.#append(this.#vocabulary.character(token));
  }

  /** Whether the song can end after what has been fed of it. */
  get #mayEnd(): boolean {
    return this.#begun && this.#memory.length >= this.#shortest;
  }

  /** Line ends in a row that end the song where it is. */
  get #songEnd(): number {
    return this.#memory.length >= this.#long ? LONG_SONG_END : SONG_END;
  }

  #remember(token: number): void {
    if (token === START) this.#memory.clear();
    else this.#memory.push(token);
  }

  /** Ends the lyric where it is. */
  cancel(): void {
    this.#finish('cancelled');
  }

  /** @param state the network's state after what has been fed. */
  result(state: Float32Array): SampleResult {
    const [text, characters, unseen, end] = [this.#text, this.#characters, this.#unseen, this.#end];
    const tokens = this.#tokens.slice(this.#fed);
    const random = this.#random.state;
    const song = [...this.#memory.tokens];
    const continuation = { state, tokens, song, random, begun: this.#begun, lineEnds: this.#lineEnds };
    return { text, characters, unseen, end, continuation };
  }

  #append(character: string): void {
    this.#sampled++;
    if (character !== '\n') {
      this.#begun ||= character.trim() !== '';
      this.#lineEnds = 0;
      this.#print(character);
    } else if (!this.#begun) {
      this.#print(character); // blank lines before the first word end nothing
    } else {
      this.#lineEnds++;
      if (this.#stopAtEnd) this.#heldLineEnds++;
      else this.#print(character);
    }
    if (this.#stopAtEnd && this.#lineEnds >= this.#songEnd && this.#mayEnd) this.#endSong();
    else if (this.#sampled === this.request.length) this.#finish('length');
  }

  #endSong(): void {
    this.#begun = false;
    this.#lineEnds = 0;
    if (!this.#stopAtEnd) return;
    this.#heldLineEnds = 0;
    this.#finish('song');
  }

  #finish(end: SampleResult['end']): void {
    this.phase = 'finished';
    this.#end = end;
    if (this.#heldLineEnds > 0) this.#print('');
  }

  /** Adds a character, or nothing, after the line ends that were held back. */
  #print(character: string): void {
    const piece = '\n'.repeat(this.#heldLineEnds) + character;
    this.#characters += this.#heldLineEnds + (character === '' ? 0 : 1);
    this.#heldLineEnds = 0;
    this.#text += piece;
    this.#onText(piece);
  }
}
