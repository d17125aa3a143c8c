import type { IncomingMessage } from 'node:http';
import { tooLarge } from '../status.ts';

/** The largest body that the real server takes, in bytes. */
const limit = 3 * 1024 * 1024;

/**
 * Reads a request's body.
 * @throws {ApiError} 413 when it is larger than the server takes.
 */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    size += bytes.length;
    if (size > limit) throw tooLarge(`limit is ${limit}`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}
