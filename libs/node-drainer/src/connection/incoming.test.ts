import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitLines } from './incoming.ts';

describe('lines', () => {
  async function linesOf(chunks: Buffer[], maxBytes = 1000): Promise<string[]> {
    async function* source() {
      for (const chunk of chunks) yield await Promise.resolve(chunk);
    }
    const lines: string[] = [];
    for await (const line of splitLines(source(), maxBytes)) lines.push(line);
    return lines;
  }

  it('come out whole however the bytes are cut', async () => {
    const text = fc.array(fc.string({ unit: fc.constantFrom('a', 'ä', '€', '😀', ' '), minLength: 1 }), {
      maxLength: 10,
    });
    await fc.assert(
      fc.asyncProperty(text, fc.array(fc.nat(200)), async (lines, cuts) => {
        const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
        const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
        const chunks = places.slice(1).map((place, index) => bytes.subarray(places[index], place));
        expect(await linesOf(chunks)).toEqual(lines);
      }),
    );
  });

  it('do not grow without an end', async () => {
    const chunks = Array.from({ length: 20 }, () => Buffer.alloc(100, 'x'));
    await expect(linesOf(chunks, 1000)).rejects.toThrow('longer than 1000 bytes');
  });
});
