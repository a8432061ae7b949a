/** Collects what Discord would refuse in a payload, as `path: reason`. */

export type Json = Readonly<Record<string, unknown>>;

export class Checker {
  readonly faults: string[] = [];

  fail(path: string, reason: string): void {
    this.faults.push(`${path}: ${reason}`);
  }

  keys(path: string, value: Json, allowed: readonly string[]): void {
    for (const key of Object.keys(value))
      if (!allowed.includes(key)) this.fail(`${path}.${key}`, 'unknown key');
  }

  /** Lengths in UTF-16 units, without the white space at both ends, which Discord cuts off. */
  text(path: string, value: unknown, min: number, max: number): void {
    if (typeof value !== 'string') this.fail(path, 'not text');
    else if (value.trim().length < min || value.length > max) {
      this.fail(path, `has ${value.length} characters, ${min} to ${max} are allowed`);
    }
  }

  optionalText(path: string, value: unknown, max: number): void {
    if (value !== undefined) this.text(path, value, 1, max);
  }

  list(path: string, value: unknown, max: number): Json[] {
    if (value === undefined || value === null) return [];
    if (!Array.isArray(value)) {
      this.fail(path, 'not a list');
      return [];
    }
    if (value.length > max) this.fail(path, `has ${value.length} entries, ${max} are allowed`);
    return value;
  }

  integer(path: string, value: unknown, min: number, max: number): void {
    if (!Number.isInteger(value) || (value as number) < min || (value as number) > max) {
      this.fail(path, `${value} is no whole number from ${min} to ${max}`);
    }
  }

  boolean(path: string, value: unknown): void {
    if (value !== undefined && typeof value !== 'boolean') this.fail(path, 'neither true nor false');
  }

  oneOf(path: string, value: unknown, allowed: readonly unknown[]): void {
    if (!allowed.includes(value)) this.fail(path, `${JSON.stringify(value)} is none of ${allowed}`);
  }

  unique(path: string, values: readonly unknown[]): void {
    const given = values.filter((value) => value !== undefined);
    for (const value of given.filter((one, i) => given.indexOf(one) !== i)) this.fail(path, `${value} twice`);
  }
}
