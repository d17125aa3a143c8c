import { describe, expect, it } from 'vitest';
import { faultOf, HttpConnectionError, HttpTimeoutError } from './errors.ts';

describe('the fault of an error', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' });

  it.each([
    ['is what Node says, by its name', refused, { text: refused.message, code: 'ECONNREFUSED' }],
    ['has no name where Node gives none', new Error('odd'), { text: 'odd' }],
    ['has no name where it is no text', Object.assign(new Error('odd'), { code: 7 }), { text: 'odd' }],
    ['of several addresses is that of the first', new AggregateError([refused]), { text: refused.message }],
    ['without words is its name', Object.assign(new Error(''), { code: 'EPIPE' }), { text: 'EPIPE', code: 'EPIPE' }],
    ['without words and name is said to be unknown', new Error(''), { text: 'unknown fault' }],
    ['that is no error is its text', 'closed', { text: 'closed' }],
  ])('%s', (_case, error, fault) => {
    expect(faultOf(error)).toEqual(fault);
  });
});

it.each([
  ['connection', 'no connection within 3 ms'],
  ['answer', 'no answer within 3 ms'],
  ['body', 'no end of the answer within 3 ms'],
] as const)('the end of the time says what is missing: %s', (stage, message) => {
  expect(new HttpTimeoutError(3.2, { stage }).message).toBe(message);
});

it('the end of the time may have words of its own', () => {
  expect(new HttpTimeoutError(3, { stage: 'body' }, 'silent for 3 ms').message).toBe('silent for 3 ms');
});

it('a connection error keeps its cause and name, where there are any', () => {
  const cause = new Error('odd');
  const known = new HttpConnectionError('broke', { stage: 'answer', code: 'ECONNRESET', wasKept: true, cause });
  expect(known).toMatchObject({ cause, code: 'ECONNRESET', wasKept: true, stage: 'answer' });
  expect(new HttpConnectionError('broke', { stage: 'body' })).toMatchObject({ wasKept: false, code: undefined });
});
