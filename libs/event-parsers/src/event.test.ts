import { describe, expect, it } from 'vitest';
import { eventId, instanceId, isInstanceId } from './event.ts';

describe('ids', () => {
  it('keep a text of the alphabet as it is, and cut any other (S7)', () => {
    expect(eventId('spot-itn-event-1e5527d7')).toBe('spot-itn-event-1e5527d7');
    expect(eventId('a\n/b')).toMatch(/^a_\/b~[0-9a-f]{16}$/);
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
