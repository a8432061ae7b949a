/** How many commands a minute a person, and a place, may give. */
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { UserError } from '../errors.ts';

const MINUTE = 60;

export class RateLimits {
  readonly #users: RateLimiterMemory;
  readonly #places: RateLimiterMemory;

  constructor({ perUser, perPlace }: { readonly perUser: number; readonly perPlace: number }) {
    this.#users = new RateLimiterMemory({ keyPrefix: 'user', points: perUser, duration: MINUTE });
    this.#places = new RateLimiterMemory({ keyPrefix: 'place', points: perPlace, duration: MINUTE });
  }

  /** Counts a command. Throws a `UserError` with the waiting time where it is one too many. */
  async count(user: string, place: string): Promise<void> {
    try {
      await this.#users.consume(user);
      await this.#places.consume(place);
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      throw new UserError('rateLimited', { seconds: Math.max(1, Math.ceil(error.msBeforeNext / 1000)) });
    }
  }
}
