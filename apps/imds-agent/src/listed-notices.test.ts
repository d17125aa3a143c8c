import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { instanceId } from '@node-termination-handler/event-parsers';
import type { InterruptionHandler } from '@node-termination-handler/interruption-handler';
import { loadImdsAgentSettings } from '@node-termination-handler/settings';
import { describe, expect, it, vi } from 'vitest';
import { watchedDocuments } from './documents.ts';
import { Listing, Notices } from './listed-notices.ts';

const OWN_ID = '/latest/meta-data/instance-id';
const EVENTS = '/latest/meta-data/events/maintenance/scheduled';
const SPOT = '/latest/meta-data/spot/instance-action';

/** The document of events that EC2 has scheduled. */
function scheduled(...ids: readonly string[]): string {
  const times = { NotBefore: '12 Jan 2026 12:00:00 GMT', NotAfter: '12 Jan 2026 14:00:00 GMT' };
  return JSON.stringify(
    ids.map((EventId) => ({ ...times, Code: 'system-reboot', Description: '', EventId, State: 'active' })),
  );
}

type Answer = string | Error | undefined;

/** A metadata service; each answer of a path is given once, the last for ever. */
function setUp(answers: Readonly<Record<string, readonly Answer[]>>) {
  const parsed = loadImdsAgentSettings({
    argv: [],
    env: { NODE_NAME: 'node-1', ENABLE_SCHEDULED_EVENT_DRAINING: 'true' },
  });
  if (!parsed.ok || parsed.mode !== 'run') throw new Error('expected settings');
  const all: Readonly<Record<string, readonly Answer[]>> = { [OWN_ID]: ['i-1'], ...answers };
  const left = new Map(Object.entries(all).map(([path, all]) => [path, [...all]]));
  const get = vi.fn((path: string): Promise<string | undefined> => {
    const all = left.get(path) ?? [];
    const answer = all.length > 1 ? all.shift() : all[0];
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  });
  const clock = new VirtualClock({ turns: 2 });
  const stop = new AbortController();
  const listed = vi.fn<InterruptionHandler['listed']>(() => Promise.resolve());
  const documents = watchedDocuments(parsed.settings);
  const parts = {
    imds: { get },
    documents,
    instanceId: instanceId('i-1'),
    nodeName: 'node-1',
    handler: { listed },
    clock,
  };
  const listing = new Listing(parts);
  const running = listing.run(stop.signal);
  /** The ids of what each list told. */
  const lists = (): readonly (readonly string[])[] =>
    listed.mock.calls.map(([, { events }]) => events.map(({ id }) => id));
  const looks = (): number => get.mock.calls.filter(([path]) => path === OWN_ID).length;
  return { clock, get, listed, listing, lists, looks, running, stop };
}

describe('a list of the notices', () => {
  it('is made of three looks over ten seconds, each of which read the own id', async () => {
    const { clock, listed, listing, lists, looks } = setUp({ [EVENTS]: [scheduled('instance-event-1')] });
    await clock.advance(60_000);
    expect(looks()).toBe(0);
    listing.ask();
    await clock.advance(9_999);
    expect([looks(), listed.mock.calls]).toEqual([2, []]);
    await clock.advance(1);
    expect(looks()).toBe(3);
    expect(lists()).toEqual([['instance-event-1']]);
    expect(listed).toHaveBeenCalledWith(
      { name: 'node-1', instanceId: 'i-1' },
      expect.objectContaining({ source: 'imds', causes: new Set(['spot', 'scheduled', 'label']) }),
    );
    await clock.advance(60_000);
    expect(looks()).toBe(3);
  });

  it.each([
    ['first', [undefined, scheduled('e-1'), scheduled('e-1')]],
    ['second', [scheduled('e-1'), undefined, scheduled('e-1')]],
    ['last', [scheduled('e-1'), scheduled('e-1'), undefined]],
  ] as const)('holds a notice that the %s look alone did not find', async (_which, answers) => {
    const { clock, listing, lists } = setUp({ [EVENTS]: answers });
    listing.ask();
    await clock.advance(10_000);
    expect(lists()).toEqual([['e-1']]);
  });

  it('lacks what no look has found, and holds what came back between them', async () => {
    const { clock, listing, lists } = setUp({ [EVENTS]: [scheduled('e-1'), scheduled('e-2'), scheduled('e-2')] });
    listing.ask();
    await clock.advance(10_000);
    expect(lists()).toEqual([['e-1', 'e-2']]);
    listing.ask();
    await clock.advance(10_000);
    expect(lists().at(-1)).toEqual(['e-2']);
  });

  it('is empty where nothing is there any more', async () => {
    const { clock, listing, lists } = setUp({});
    listing.ask();
    await clock.advance(10_000);
    expect(lists()).toEqual([[]]);
  });

  it.each<readonly [string, Readonly<Record<string, readonly Answer[]>>]>([
    ['a proxy filters all', { [OWN_ID]: [undefined] }],
    ['another instance answers', { [OWN_ID]: ['i-2'] }],
    ['the id is read in two looks of three', { [OWN_ID]: ['i-1', 'i-1', undefined] }],
    ['a document cannot be read', { [SPOT]: [new Error('500')] }],
    ['a document is none', { [EVENTS]: ['<html>busy</html>'] }],
  ])('is not made while %s', async (_what, answers) => {
    const { clock, listing, listed, looks } = setUp(answers);
    listing.ask();
    await clock.advance(29_000);
    expect(listed).not.toHaveBeenCalled();
    // It is tried again, and not all the time.
    expect(looks()).toBeGreaterThan(1);
    expect(looks()).toBeLessThan(10);
  });

  it('is made as soon as the metadata answers again', async () => {
    const { clock, listing, lists } = setUp({
      [OWN_ID]: [new Error('reset'), undefined, 'i-1'],
      [EVENTS]: [scheduled('e-1')],
    });
    listing.ask();
    await clock.advance(30_000);
    expect(lists()).toEqual([['e-1']]);
  });

  it('is made once more when it was asked for while it was being made', async () => {
    const { clock, listing, lists } = setUp({
      [EVENTS]: [scheduled('e-1'), scheduled('e-1'), scheduled('e-1'), undefined],
    });
    listing.ask();
    await clock.advance(7_000);
    listing.ask();
    listing.ask();
    await clock.advance(60_000);
    expect(lists()).toEqual([['e-1'], []]);
  });

  it('is told again when the engine could not take it', async () => {
    const { clock, listing, listed } = setUp({});
    listed.mockRejectedValueOnce(new Error('the API server is down'));
    listing.ask();
    await clock.advance(60_000);
    expect(listed).toHaveBeenCalledTimes(2);
  });

  it('ends with the program, wherever it is, and leaves no timer', async () => {
    for (const afterMs of [0, 7_000]) {
      const { clock, listing, listed, running, stop } = setUp({});
      if (afterMs > 0) listing.ask();
      await clock.advance(afterMs);
      stop.abort();
      await running;
      await clock.advance(60_000);
      expect([clock.timers, listed.mock.calls]).toEqual([0, []]);
    }
  });
});

describe('the notices', () => {
  const event = (id: string) => {
    const at = new Date(0);
    const base = { description: '', instanceId: instanceId('i-1'), noticedAt: at, startTime: at };
    return { ...base, kind: 'SPOT_ITN', monitor: 'SPOT_ITN_MONITOR', action: 'stop', id: id as never } as const;
  };

  it('know what the documents hold, and say when something is there no longer', () => {
    const notices = new Notices();
    expect(notices.update('spot-instance-action', [event('a')])).toEqual({ isAnyGone: false });
    expect(notices.update('scheduled-events', [event('b')])).toEqual({ isAnyGone: false });
    expect([notices.has(event('a').id), notices.isAny('spot-instance-action')]).toEqual([true, true]);
    expect(notices.update('spot-instance-action', [event('a'), event('c')])).toEqual({ isAnyGone: false });
    expect(notices.update('spot-instance-action', [event('c')])).toEqual({ isAnyGone: true });
    expect([notices.has(event('a').id), notices.has(event('b').id)]).toEqual([false, true]);
    expect(notices.update('spot-instance-action', [])).toEqual({ isAnyGone: true });
    expect(notices.isAny('spot-instance-action')).toBe(false);
  });
});
