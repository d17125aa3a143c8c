import { KubernetesConnectionError } from './errors.ts';

const NEWLINE = 0x0a;

/**
 * Splits a stream of bytes into lines. It works on bytes, so that a character cut in two by a chunk stays whole.
 *
 * @throws {@link KubernetesConnectionError} for a line longer than `maxBytes`.
 */
export async function* splitLines(chunks: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<string> {
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
