import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { inAscii } from './bundle-app.ts';

it('writes a program in ASCII that means the same', () => {
  const code = "[/[’\\u{1f600}]/u.test('’'), `…${'→'.length}`, '😀', '\\x85']";
  const ascii = inAscii(code);
  expect(ascii).toMatch(/^[\0-~]+$/);
  expect(runInNewContext(`JSON.stringify(${ascii})`)).toBe(JSON.stringify([true, '…1', '😀', '\x85']));
});

it('refuses raw text that would not be the same', () => {
  expect(() => inAscii('String.raw`a … b`')).toThrow('raw text in a program must be ASCII: String.raw`a … b`');
  expect(inAscii('String.raw`a`, `…`')).toBe('String.raw`a`, `\\u2026`');
});
