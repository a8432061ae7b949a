/**
 * Calls of Slack's Web API that wait where Slack says so and are repeated where that cannot say anything twice.
 * It knows the client's errors by their codes, not the client.
 */
import { setTimeout as sleep } from 'node:timers/promises';

/** One call, without repetition. */
export type SlackCall = (method: string, args: Record<string, unknown>) => Promise<SlackResult>;
export type SlackResult = Readonly<Record<string, unknown>>;

/** Milliseconds that a call may spend waiting, unless told otherwise. */
const PATIENCE_MS = 120_000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;
const RESPONSE_TIMEOUT_MS = 15_000;

/** Saying these again might say something twice. */
const ONCE: readonly string[] = [
  'chat.postMessage',
  'chat.postEphemeral',
  'views.open',
  'files.completeUploadExternal',
];
/** What happens before anything was sent. */
const NOT_SENT: readonly unknown[] = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'];
/** Slack's words for a failure of its own that passes; those of `REFUSED` say that nothing was done. */
const PASSING: readonly string[] = ['internal_error', 'fatal_error', 'request_timeout'];
const REFUSED: readonly string[] = ['ratelimited', 'rate_limited', 'service_unavailable'];
const UNAVAILABLE = 503;
const TOO_MANY = 429;

/** How the client describes what went wrong. */
interface ClientError {
  readonly code?: unknown;
  /** Seconds, where there were too many calls. */
  readonly retryAfter?: unknown;
  readonly statusCode?: unknown;
  readonly data?: { readonly error?: unknown };
  readonly original?: unknown;
}

export class SlackApi {
  readonly #call: SlackCall;

  constructor(call: SlackCall) {
    this.#call = call;
  }

  /** Rejects with the client's error where waiting does not help, or takes longer than `patienceMs`. */
  call(method: string, args: Record<string, unknown>, patienceMs?: number): Promise<SlackResult> {
    return patiently(() => this.#call(method, args), ONCE.includes(method), patienceMs);
  }
}

/**
 * Posts to the address that came with a request. Rejects where it has expired or is used up.
 * @param body as JSON.
 */
export async function respond(url: string, body: unknown): Promise<void> {
  const post = async () => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json; charset=utf-8' },
      body: JSON.stringify(body),
      redirect: 'error',
      signal: AbortSignal.timeout(RESPONSE_TIMEOUT_MS),
    });
    await response.body?.cancel();
    if (!response.ok) throw new ResponseError(response);
  };
  await patiently(post, true);
}

/** What the client makes of an answer that is not well. */
class ResponseError extends Error implements ClientError {
  readonly code = 'slack_webapi_http_error';
  readonly statusCode: number;
  readonly retryAfter: number | undefined;

  constructor({ status, headers }: Response) {
    super(`Slack answered ${status} to a response`);
    this.statusCode = status;
    if (status === TOO_MANY) this.retryAfter = Number.parseInt(headers.get('retry-after') ?? '', 10) || 1;
  }
}

/** Repeats a call for as long as that makes sense. */
async function patiently<T>(call: () => Promise<T>, once: boolean, patienceMs = PATIENCE_MS): Promise<T> {
  const deadline = performance.now() + patienceMs;
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
    try {
      return await call();
    } catch (error) {
      const pause = rateLimitMs(error) ?? (mayRepeat(error, once) ? wait : undefined);
      if (pause === undefined || performance.now() + pause > deadline) throw error;
      await sleep(pause);
    }
  }
}

/** What Slack calls the fault (`not_in_channel`), or undefined. */
export function slackFault(error: unknown): string | undefined {
  const fault = (error as ClientError | null)?.data?.error;
  return typeof fault === 'string' ? fault : undefined;
}

/** Whether Slack was not reached at all, or is not well. */
export function isUnreachable(error: unknown): boolean {
  const { code } = (error ?? {}) as ClientError;
  return code === 'slack_webapi_request_error' || code === 'slack_webapi_http_error';
}

/** Milliseconds that Slack asks to wait, where there were too many calls. */
export function rateLimitMs(error: unknown): number | undefined {
  const { retryAfter } = (error ?? {}) as ClientError;
  return typeof retryAfter === 'number' ? 1000 * Math.max(1, retryAfter) : undefined;
}

function mayRepeat(error: unknown, once: boolean): boolean {
  const { code, statusCode, original } = (error ?? {}) as ClientError;
  switch (code) {
    case 'slack_webapi_request_error':
      return !once || NOT_SENT.includes(causeCode(original));
    case 'slack_webapi_http_error':
      return statusCode === UNAVAILABLE || (!once && Number(statusCode) >= 500);
    case 'slack_webapi_platform_error': {
      const fault = slackFault(error) ?? '';
      return REFUSED.includes(fault) || (!once && PASSING.includes(fault));
    }
    default:
      return false;
  }
}

/** `fetch` rejects with a `TypeError` whose cause has the code. */
function causeCode(error: unknown): unknown {
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: { code?: unknown } };
  return code ?? cause?.code;
}
