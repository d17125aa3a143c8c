import { describe, expect, it } from 'vitest';
import { eventId, instanceId, isInstanceId } from './event.ts';

describe('ids', () => {
  it('keep the text as it is', () => {
    expect(eventId('a\n/b')).toBe('a\n/b');
    expect(instanceId('i-1')).toBe('i-1');
  });
});

describe('isInstanceId', () => {
  it.each(['i-12345678', 'i-0b662ef9931388ba0'])('takes %s', (text) => {
    expect(isInstanceId(text)).toBe(true);
  });

  it.each(['', 'i-', 'vol-0123', 'xi-1', 'i-1/../2', 'i-1\n', ' i-1', `i-${'0'.repeat(61)}`])('refuses %j', (text) => {
    expect(isInstanceId(text)).toBe(false);
  });
});
