import { abortable, sleep } from '@node-termination-handler/clock';
import { VirtualClock } from '@node-termination-handler/clock/virtual';
import type { InterruptionEvent } from '@node-termination-handler/event-parsers';
import { createLogger } from '@node-termination-handler/logger';
import { describe, expect, it } from 'vitest';
import { NoRoomError, urgencyOf, WAITING_LIMITS, WaitingRoom } from './waiting.ts';
import type { Urgency } from './waiting.ts';

const now = new Date('2026-01-02T03:04:05Z');
const of = (kind: InterruptionEvent['kind'], fields: object = {}) =>
  ({ kind, id: 'e', instanceId: 'i-1', description: '', noticedAt: now, ...fields }) as unknown as InterruptionEvent;
const never = (signal: AbortSignal) => abortable(Promise.withResolvers<never>().promise, signal);

function setUp(limits = { messages: 2, bytes: 1_000_000 }) {
  const clock = new VirtualClock();
  const counts: number[] = [];
  const metrics = { setMessagesWaiting: (count: number) => void counts.push(count) };
  const log = createLogger({ destination: { write: () => undefined } });
  const room = new WaitingRoom({ clock, log, metrics, limits });
  const stop = new AbortController();
  const ended: string[] = [];
  /** A message that waits until it is put back. */
  const waits = (name: string, urgency: Urgency, events = [of('SPOT_ITN')]) => {
    const place = room.place({ events, urgency });
    const waiting = events.map(() =>
      place.wait(stop.signal, never).catch((error: unknown) => void ended.push(`${name}: ${(error as Error).name}`)),
    );
    return { place, waiting };
  };
  return { clock, room, counts, ended, waits, stop };
}

describe('the room for messages that wait', () => {
  it('puts back the least urgent beyond its number, of several the one that came last (S1)', async () => {
    const { clock, room, ended, waits } = setUp();
    waits('launch 1', 3);
    waits('launch 2', 3);
    waits('launch 3', 3);
    waits('spot', 0);
    await clock.advance(0);
    expect(ended).toEqual(['launch 3: NoRoomError', 'launch 2: NoRoomError']);
    waits('health', 4);
    await clock.advance(0);
    expect([ended.at(-1), room.size]).toEqual(['health: NoRoomError', 2]);
  });

  it('puts back what takes more bytes than there are, by what is kept of it and not by what was received (S2)', async () => {
    const { clock, room, ended, waits } = setUp({ messages: 1_000, bytes: 100_000 });
    for (let index = 0; index < 50; index += 1) waits('small', 3);
    expect(room.size).toBe(50);
    waits('large', 3, [of('SPOT_ITN', { description: 'x'.repeat(40_000) })]);
    await clock.advance(0);
    expect([ended, room.size]).toEqual([['large: NoRoomError'], 50]);
    expect(WAITING_LIMITS).toEqual({ messages: 1_000, bytes: 33_554_432 });
  });

  it('counts a message only while all of its events that are left wait: what works takes no room', async () => {
    const { clock, room, counts, stop } = setUp();
    const place = room.place({ events: [of('SPOT_ITN'), of('SPOT_ITN')], urgency: 0 });
    const first = place.wait(stop.signal, (signal) => sleep(clock, 10_000, signal));
    expect(room.size).toBe(0);
    place.eventEnded();
    expect(room.size).toBe(1);
    await clock.run(first);
    place.eventEnded();
    expect([room.size, counts]).toEqual([0, [1, 0]]);
  });

  it('gives what was put back no further place, and follows the signal of the program', async () => {
    const { clock, room, ended, waits, stop } = setUp({ messages: 0, bytes: 0 });
    const { place } = waits('a', 0);
    await clock.advance(0);
    await expect(place.wait(stop.signal, never)).rejects.toThrow(NoRoomError);
    expect([ended, room.size]).toEqual([['a: NoRoomError'], 0]);
    const other = setUp();
    other.waits('b', 0);
    other.stop.abort(new Error('the process stops'));
    await other.clock.advance(0);
    expect([other.ended, other.room.size]).toEqual([['b: Error'], 0]);
  });

  it('hides what goes back for minutes, and in a flood for seconds: far fewer than SQS lets be in flight are hidden', async () => {
    const { clock, room } = setUp();
    expect([room.hiddenSeconds(0), room.hiddenSeconds(3)]).toEqual([30, 300]);
    const hidden = Array.from({ length: 5_000 }, () => room.hiddenSeconds(3));
    expect([hidden.at(0), hidden.at(-1)]).toEqual([300, 10]);
    await clock.advance(311_000);
    expect(room.hiddenSeconds(3)).toBe(300);
  });
});

describe('the one room of the program', () => {
  it('shows in a gauge, and says once that it is full, and that it is no more', async () => {
    const clock = new VirtualClock();
    const lines: Record<string, unknown>[] = [];
    const write = (text: string) => lines.push(JSON.parse(text) as Record<string, unknown>);
    const log = createLogger({ format: 'json', destination: { write } });
    const gauge: number[] = [];
    const metrics = { setMessagesWaiting: (count: number) => void gauge.push(count) };
    const room = new WaitingRoom({ clock, log, metrics });
    const stop = new AbortController();
    for (let index = 0; index < 1_010; index += 1)
      room
        .place({ events: [of('SPOT_ITN')], urgency: 3 })
        .wait(stop.signal, never)
        .catch(() => undefined);
    await clock.advance(0);
    expect([Math.max(...gauge), room.size]).toEqual([1_000, 1_000]);
    expect(lines).toMatchObject([
      { level: 'warn', message: expect.stringContaining('go back to the queue') as string },
    ]);
    stop.abort();
    await clock.advance(0);
    expect([gauge.at(-1), lines.at(-1)]).toMatchObject([0, { level: 'info' }]);
  });
});

describe('the urgency of an event', () => {
  it('is that of what goes soonest', () => {
    const inAnHour = { startTime: new Date(now.getTime() + 3_600_000) };
    const cases: readonly [InterruptionEvent, Urgency][] = [
      [of('SPOT_ITN'), 0],
      [of('STATE_CHANGE'), 0],
      [of('ASG_LIFECYCLE'), 1],
      [of('SCHEDULED_EVENT', { startTime: now }), 1],
      [of('REBALANCE_RECOMMENDATION'), 2],
      [of('INSTANCE_RUNNING'), 2],
      [of('ASG_LAUNCH_LIFECYCLE'), 3],
      [of('SCHEDULED_EVENT', inAnHour), 4],
    ];
    for (const [event, urgency] of cases) expect(urgencyOf(event, now), event.kind).toBe(urgency);
  });
});
