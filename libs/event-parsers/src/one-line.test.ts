import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { MAX_TEXT_LENGTH, oneLine } from './one-line.ts';
import { anyText } from './testing/any-text.ts';

describe('oneLine', () => {
  it('leaves a plain text as it is', () => {
    expect(oneLine('scheduled reboot, größer')).toBe('scheduled reboot, größer');
  });

  it('puts one space for line breaks, other control characters and direction marks', () => {
    expect(oneLine(' a\r\n\tb\u0000c\u2028d\u202ee\u001b[31m ')).toBe('a b c d e [31m');
  });

  it('cuts a long text with an ellipsis', () => {
    expect(oneLine('x'.repeat(262_144))).toBe(`${'x'.repeat(MAX_TEXT_LENGTH - 1)}…`);
    expect(oneLine('abcdef', 4)).toBe('abc…');
  });

  it('leaves no half of a character behind a cut', () => {
    expect(oneLine('ab😀cd', 4).isWellFormed()).toBe(true);
  });

  it('always gives one line of bounded length', () => {
    fc.assert(
      fc.property(anyText({ maxLength: 600 }), (text) => {
        const line = oneLine(text, 100);
        expect(line).toMatch(/^[^\p{Cc}\u2028\u2029]*$/u);
        expect(line.length).toBeLessThanOrEqual(100);
      }),
    );
  });
});
