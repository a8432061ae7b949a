/**
 * IEEE 754 half precision to and from float32, on bit patterns. Own code because the usual package needs
 * 4 s for the weights of one network, where a lyric is due in 2 s.
 */

const word = new DataView(new ArrayBuffer(4));

/** Bits of the half nearest to a float32, ties to even; beyond the range an infinity. */
export function toFloat16Bits(value: number): number {
  word.setFloat32(0, value);
  const bits = word.getUint32(0);
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 0xff) - 127;
  const mantissa = bits & 0x7fffff;
  if (exponent === 128) return sign | 0x7c00 | (mantissa === 0 ? 0 : 0x200);
  if (exponent > 15) return sign | 0x7c00;
  if (exponent < -25) return sign;
  // Normal halves keep 10 of the 23 bits; subnormal ones lose a bit more for each step below 2^-14.
  const normal = exponent >= -14;
  const dropped = normal ? 13 : -exponent - 1;
  const significand = normal ? ((exponent + 15) << 23) | mantissa : 0x800000 | mantissa;
  const kept = significand >>> dropped;
  const rest = significand & ((1 << dropped) - 1);
  const half = 1 << (dropped - 1);
  const up = rest > half || (rest === half && (kept & 1) === 1) ? 1 : 0;
  // A carry out of the mantissa lands in the exponent, which is what rounding up means.
  return sign | (kept + up);
}

/** The exact value of a half. */
export function fromFloat16Bits(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const mantissa = bits & 0x3ff;
  if (exponent === 0x1f) return mantissa === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  return sign * (1024 + mantissa) * 2 ** (exponent - 25);
}
