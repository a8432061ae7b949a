/** Gives a network's logits what n-grams say (`model/ngram.ts`). */
import { LogitRow } from '../engine/wasm/logit-row.ts';
import { type History, type Ngram, NgramModel } from '../model/ngram.ts';

export class NgramMixer {
  readonly #model: NgramModel;
  readonly #weights: readonly number[];
  readonly #row: LogitRow;

  constructor({ tables, weights }: Ngram, vocabularySize: number) {
    this.#model = new NgramModel(tables, vocabularySize);
    this.#weights = weights;
    this.#row = new LogitRow(vocabularySize);
  }

  /** Changes the logits at [at, at + V) to the logarithms of the mixture's probabilities. */
  mix(logits: Float32Array, at: number, history: History): void {
    this.#model.distribution(history, this.#row.probabilities);
    this.#row.mix(logits, at, this.#weights[history.place]!);
  }
}
