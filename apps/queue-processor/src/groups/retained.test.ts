import { AutoScalingServiceException } from '@aws-sdk/client-auto-scaling';
import { sleep } from '@node-termination-handler/clock';
import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { createLogger } from '@node-termination-handler/logger';
import { createMetrics } from '@node-termination-handler/metrics';
import { describe, expect, it, vi } from 'vitest';
import { createStateInGroup } from './lifecycle-state.ts';
import { watchRetained } from './retained.ts';

const EVERY_MS = 300_000;

/** Instances of groups, each in its state, and what is said of them. */
function setUp(states: Record<string, string>) {
  const clock = new VirtualClock();
  const stop = new AbortController();
  const lines: Record<string, unknown>[] = [];
  const metrics = createMetrics();
  const failures: Error[] = [];
  const calls = { underWay: 0, most: 0 };
  const send = vi.fn(async ({ input }: { readonly input: { readonly InstanceIds: readonly string[] } }) => {
    calls.most = Math.max(calls.most, (calls.underWay += 1));
    await sleep(clock, 100);
    calls.underWay -= 1;
    const failure = failures.shift();
    if (failure !== undefined) throw failure;
    const known = input.InstanceIds.filter((id) => id in states);
    return { AutoScalingInstances: known.map((InstanceId) => ({ InstanceId, LifecycleState: states[InstanceId] })) };
  });
  const log = createLogger({
    format: 'json',
    destination: { write: (text: string) => lines.push(JSON.parse(text) as Record<string, unknown>) },
  });
  const handler = { instancesOfGroups: Object.keys(states) };
  const watching = watchRetained(
    createStateInGroup({ send } as never, clock),
    handler,
    { clock, log, metrics },
    stop.signal,
  );
  const gauge = async () => /^nth_retained_instances (\d+)$/m.exec((await metrics.scrape()).body)?.[1];
  const end = async () => {
    stop.abort();
    await watching;
    metrics[Symbol.dispose]();
    return clock.timers;
  };
  return { calls, clock, end, failures, gauge, lines, send, states };
}

describe('instances that their groups retain', () => {
  it('are counted, and named once until others are', async () => {
    const { clock, end, gauge, lines, states } = setUp({
      'i-1': 'Terminating:Retained',
      'i-2': 'Terminating:Wait',
      'i-3': 'Warmed:Pending:Retained',
      'i-4': 'InService',
    });
    await clock.advance(1_000);
    expect(await gauge()).toBe('2');
    expect(lines).toMatchObject([{ level: 'warn', instances: 'i-1, i-3', count: 2 }]);
    await clock.advance(3 * EVERY_MS);
    expect(lines).toHaveLength(1);
    states['i-2'] = 'Terminating:Retained';
    delete states['i-1'];
    await clock.advance(EVERY_MS);
    expect(lines.at(-1)).toMatchObject({ instances: 'i-2, i-3', count: 2 });
    expect(await end()).toBe(0);
  });

  it('are asked for fifty at a time every five minutes, and not at all where no group takes an instance out', async () => {
    const many = setUp(Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`i-${n}`, 'Terminating:Retained'])));
    await many.clock.advance(EVERY_MS - 1);
    expect(many.send.mock.calls.map(([{ input }]) => input.InstanceIds.length)).toEqual([50, 50, 1]);
    expect(many.calls).toEqual({ underWay: 0, most: 1 });
    expect(await many.gauge()).toBe('101');
    expect(String(many.lines[0]?.instances).split(', ')).toHaveLength(20);
    await many.end();
    const none = setUp({});
    await none.clock.advance(10 * EVERY_MS);
    expect([none.send.mock.calls.length, none.lines, await none.gauge()]).toEqual([0, [], '0']);
    await none.end();
  });

  it('cannot be counted without the right, which is named once, and are asked for later', async () => {
    const { clock, end, failures, gauge, lines } = setUp({ 'i-1': 'Terminating:Wait' });
    const refused = new AutoScalingServiceException({
      ...{ name: 'AccessDenied', message: 'not allowed', $fault: 'client', $metadata: {} },
    });
    failures.push(refused, refused, new Error('down'));
    await clock.advance(3 * EVERY_MS);
    expect(lines.map(({ message }) => message)).toEqual([
      expect.stringContaining('the role lacks autoscaling:DescribeAutoScalingInstances'),
      'retained instances cannot be counted',
    ]);
    await clock.advance(EVERY_MS);
    expect([lines.at(-1)?.message, await gauge()]).toEqual(['retained instances are counted again', '0']);
    await end();
  });
});
