/** Rate limits by route, as Discord has them: so many requests a window, and the headers that say so. */

const WINDOW_MS = 5000;
/** Requests a window; registrations have a limit a day instead. */
const perWindow = (route: string): number => (route.includes('/applications/') ? 200 : 5);

interface Bucket {
  remaining: number;
  resetsAt: number;
}

export interface Verdict {
  readonly headers: Readonly<Record<string, string>>;
  /** Seconds to wait; undefined where the request may pass. */
  readonly retryAfter: number | undefined;
}

export class RateLimits {
  readonly #buckets = new Map<string, Bucket>();
  #forced: { readonly pattern: RegExp; readonly seconds: number } | undefined;
  /** Until when requests of a route must not come. */
  readonly #blocked = new Map<string, number>();
  readonly #fault: (text: string) => void;
  /** Requests that were refused. */
  refused = 0;

  constructor(fault: (text: string) => void) {
    this.#fault = fault;
  }

  /** Refuses the next request that fits (`PATCH /webhooks/...`). */
  refuseNext(pattern: RegExp, seconds: number): void {
    this.#forced = { pattern, seconds };
  }

  /** @param route method and path with ids that have a bucket of their own. */
  count(route: string): Verdict {
    const now = performance.now();
    if (now < (this.#blocked.get(route) ?? 0)) this.#fault(`${route} came before its Retry-After was over`);
    const bucket = this.#bucket(route, now);
    const isForced = this.#forced?.pattern.test(route) ?? false;
    if (!isForced && bucket.remaining > 0) {
      bucket.remaining--;
      return { headers: this.#headers(route, bucket, now), retryAfter: undefined };
    }
    const retryAfter = isForced ? this.#forced!.seconds : (bucket.resetsAt - now) / 1000;
    this.#forced = isForced ? undefined : this.#forced;
    this.#blocked.set(route, now + retryAfter * 1000 - 20);
    this.refused++;
    return {
      headers: { ...this.#headers(route, bucket, now), 'retry-after': String(retryAfter) },
      retryAfter,
    };
  }

  #bucket(route: string, now: number): Bucket {
    const bucket = this.#buckets.get(route);
    if (bucket && now < bucket.resetsAt) return bucket;
    const fresh = { remaining: perWindow(route), resetsAt: now + WINDOW_MS };
    this.#buckets.set(route, fresh);
    return fresh;
  }

  #headers(route: string, { remaining, resetsAt }: Bucket, now: number): Record<string, string> {
    return {
      'x-ratelimit-limit': String(perWindow(route)),
      'x-ratelimit-remaining': String(remaining),
      'x-ratelimit-reset': String((Date.now() + resetsAt - now) / 1000),
      'x-ratelimit-reset-after': String((resetsAt - now) / 1000),
      'x-ratelimit-bucket': Buffer.from(route).toString('hex').slice(0, 32),
    };
  }
}
