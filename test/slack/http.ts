/** Requests as Slack sends and signs them over HTTP. */
import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:net';

export const SECRET = 'a1b2c3';

export interface Sent {
  readonly status: number;
  readonly ms: number;
}

/** Posts a slash command (fields) or an interaction (with `type`), signed. */
export async function sendSigned(
  port: number,
  payload: Readonly<Record<string, unknown>>,
  { secret = SECRET, age = 0, path = '/slack/events' } = {},
): Promise<Sent> {
  const fields = 'type' in payload ? { payload: JSON.stringify(payload) } : payload;
  const body = new URLSearchParams(fields as Record<string, string>).toString();
  const time = String(Math.floor(Date.now() / 1000) - age);
  const signature = createHmac('sha256', secret).update(`v0:${time}:${body}`).digest('hex');
  const headers = {
    'Content-Type': 'application/x-www-form-urlencoded',
    'X-Slack-Request-Timestamp': time,
    'X-Slack-Signature': `v0=${signature}`,
  };
  const clock = performance.now();
  const { status } = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', headers, body });
  return { status, ms: performance.now() - clock };
}

export const listen = (server: Server, port = 0): Promise<number> =>
  new Promise((resolve) => {
    server.listen(port, () => resolve((server.address() as { port: number }).port));
  });

export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}
