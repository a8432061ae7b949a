/** Ids as Discord makes them: the time, then a counter. */
const EPOCH = 1_420_070_400_000n;
let counter = 0n;

export function snowflake(time = Date.now()): string {
  counter = (counter + 1n) % 4096n;
  return String(((BigInt(time) - EPOCH) << 22n) | counter);
}
