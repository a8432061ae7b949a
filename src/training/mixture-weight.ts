/**
 * How much of a second model makes what came the likeliest, found by expectation maximisation (Dempster, Laird & Rubin
 * 1977; for mixtures of language models Jelinek & Mercer 1980).
 */
const ITERATIONS = 50;
const DECIMALS = 4;
/** Nothing is certain: the largest weight below 1 that has so many decimals. */
const MOST = 0.9999;

/** A weight, and as how many observations it counts. */
export interface Belief {
  readonly weight: number;
  readonly observations: number;
}

/** What was hardly seen is hardly trusted. */
const DOUBT: Belief = { weight: 0, observations: 1 };

/** Probabilities that each of two models gave to what came. */
export interface Judged {
  readonly alone: number;
  readonly recalled: number;
}

/** The second model's weight in their mixture, p = (1 - w) alone + w recalled. */
export function likeliestWeight(judged: readonly Judged[], before = DOUBT): number {
  let weight = 0.5;
  for (let i = 0; i < ITERATIONS; i++) {
    let expected = before.weight * before.observations;
    for (const { alone, recalled } of judged) {
      if (recalled > 0) expected += (weight * recalled) / ((1 - weight) * alone + weight * recalled);
    }
    weight = expected / (judged.length + before.observations);
  }
  return Math.min(MOST, Number(weight.toFixed(DECIMALS)));
}
