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

const float = new Float64Array(1);
const bits = new Uint32Array(float.buffer);
/** Where in `bits` the sign, the exponent and the upper 20 bits of the fraction stand. */
const UPPER = new Uint32Array(Float64Array.of(1).buffer)[1] === 0x3ff00000 ? 1 : 0;

/** The natural logarithm to within 1e-14 of a number that is positive, finite and not subnormal. */
export function logarithm(x: number): number {
  float[0] = x;
  const exponent = (bits[UPPER]! >>> 20) - 1023;
  bits[UPPER] = (bits[UPPER]! & 0xfffff) | 0x3ff00000;
  const mantissa = float[0]!;
  const isUpper = mantissa > Math.SQRT2;
  const m = isUpper ? mantissa / 2 : mantissa;
  const n = isUpper ? exponent + 1 : exponent;
  // ln m = 2 artanh(s), |s| < 0.172
  const s = (m - 1) / (m + 1);
  const square = s * s;
  let series = 0;
  for (let k = 17; k >= 1; k -= 2) series = series * square + 1 / k;
  return n * Math.LN2 + 2 * s * series;
}
