/**
 * The exponential function of numbers that are not positive, and the logarithm, by additions, multiplications and
 * divisions alone: the same bits on every machine and Node version (`Math.exp` promises none), and `exponential`
 * several times as fast. Its relative error is under 1e-11.
 */

/** Below this the result is 0. e^-36 of the likeliest character's weight is far under what 32 random bits resolve. */
const LOWEST = -36;
/** Table entries for each factor of 2. */
const STEPS = 32;
const STEP = Math.LN2 / STEPS;
const INVERSE_STEP = STEPS / Math.LN2;

/** e^(-n * STEP), by square roots (exactly rounded) and multiplications. */
const TABLE = createTable();

function createTable(): Float64Array {
  let factor = 0.5;
  for (let steps = STEPS; steps > 1; steps /= 2) factor = Math.sqrt(factor);
  const table = new Float64Array(Math.ceil(-LOWEST * INVERSE_STEP) + 2);
  table[0] = 1;
  for (let n = 1; n < table.length; n++)
    table[n] = n % STEPS === 0 ? 0.5 ** (n / STEPS) : table[n - 1]! * factor;
  return table;
}

/** @param x 0 or less */
export function exponential(x: number): number {
  if (x < LOWEST) return 0;
  const n = (0.5 - x * INVERSE_STEP) | 0;
  // x = -n * STEP + r, |r| <= STEP / 2; Taylor's series of e^r to its fourth power.
  const r = x + n * STEP;
  return TABLE[n]! * (1 + r * (1 + r * (1 / 2 + r * (1 / 6 + r * (1 / 24)))));
}

/** Intervals of [1, 2) whose middle c has ln c and 1 / c in a table. */
const PARTS = 128;
const LOGARITHMS = Float64Array.from({ length: PARTS }, (_, i) => bySeries(1 + (i + 0.5) / PARTS));
const INVERSES = Float64Array.from({ length: PARTS }, (_, i) => 1 / (1 + (i + 0.5) / PARTS));
/** Of a double: what is added to an exponent, and the bits of the fraction in the upper half. */
const BIAS = 1023;
const FRACTION_BITS = 20;
/** 2^-n by n + BIAS. */
const SCALES = Float64Array.from({ length: 2 * BIAS + 1 }, (_, i) => powerOf2(BIAS - i));
/** Where of the two halves of a double the sign, the exponent and the begin of the fraction stand. */
const UPPER = new Uint32Array(Float64Array.of(1).buffer)[1] === 0x3ff00000 ? 1 : 0;

/** Exact, which `**` need not be. */
function powerOf2(n: number): number {
  let power = 1;
  for (let i = 0; i < Math.abs(n); i++) power *= n > 0 ? 2 : 0.5;
  return power;
}

/** ln c = 2 artanh(s) for c in [1, 2). */
function bySeries(c: number): number {
  const s = (c - 1) / (c + 1);
  let series = 0;
  for (let k = 41; k >= 1; k -= 2) series = series * s * s + 1 / k;
  return 2 * s * series;
}

const number = new Float64Array(1);
const halves = new Uint32Array(number.buffer);

/** The natural logarithm of a number, to within 1e-12; it is positive, finite and not subnormal. */
export function logarithm(x: number): number {
  number[0] = x;
  const upper = halves[UPPER]!;
  const exponent = upper >>> FRACTION_BITS;
  const part = (upper >>> (FRACTION_BITS - 7)) & (PARTS - 1);
  // x = 2^n c (1 + r), |r| < 1 / 256; Taylor's series of ln(1 + r) to its fourth power.
  const r = x * SCALES[exponent]! * INVERSES[part]! - 1;
  return (exponent - BIAS) * Math.LN2 + (LOGARITHMS[part]! + r * (1 - r * (1 / 2 - r * (1 / 3 - r / 4))));
}
