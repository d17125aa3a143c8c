import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultBody } from './default-body.ts';
import { aNotification } from './testing/notification.ts';

describe('the default body', () => {
  it('is what existing users get', () => {
    expect(defaultBody(aNotification())).toBe(
      '{"text":"[NTH][Instance Interruption] EventID: spot-itn-6b1f - Kind: SPOT_ITN - Instance: i-0123456789abcdef0 - Node: ip-10-0-0-1.eu-west-1.compute.internal - Description: Spot ITN received. Instance will be interrupted at 2026-01-02T03:04:05Z - Start Time: 2026-01-02 03:04:05 +0000 UTC"}',
    );
  });

  it('ends with what has happened, on one line, where that is known', () => {
    const summary = 'The node is not drained after 9 s:\nadmission webhook "w"; pods: 3 evicted';
    expect(JSON.parse(defaultBody(aNotification({ summary })))).toMatchObject({
      text: expect.stringMatching(
        / - Start Time: 2026-01-02 03:04:05 \+0000 UTC - The node is not drained after 9 s: admission webhook "w"; pods: 3 evicted$/,
      ),
    });
  });

  it("takes the event's instance id before the node's", () => {
    expect(defaultBody(aNotification({ event: { instanceId: 'i-1' } }))).toContain('Instance: i-1 -');
    expect(defaultBody(aNotification({ event: { instanceId: '' } }))).toContain('Instance: i-0123456789abcdef0 -');
    expect(defaultBody({ phase: 'received', metadata: {}, event: { eventId: 'e', kind: 'k' } })).toBe(
      '{"text":"[NTH][Instance Interruption] EventID: e - Kind: k - Instance:  - Node: not known yet - Description:  - Start Time: 0001-01-01 00:00:00 +0000 UTC"}',
    );
  });

  it('writes fractions of a second without the zeros at their end', () => {
    const at = (time: string) => defaultBody(aNotification({ event: { startTime: new Date(time) } }));
    expect(at('2026-01-02T03:04:05.670Z')).toContain('2026-01-02 03:04:05.67 +0000 UTC"}');
    expect(at('2026-01-02T03:04:00.000Z')).toContain('2026-01-02 03:04:00 +0000 UTC"}');
    expect(at('nonsense')).toContain('0001-01-01 00:00:00 +0000 UTC"}');
  });

  it('puts a description on one line', () => {
    expect(defaultBody(aNotification({ event: { description: '\nfirst\r\nsecond\n' } }))).toContain(
      'Description: first second - Start',
    );
  });

  it('is valid JSON with one text, whatever an event holds', () => {
    const field = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(field, field, field, field, (eventId, kind, nodeName, description) => {
        const body = defaultBody({ phase: 'drained', metadata: {}, event: { eventId, kind, nodeName, description } });
        expect(Object.keys(JSON.parse(body) as object)).toEqual(['text']);
      }),
    );
  });
});
