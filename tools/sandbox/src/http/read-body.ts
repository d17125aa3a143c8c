import type { IncomingMessage } from 'node:http';

/**
 * Reads a request's body to its end.
 * @throws Error when it is longer than `limitBytes` (default 8 MiB) or the client goes away.
 */
export async function readBody(request: IncomingMessage, limitBytes = 8 * 1024 * 1024): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > limitBytes) throw new Error(`The request's body is longer than ${limitBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
