import { describe, expect, it } from 'vitest';
import { examine, findingLines, report } from './finding.ts';

describe('a finding', () => {
  it('is a mark, what it is about, and what is wrong, a line each', () => {
    expect(findingLines({ about: 'links', problems: [] })).toBe('✓ links');
    expect(findingLines({ about: 'links', detail: '3 files' })).toBe('✓ links: 3 files');
    expect(findingLines({ about: 'links', problems: ['a', 'b'] })).toBe('✗ links\n    a\n    b');
    expect(findingLines({ about: 'lint', problems: [], skipped: 'no Python' })).toBe('– lint: skipped, no Python');
  });

  it('is what was seen, or what was thrown, with its causes', async () => {
    expect(await examine('a', () => ({ detail: '3 files' }))).toEqual({ about: 'a', detail: '3 files' });
    const fails = () => Promise.reject(new Error('b cannot be read', { cause: new Error('no such file') }));
    expect(await examine('b', fails)).toEqual({ about: 'b', problems: ['b cannot be read: no such file'] });
  });
});

describe('the report', () => {
  it('counts how the findings came out, and says whether all is well', async () => {
    const lines: string[] = [];
    async function* findings() {
      yield await Promise.resolve({ about: 'a' });
      yield { about: 'b', skipped: 'no Go' };
    }
    expect(await report(findings(), (line) => lines.push(line))).toBe(true);
    expect(lines).toEqual(['✓ a', '– b: skipped, no Go', '1 passed, 0 failed, 1 skipped']);
    async function* failing() {
      yield await Promise.resolve({ about: 'c', problems: ['broken'] });
    }
    expect(await report(failing(), (line) => lines.push(line))).toBe(false);
    expect(lines.at(-1)).toBe('0 passed, 1 failed, 0 skipped');
  });
});
