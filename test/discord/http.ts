/** Requests and answers of the test server's REST half. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Upload } from './message-faults.ts';

export type Json = Readonly<Record<string, unknown>>;

/** A refusal as Discord words it. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: number;

  constructor(status: number, code: number, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Json;
  readonly uploads: readonly Upload[];
}

export function send(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>>,
) {
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  response.writeHead(status, { ...type, ...headers });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

export async function readBody(
  { headers }: IncomingMessage,
  bytes: Buffer,
): Promise<{ body: Json; uploads: Upload[] }> {
  const type = headers['content-type'] ?? '';
  if (bytes.length === 0) return { body: {}, uploads: [] };
  if (!type.startsWith('multipart/')) return { body: JSON.parse(String(bytes)), uploads: [] };
  const form = await new Response(bytes, { headers: { 'content-type': type } }).formData();
  const uploads = [...form.entries()].flatMap(([field, value]) =>
    typeof value === 'string' ? [] : [{ field, name: value.name, bytes: value.size }],
  );
  return { body: JSON.parse(String(form.get('payload_json'))), uploads };
}
