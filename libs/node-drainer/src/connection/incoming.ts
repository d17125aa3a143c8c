import type { AnswerHead } from '@node-termination-handler/http-client';
import * as v from 'valibot';
import type { ResourceRef, Verb, WatchEvent } from './client.ts';
import { KubernetesApiError, KubernetesConnectionError } from './errors.ts';
import type { Status } from './wire.ts';

const statusSchema = v.looseObject({
  message: v.optional(v.string()),
  reason: v.optional(v.string()),
  code: v.optional(v.number()),
  details: v.optional(
    v.looseObject({
      kind: v.optional(v.string()),
      name: v.optional(v.string()),
      retryAfterSeconds: v.optional(v.number()),
      causes: v.optional(
        v.array(
          v.looseObject({
            reason: v.optional(v.string()),
            message: v.optional(v.string()),
            field: v.optional(v.string()),
          }),
        ),
      ),
    }),
  ),
});

const watchEventSchema = v.object({
  type: v.picklist(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR']),
  object: v.record(v.string(), v.unknown()),
});

/** An object as the server sends it. The API's types are the server's word; what is not JSON at all is refused. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the call decides the type, the caller names it
export function parseObject<T>(text: string): T {
  const value = parseJson(text);
  if (typeof value !== 'object' || value === null) throw new KubernetesConnectionError('the answer is not an object');
  return value as T;
}

/** One line of a watch. @throws {@link KubernetesApiError} for an `ERROR` event. */
export function parseWatchEvent<T>(call: ResourceRef, line: string): WatchEvent<T> {
  const parsed = v.safeParse(watchEventSchema, parseJson(line));
  if (!parsed.success) throw new KubernetesConnectionError('a watch sent something that is not an event');
  const { type, object } = parsed.output;
  if (type !== 'ERROR') return { type, object: object as T };
  const status = asStatus(object);
  throw new KubernetesApiError({ ...call, verb: 'watch' }, status?.code ?? 500, status);
}

/** The error for an answer that is not a success. */
export function toApiError(
  call: ResourceRef & { verb: Verb },
  { status, headers }: AnswerHead,
  text: string,
): KubernetesApiError {
  const body = statusIn(text);
  return new KubernetesApiError(call, status, body, retryAfter(headers['retry-after']));
}

/** `Retry-After` in seconds; the API server sends no dates there. See https://www.rfc-editor.org/rfc/rfc9110#field.retry-after */
function retryAfter(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,6}$/.test(header) ? Number(header) : undefined;
}

function asStatus(value: unknown): Status | undefined {
  const parsed = v.safeParse(statusSchema, value);
  return parsed.success ? (parsed.output as Status) : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new KubernetesConnectionError('the answer is not JSON', { cause: error });
  }
}

/** A proxy between us and the server may answer anything. */
function statusIn(text: string): Status | undefined {
  try {
    return asStatus(JSON.parse(text));
  } catch {
    return undefined;
  }
}

const NEWLINE = 0x0a;

/**
 * Splits a stream of bytes into lines. It works on bytes, so that a character cut in two by a chunk stays whole.
 *
 * @throws {@link KubernetesConnectionError} for a line longer than `maxBytes`.
 */
export async function* splitLines(chunks: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<string, undefined> {
  let parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      parts.push(chunk.subarray(start, end));
      const line = Buffer.concat(parts).toString('utf8');
      parts = [];
      length = 0;
      start = end + 1;
      if (line !== '') yield line;
    }
    parts.push(chunk.subarray(start));
    length += chunk.length - start;
    if (length > maxBytes) throw new KubernetesConnectionError(`a line is longer than ${maxBytes} bytes`);
  }
}
