/**
 * How songs recall themselves (`model/recall.ts`), learnt from songs that were held out: there a model is as
 * surprised as it will be by songs to come.
 */
import {
  LENGTHS,
  type Match,
  PLACES,
  type Recall,
  recallWeight,
  type SongMemory,
  TIMES,
} from '../model/recall.ts';
import { type Judged, likeliestWeight } from './mixture-weight.ts';

/** One predicted character: its probabilities by the model alone and by what the song recalls. */
export interface Observation extends Match, Judged {}

/** The weights that make what was observed the likeliest. */
export function likeliestRecall(observations: Iterable<Observation>): Recall {
  const buckets = range(PLACES).map(() =>
    range(TIMES).map(() => range(LENGTHS).map((): Observation[] => [])),
  );
  for (const observation of observations) {
    const { place, times, longest } = observation;
    if (longest === 0) continue;
    buckets[place]![Math.min(times, TIMES) - 1]![Math.min(longest, LENGTHS) - 1]!.push(observation);
  }
  return {
    weights: buckets.map((place) => place.map((times) => times.map((bucket) => likeliestWeight(bucket)))),
  };
}

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** Cross-entropy of the mixture, in nats. */
export function recallNats(recall: Recall, observation: Observation): number {
  const weight = recallWeight(recall, observation);
  return -Math.log((1 - weight) * observation.alone + weight * observation.recalled);
}

/** Looks at memories of songs over one vocabulary. */
export class Observer {
  readonly #ids: Int32Array;
  readonly #counts: Int32Array;

  constructor(vocabularySize: number) {
    this.#ids = new Int32Array(vocabularySize);
    this.#counts = new Int32Array(vocabularySize);
  }

  /** @param token what came after what is remembered, and had the probability `alone` by the model. */
  observe(memory: SongMemory, token: number, alone: number): Observation {
    const { place, longest, times } = memory;
    const distinct = memory.followers(this.#ids, this.#counts);
    let total = 0;
    let ofToken = 0;
    for (let i = 0; i < distinct; i++) {
      total += this.#counts[i]!;
      if (this.#ids[i] === token) ofToken = this.#counts[i]!;
    }
    return { alone, recalled: ofToken && ofToken / total, place, longest, times };
  }
}
