/** Gives a network's logits what n-grams say (`model/ngram.ts`). Allocates nothing in `mix`. */
import { type History, type Ngram, NgramModel } from '../model/ngram.ts';
import { exponential, Logarithms } from './exponential.ts';

/** Below all probabilities that count; its logarithm is finite. */
const LEAST = 1e-300;

export class NgramMixer {
  readonly #model: NgramModel;
  readonly #weights: readonly number[];
  /** p(w) of the n-grams. */
  readonly #probabilities: Float64Array;
  /** Of p(w): at first the network's, up to a factor, then the mixture's. */
  readonly #logarithms: Logarithms;

  constructor({ tables, weights }: Ngram, vocabularySize: number) {
    this.#model = new NgramModel(tables, vocabularySize);
    this.#weights = weights;
    this.#probabilities = new Float64Array(vocabularySize);
    this.#logarithms = new Logarithms(vocabularySize);
  }

  /** Changes the logits at [at, at + V) to the logarithms of the mixture's probabilities. */
  mix(logits: Float32Array, at: number, history: History): void {
    const weight = this.#weights[history.place]!;
    const probabilities = this.#probabilities;
    const { values } = this.#logarithms;
    this.#model.distribution(history, probabilities);
    let max = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < values.length; i++) if (logits[at + i]! > max) max = logits[at + i]!;
    let sum = 0;
    for (let i = 0; i < values.length; i++) {
      values[i] = exponential(logits[at + i]! - max);
      sum += values[i]!;
    }
    const share = (1 - weight) / sum;
    for (let i = 0; i < values.length; i++) {
      const mixed = share * values[i]! + weight * probabilities[i]!;
      values[i] = Math.max(mixed, LEAST);
    }
    for (let i = 0; i < values.length; i++) logits[at + i] = this.#logarithms.at(i);
  }
}
