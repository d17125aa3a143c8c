import { describe, expect, it } from 'vitest';
import { start } from '../testing/harness.ts';

const events = '/api/v1/namespaces/default/events';
const micro = '2026-01-01T00:00:00.000000Z';

describe('events', () => {
  it('show in both versions under their own names', async () => {
    const { client } = await start();
    const later = '/apis/events.k8s.io/v1/namespaces/default/events';
    const regarding = { kind: 'Node', name: 'n1' };
    const created = await client.post(later, {
      metadata: { name: 'e' },
      regarding,
      eventTime: micro,
      reportingController: 'nth',
      reportingInstance: 'x',
      action: 'Drain',
      reason: 'R',
      type: 'Normal',
      note: 'hello',
    });
    expect(created.value).toMatchObject({ apiVersion: 'events.k8s.io/v1', note: 'hello', regarding });
    const core = await client.get(`${events}/e`);
    expect(core.value).toMatchObject({
      apiVersion: 'v1',
      message: 'hello',
      involvedObject: regarding,
      reportingComponent: 'nth',
    });
    const patched = await client.patch(`${later}/e`, 'merge', { note: 'changed' });
    expect(patched.value).toMatchObject({ apiVersion: 'events.k8s.io/v1', note: 'changed' });
    const list = await client.get(`${events}?fieldSelector=involvedObject.name%3Dn1`);
    expect(list.at('items.0.message')).toBe('changed');
    expect((await client.get(`${later}?fieldSelector=regarding.name%3Dn1`)).at('items.0.note')).toBe('changed');
  });

  it('are checked more strictly in the later version', async () => {
    const { client } = await start();
    const reply = await client.post('/apis/events.k8s.io/v1/namespaces/default/events', {
      metadata: { name: 'e' },
      regarding: {},
      type: 'Foo',
      deprecatedCount: 3,
      deprecatedFirstTimestamp: 'x',
      series: { count: 1 },
    });
    expect(reply.at('message')).toBe(
      'Event "e" is invalid: [series.count: Invalid value: "": should be at least 2, eventTime: Required value, type: Invalid value: "": has invalid value: Foo, firstTimestamp: Invalid value: "": needs to be unset, count: Invalid value: "": needs to be unset]',
    );
  });

  it('have limits for their texts', async () => {
    const { client } = await start();
    const long = {
      metadata: { name: 'e' },
      involvedObject: {},
      eventTime: micro,
      reportingComponent: 'nth',
      reportingInstance: 'x',
      action: 'a',
      reason: 'r',
      message: 'm'.repeat(1025),
    };
    expect((await client.post(events, long)).at('details.causes.0.field')).toBe('message');
  });
});
