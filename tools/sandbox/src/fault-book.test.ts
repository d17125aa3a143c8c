import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFaultBook, seededRandom } from './fault-book.ts';

describe('a fault book', () => {
  it('lets requests through while it is empty', () => {
    expect(createFaultBook<string>().take('any')).toEqual({ delayMs: 0, misbehaviour: undefined });
  });

  it('uses a rule up after its count', () => {
    const book = createFaultBook<string>();
    book.add({ times: 2, misbehaviour: { kind: 'hang' } });
    const kinds = ['a', 'b', 'c'].map((request) => book.take(request).misbehaviour?.kind);
    expect(kinds).toEqual(['hang', 'hang', undefined]);
    expect(book.hits()).toBe(2);
  });

  it('spares the first requests that a rule says to spare', () => {
    const book = createFaultBook<string>();
    book.add({ after: 1, times: 1, misbehaviour: { kind: 'hang' } });
    expect(['a', 'b', 'c'].map((request) => book.take(request).misbehaviour?.kind)).toEqual([
      undefined,
      'hang',
      undefined,
    ]);
  });

  it('falls only on requests that match', () => {
    const book = createFaultBook<string>();
    book.add({ matches: (request) => request === 'b', delayMs: 7 });
    expect(['a', 'b'].map((request) => book.take(request).delayMs)).toEqual([0, 7]);
  });

  it('adds delays up, and keeps the second misbehaviour for another request', () => {
    const book = createFaultBook<string>();
    book.add({ delayMs: 1 });
    book.add({ times: 1, delayMs: 2, misbehaviour: { kind: 'hang' } });
    book.add({ times: 1, misbehaviour: { kind: 'half-body' } });
    expect(book.take('a')).toEqual({ delayMs: 3, misbehaviour: { kind: 'hang' } });
    expect(book.take('b')).toEqual({ delayMs: 1, misbehaviour: { kind: 'half-body' } });
  });

  it('forgets a rule that is taken away, and all of them when cleared', () => {
    const book = createFaultBook<string>();
    const remove = book.add({ misbehaviour: { kind: 'hang' } });
    remove();
    expect(book.take('a').misbehaviour).toBeUndefined();
    book.add({ misbehaviour: { kind: 'hang' } });
    book.clear();
    expect(book.take('a').misbehaviour).toBeUndefined();
  });

  it('chooses the same requests again from the same seed', () => {
    const play = (seed: number): boolean[] => {
      const book = createFaultBook<number>();
      book.add({ probability: 0.5, seed, misbehaviour: { kind: 'hang' } });
      return Array.from({ length: 64 }, (_, index) => book.take(index).misbehaviour !== undefined);
    };
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        expect(play(seed)).toEqual(play(seed));
      }),
    );
    expect(play(1)).not.toEqual(play(2));
  });
});

describe('seeded random numbers', () => {
  it('lie in [0, 1)', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const value = seededRandom(seed)();
        return value >= 0 && value < 1;
      }),
    );
  });
});
