import { expect, it } from 'vitest';
import { errorText } from './error-text.ts';

it.each([
  [new Error('a'), 'a'],
  [new TypeError(''), 'TypeError'],
  [new Error('a', { cause: new Error('b', { cause: 'c' }) }), 'a: b: c'],
  [new Error('cannot do: b', { cause: new Error('b') }), 'cannot do: b'],
  [new AggregateError([new Error('::1 refused'), new Error('127.0.0.1 refused')]), '::1 refused; 127.0.0.1 refused'],
  [new AggregateError([new Error('a')], 'all failed'), 'all failed'],
  ['text', 'text'],
  [{ code: 5 }, '{"code":5}'],
  [undefined, ''],
  [null, ''],
  [Symbol('s'), 'Symbol(s)'],
  [10n, '10'],
  [{ big: 10n }, 'an error that cannot be written'],
])('writes %o as %j', (error, text) => {
  expect(errorText(error)).toBe(text);
});

it('ends in a circle of causes', () => {
  const error = new Error('a');
  error.cause = error;
  expect(errorText(error)).toBe('a');
});
