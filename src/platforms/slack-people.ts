/** What Slack knows of people: their language and whether they are admins of the workspace. */
import type { Locale } from '../strings/index.ts';
import type { SlackApi } from './slack-api.ts';

/** How long a person's language is remembered. */
const LANGUAGE_MS = 3_600_000;
const MOST_LANGUAGES = 10_000;
/** An answer does not wait for the language that it is in. */
const LANGUAGE_PATIENCE_MS = 1500;
/** A form must be opened within three seconds. */
const ADMIN_PATIENCE_MS = 2000;
const USUAL: Locale = 'ko';

/** What `users.info` says, as far as it matters. */
interface User {
  readonly team_id?: string;
  readonly locale?: string;
  readonly deleted?: boolean;
  readonly is_admin?: boolean;
  readonly is_owner?: boolean;
  readonly is_primary_owner?: boolean;
  readonly is_stranger?: boolean;
  readonly enterprise_user?: { readonly teams?: readonly string[] };
}

export class People {
  readonly #api: SlackApi;
  readonly #admins: ReadonlySet<string>;
  readonly #languages = new Map<string, { readonly locale: Locale; readonly until: number }>();

  /** @param admins ids of people who are admins whatever Slack says. */
  constructor(api: SlackApi, admins: readonly string[]) {
    this.#api = api;
    this.#admins = new Set(admins);
  }

  /** Korean where it is not known, or not known in time. */
  async locale(id: string): Promise<Locale> {
    const known = this.#languages.get(id);
    if (known && performance.now() < known.until) return known.locale;
    try {
      const { locale } = await withTimeout(this.#user(id, 0), LANGUAGE_PATIENCE_MS);
      const own = locale === undefined || locale.toLowerCase().startsWith('ko') ? USUAL : 'en';
      this.#remember(id, own);
      return own;
    } catch {
      return known?.locale ?? USUAL;
    }
  }

  /** Whether the person may use admin commands in that workspace. Asked anew every time; rejects where Slack does not say. */
  async isAdmin(id: string, team: string): Promise<boolean> {
    if (this.#admins.has(id)) return true;
    const user = await withTimeout(this.#user(id, ADMIN_PATIENCE_MS), ADMIN_PATIENCE_MS);
    if (user.deleted === true || user.is_stranger === true || !isOfTeam(user, team)) return false;
    return user.is_admin === true || user.is_owner === true || user.is_primary_owner === true;
  }

  async #user(id: string, patienceMs: number): Promise<User> {
    const { user } = await this.#api.call('users.info', { user: id, include_locale: true }, patienceMs);
    return (user ?? {}) as User;
  }

  #remember(id: string, locale: Locale): void {
    this.#languages.delete(id);
    this.#languages.set(id, { locale, until: performance.now() + LANGUAGE_MS });
    const [oldest] = this.#languages.keys();
    if (this.#languages.size > MOST_LANGUAGES) this.#languages.delete(oldest!);
  }
}

/** Admins of another workspace that shares a channel are none here. */
const isOfTeam = ({ team_id: team, enterprise_user: enterprise }: User, wanted: string): boolean =>
  team === undefined || team === wanted || (enterprise?.teams?.includes(wanted) ?? false);

async function withTimeout<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
