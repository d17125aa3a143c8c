import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blockedSpans } from './timeline.ts';

describe('blocked spans', () => {
  it('go from a pod’s first refusal to its acceptance', () => {
    const answers = [
      { pod: 'a', code: 429, at: 10 },
      { pod: 'a', code: 429, at: 20 },
      { pod: 'a', code: 201, at: 30 },
      { pod: 'b', code: 201, at: 12 },
    ];
    expect(blockedSpans(answers, 100)).toEqual([{ from: 10, to: 30 }]);
  });

  it('last until now for a pod that still waits', () => {
    expect(blockedSpans([{ pod: 'a', code: 429, at: 10 }], 100)).toEqual([{ from: 10, to: 100 }]);
  });

  it('are merged when they overlap', () => {
    const answers = [
      { pod: 'a', code: 429, at: 10 },
      { pod: 'b', code: 429, at: 15 },
      { pod: 'a', code: 201, at: 20 },
      { pod: 'b', code: 201, at: 25 },
      { pod: 'c', code: 429, at: 50 },
      { pod: 'c', code: 201, at: 60 },
    ];
    expect(blockedSpans(answers, 100)).toEqual([
      { from: 10, to: 25 },
      { from: 50, to: 60 },
    ]);
  });

  it('never overlap and never go backwards', () => {
    const answer = fc.record({
      pod: fc.constantFrom('a', 'b', 'c'),
      code: fc.constantFrom(201, 429, 500),
      at: fc.nat(100),
    });
    fc.assert(
      fc.property(fc.array(answer), (answers) => {
        const spans = blockedSpans(
          answers.sort((a, b) => a.at - b.at),
          100,
        );
        spans.forEach((span, index) => {
          expect(span.to).toBeGreaterThanOrEqual(span.from);
          if (index > 0) expect(span.from).toBeGreaterThan(spans[index - 1]!.to);
        });
      }),
    );
  });
});
