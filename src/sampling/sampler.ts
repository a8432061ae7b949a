/**
 * Serves lyrics of one checkpoint by continuous batching: each step feeds one token for every running
 * sequence, and sequences join and leave between steps. A lyric depends on checkpoint, prime text, settings
 * and seed alone, whoever else is served.
 */
import { setImmediate } from 'node:timers/promises';
import type { Engine, SamplingOptions, SamplingStepper } from '../engine/engine.ts';
import { UserError } from '../errors.ts';
import type { Checkpoint } from '../model/checkpoint.ts';
import { Composer, isComposed } from '../model/compose.ts';
import { hasCellState, START } from '../model/network.ts';
import { Decoder } from './decoding.ts';
import { NgramMixer } from './ngram-mixer.ts';
import { Recaller } from './recaller.ts';
import { assertRequest, type SampleRequest, type SampleResult } from './request.ts';
import { Scheduler } from './scheduler.ts';
import { type Mixers, Sequence } from './sequence.ts';

export type { Continuation, SampleRequest, SampleResult } from './request.ts';

/** Milliseconds of steps after which the event loop gets its turn. */
const TURN = 8;

interface Promised {
  readonly resolve: (result: SampleResult) => void;
  readonly reject: (error: unknown) => void;
}

export class Sampler {
  readonly #stepper: SamplingStepper;
  /** Without its weights, which the stepper has. */
  readonly #checkpoint: Pick<Checkpoint, 'vocabulary' | 'songs'>;
  readonly #composer: Composer;
  /** Floats of a slot's state. */
  readonly #stateSize: number;
  readonly #decoder: Decoder;
  readonly #mixers: Mixers;
  readonly #scheduler: Scheduler<Sequence>;
  readonly #promised = new Map<Sequence, Promised>();
  readonly #slots: Int32Array;
  readonly #tokens: Int32Array;
  /** Embeddings that this step feeds in place of tokens. */
  readonly #composed: Float32Array[] = [];
  /** Ends when there is nothing left to do. */
  #loop: Promise<void> | undefined;
  #closed: Promise<void> | undefined;

  private constructor(stepper: SamplingStepper, checkpoint: Checkpoint) {
    const { spec, vocabulary, weights, ngram, recall } = checkpoint;
    this.#composer = new Composer(vocabulary, weights.get('embedding.weight')!);
    this.#stepper = stepper;
    this.#checkpoint = { vocabulary, songs: checkpoint.songs };
    this.#stateSize = spec.numLayers * (hasCellState(spec.cell) ? 2 : 1) * spec.rnnSize;
    this.#decoder = new Decoder(stepper.vocabularySize);
    this.#mixers = {
      ngrams: ngram && new NgramMixer(ngram, stepper.vocabularySize),
      recaller: recall && new Recaller(recall, stepper.vocabularySize),
    };
    this.#scheduler = new Scheduler(stepper.slots);
    this.#slots = new Int32Array(stepper.slots);
    this.#tokens = new Int32Array(stepper.slots);
  }

  /**
   * @param options.slots lyrics that are sampled at once; others wait for their turn.
   * @param options.precision of the weights, as the engine has it; 8 bits by default.
   */
  static async create(
    engine: Engine,
    checkpoint: Checkpoint,
    { slots, precision = 'int8' }: SamplingOptions,
  ): Promise<Sampler> {
    if (checkpoint.vocabulary.size <= START + 1) throw new UserError('vocabularyEmpty', {});
    return new Sampler(
      await engine.createSampling(checkpoint.spec, checkpoint.weights, { slots, precision }),
      checkpoint,
    );
  }

  /** Lyrics being sampled. */
  get running(): number {
    return this.#scheduler.running.length;
  }

  /** Lyrics that wait for a slot. */
  get waiting(): number {
    return this.#scheduler.waiting.length;
  }

  /**
   * Samples a lyric. Rejects with a `UserError` on settings out of bounds, or with what `onText` throws.
   * @param onText told each piece of the text as it is sampled.
   */
  async sample(request: SampleRequest, onText: (piece: string) => void = () => {}): Promise<SampleResult> {
    if (this.#closed) throw new Error('the sampler is closed');
    assertRequest(request);
    this.#assertContinuation(request);
    const sequence = new Sequence(request, this.#checkpoint, onText);
    return new Promise((resolve, reject) => {
      this.#promised.set(sequence, { resolve, reject });
      this.#scheduler.add(sequence);
      this.#loop ??= this.#run();
    });
  }

  /** Takes no more lyrics, lets those that were asked for end, and frees the network. */
  close(): Promise<void> {
    this.#closed ??= (async () => {
      await this.#loop;
      await this.#stepper.close();
    })();
    return this.#closed;
  }

  async #run(): Promise<void> {
    do {
      await setImmediate();
      const turnEnds = performance.now() + TURN;
      try {
        while (performance.now() < turnEnds && this.#step());
      } catch (error) {
        this.#failAll(error);
      }
    } while (this.#promised.size > 0);
    this.#loop = undefined;
  }

  /** One token for every running sequence; false when nobody is left to serve. */
  #step(): boolean {
    this.#cancelAborted();
    for (const { slot, request } of this.#scheduler.admit()) {
      if (request.from) this.#stepper.writeState(slot, request.from.state);
      else this.#stepper.reset(slot);
    }
    const { running } = this.#scheduler;
    if (running.length === 0) return false;
    this.#composed.length = 0;
    for (let i = 0; i < running.length; i++) {
      const { slot, token } = running[i]!;
      this.#slots[i] = slot;
      this.#tokens[i] = token;
      if (token < 0) {
        this.#tokens[i] = this.#stepper.vocabularySize + this.#composed.length;
        this.#composed.push(this.#composer.row(token));
      }
    }
    const logits = this.#stepper.step(this.#slots, this.#tokens, running.length, this.#composed);
    for (let i = 0; i < running.length; i++) {
      this.#advance(running[i]!, logits, i * this.#stepper.vocabularySize);
    }
    this.#settleFinished();
    return true;
  }

  #advance(sequence: Sequence, logits: Float32Array, at: number): void {
    try {
      sequence.advance(this.#decoder, this.#mixers, logits, at);
    } catch (error) {
      this.#reject(sequence, error);
    }
  }

  #cancelAborted(): void {
    for (const sequences of [this.#scheduler.running, this.#scheduler.waiting]) {
      for (const sequence of sequences) {
        if (!sequence.request.signal?.aborted) continue;
        try {
          sequence.cancel();
        } catch (error) {
          this.#reject(sequence, error);
        }
      }
    }
    this.#settleFinished();
  }

  #settleFinished(): void {
    for (const sequence of this.#scheduler.sweep()) {
      this.#promised.get(sequence)?.resolve(sequence.result(this.#stateOf(sequence)));
      this.#promised.delete(sequence);
    }
  }

  /** The network's state after what was fed; a sequence that never ran has the one that it would start from. */
  #stateOf({ slot, request }: Sequence): Float32Array {
    if (slot >= 0) return this.#stepper.readState(slot);
    return request.from?.state.slice() ?? new Float32Array(this.#stateSize);
  }

  #reject(sequence: Sequence, error: unknown): void {
    sequence.phase = 'finished';
    this.#promised.get(sequence)?.reject(error);
    this.#promised.delete(sequence);
  }

  #failAll(error: unknown): void {
    for (const sequence of this.#promised.keys()) this.#reject(sequence, error);
    this.#scheduler.sweep();
  }

  #assertContinuation({ from }: SampleRequest): void {
    if (!from) return;
    const isToken = (id: number) =>
      (Number.isInteger(id) && id >= 0 && id < this.#checkpoint.vocabulary.size) || isComposed(id);
    const { state, tokens, song = [] } = from;
    if (state.length === this.#stateSize && tokens.length > 0 && [...tokens, ...song].every(isToken)) return;
    throw new UserError('continuationForeign', {});
  }
}
