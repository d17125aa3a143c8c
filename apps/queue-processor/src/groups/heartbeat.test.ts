import { AutoScalingServiceException } from '@aws-sdk/client-auto-scaling';
import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { describe, expect, it, vi } from 'vitest';
import { sendHeartbeats } from './heartbeat.ts';
import type { HeartbeatOptions, Holding } from './heartbeat.ts';

const hook = { autoScalingGroupName: 'workers', lifecycleHookName: 'drain', lifecycleActionToken: 'token' };
const MINUTE = 60_000;

interface Given extends Partial<Pick<HeartbeatOptions, 'intervalSeconds' | 'untilSeconds' | 'startedAtMs'>> {
  readonly timeoutMs?: number | undefined;
  /** What keeps each heartbeat from being heard. */
  readonly beat?: (number: number) => Error | undefined | Promise<never>;
}

/** Heartbeats of an action that began at 0, by a clock that begins there, too; when each was sent, in seconds. */
function setUp({ beat = () => undefined, timeoutMs, ...own }: Given = {}) {
  const clock = new VirtualClock({ startMs: 0, turns: 1 });
  const sent: number[] = [];
  const inputs: unknown[] = [];
  const holdings: Holding[] = [];
  const warnings: string[] = [];
  const send = vi.fn((command: { readonly input: unknown }) => {
    sent.push(clock.now() / 1000);
    inputs.push(command.input);
    const error = beat(sent.length);
    return error instanceof Error ? Promise.reject(error) : (error ?? Promise.resolve({}));
  });
  const stop = new AbortController();
  const options: HeartbeatOptions = {
    ...{ intervalSeconds: 'auto' as const, untilSeconds: 172_800, startedAtMs: 0, clock, ...own },
    timeoutMs: () => timeoutMs,
    onHolding: (holding) => holdings.push(holding),
    onWarning: (message) => warnings.push(message),
  };
  const begin = () => sendHeartbeats({ send }, hook, 'i-1', options, stop.signal);
  return { clock, sent, inputs, holdings, warnings, stop, begin };
}

function refusal(message: string): AutoScalingServiceException {
  return new AutoScalingServiceException({ name: 'ValidationError', message, $fault: 'client', $metadata: {} });
}

describe('heartbeats', () => {
  it('are sent from the start of the action on, and none after their end (A5)', async () => {
    const { clock, sent, inputs, warnings, begin } = setUp({ intervalSeconds: 30, untilSeconds: 60 });
    await clock.run(begin());
    expect([sent, warnings]).toEqual([[30, 60], []]);
    expect(inputs[0]).toEqual({
      AutoScalingGroupName: 'workers',
      LifecycleHookName: 'drain',
      LifecycleActionToken: 'token',
      InstanceId: 'i-1',
    });
    // Whoever tries again, or takes over, goes on by the same clock, and sends none where their time is over.
    await clock.advance(1);
    await begin();
    expect(sent).toHaveLength(2);
  });

  it('of a successor begin at once where the last may be long ago, and wait for their time where it is not', async () => {
    const late = setUp({ intervalSeconds: 30, untilSeconds: 120 });
    await late.clock.advance(70_000);
    await late.clock.run(late.begin());
    expect(late.sent).toEqual([70, 100]);
    const soon = setUp({ intervalSeconds: 30, untilSeconds: 120 });
    await soon.clock.advance(10_000);
    await soon.clock.run(soon.begin());
    expect(soon.sent).toEqual([30, 60, 90, 120]);
  });

  it.each([
    [300_000, [150, 300, 450]],
    // The shortest timeout that the service allows, where it is not known.
    [undefined, [15, 30, 45]],
  ])('take half of the timeout of the hook when told auto: %s ms', async (timeoutMs, first) => {
    const { clock, sent, stop, begin } = setUp({ timeoutMs });
    const running = begin();
    await clock.advance(first[2]! * 1000);
    stop.abort();
    await running;
    expect([sent, clock.timers]).toEqual([first, 0]);
  });

  it('end with the work on the action, quietly', async () => {
    const { clock, sent, warnings, stop, begin } = setUp({ timeoutMs: 300_000 });
    const running = begin();
    await clock.advance(MINUTE);
    stop.abort();
    await running;
    expect([sent, warnings, clock.timers]).toEqual([[], [], 0]);
  });

  it('are not sent again when the action waits no longer', async () => {
    const gone = refusal('No active Lifecycle Action found with instance ID i-1');
    const { clock, sent, holdings, begin } = setUp({ timeoutMs: 60_000, beat: (n) => (n === 2 ? gone : undefined) });
    await clock.run(begin());
    expect([sent, holdings]).toEqual([
      [30, 60],
      ['held', 'gone'],
    ]);
  });

  it('are not sent again when they are refused as such, and nothing is heard any more', async () => {
    const { clock, sent, holdings, warnings, begin } = setUp({
      timeoutMs: 60_000,
      beat: () => refusal('no such group'),
    });
    await clock.run(begin());
    expect([sent, holdings]).toEqual([[30], [{ unheardSinceMs: 0 }]]);
    expect(warnings).toEqual(['heartbeat for i-1 failed: no such group']);
  });

  it('that fail are sent again soon, and tell when none was heard for longer than half the timeout', async () => {
    const { clock, sent, holdings, warnings, stop, begin } = setUp({
      timeoutMs: 60_000,
      beat: (n) => (n === 1 || n > 5 ? undefined : new Error('reset')),
    });
    const running = begin();
    await clock.advance(90_000);
    stop.abort();
    await running;
    expect(sent.slice(0, 2)).toEqual([30, 60]);
    expect(sent[2]).toBeLessThan(62);
    // One failure says nothing yet.
    expect(holdings[0]).toBe('held');
    expect(holdings.slice(1, 4)).toEqual(Array.from({ length: 3 }, () => ({ unheardSinceMs: 30_000 })));
    expect(holdings[4]).toBe('held');
    expect(warnings).toEqual(['heartbeat for i-1 failed: reset']);
  });

  it('that hang are given up, and count as not heard', async () => {
    const { clock, holdings, sent, begin } = setUp({
      ...{ timeoutMs: 60_000, untilSeconds: 120 },
      beat: () => new Promise<never>(() => undefined),
    });
    await clock.run(begin());
    expect(sent.length).toBeGreaterThan(3);
    expect(holdings).toContainEqual({ unheardSinceMs: 0 });
    expect(clock.timers).toBe(0);
  });
});
