import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { instanceId } from '@node-termination-handler/event-parsers';
import type { FoundNode } from '@node-termination-handler/node-drainer';
import { describe, expect, it, vi } from 'vitest';
import type { DescribedInstance, Ec2Answer } from './describe.ts';
import { lookForNode } from './look-for-node.ts';
import type { LookParts } from './look-for-node.ts';

const event = { kind: 'SPOT_ITN', instanceId: instanceId('i-1') } as const;
const rule = { checkTag: false, managedTag: { key: 'managed' }, region: 'eu-west-1' };
const node = { name: 'node-1' } as FoundNode;
const described = (launchTime: Date): Ec2Answer => ({
  status: 'described',
  instance: {
    id: 'i-1',
    state: 'running',
    metadata: { localHostname: 'dns-1' },
    tags: new Map([['managed', '']]),
    launchTime,
  } as unknown as DescribedInstance,
});

interface Given {
  readonly ask?: () => Promise<Ec2Answer>;
  readonly freshNodes?: LookParts['freshNodes'];
  readonly lookedForSince?: Date;
}

function setUp({
  ask = () => Promise.resolve({ status: 'unknown-id' }),
  freshNodes = () => Promise.resolve([]),
  lookedForSince,
}: Given) {
  const clock = new VirtualClock();
  const lookedAt: number[] = [];
  const onWait = vi.fn();
  const wait = vi.fn((signal: AbortSignal, work: (signal: AbortSignal) => Promise<unknown>) => work(signal));
  const stop = new AbortController();
  const parts: LookParts = {
    ...{ clock, lookedForSince, onWait, signal: stop.signal },
    place: { wait: wait as LookParts['place']['wait'] },
    instances: {
      ask: (_id, signal) => {
        signal.throwIfAborted();
        lookedAt.push(clock.monotonic() / 1_000);
        return ask();
      },
      forget: vi.fn(),
    },
    nodes: { findAll: () => [], whenSynced: () => Promise.resolve() },
    freshNodes,
  };
  const look = () => lookForNode(event, rule, parts, ({ status }) => status !== 'no-node-yet' && status !== 'unknown');
  return { clock, lookedAt, look, onWait, wait, stop };
}

describe('a message without a node', () => {
  it('stays in hand while the node is looked for, after 1, 2, 5 … 60 s and for a quarter of an hour (A13)', async () => {
    const { clock, lookedAt, look, onWait, wait } = setUp({});
    const found = look();
    await clock.advance(899_000);
    expect([wait.mock.calls.length, onWait.mock.calls]).toEqual([1, [[expect.stringContaining('eu-west-1')]]]);
    expect(lookedAt.slice(0, 4)).toEqual([0, 1, 3, 8]);
    const pauses = lookedAt.slice(4).map((at, index) => at - (lookedAt[index + 3] ?? 0));
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(10);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(70);
    // Whoever waits for long asks with the others.
    expect(lookedAt.slice(4).filter((at) => at % 10 > 0)).toEqual([]);
    expect(await clock.run(found)).toEqual({
      status: 'left',
      isUnknown: false,
      reason: expect.stringContaining('knows no instance i-1'),
    });
    expect(clock.timers).toBe(0);
  });

  it('is acted on as soon as its node is found, by a name or a fresh list though the watch hangs (A13)', async () => {
    let joined: readonly FoundNode[] = [];
    const { clock, look } = setUp({ freshNodes: () => Promise.resolve(joined) });
    const found = look();
    await clock.advance(4_000);
    joined = [node];
    await clock.advance(5_000);
    expect(await found).toMatchObject({ status: 'ours', nodes: [node] });
  });

  it('has nothing to do once its instance is a quarter of an hour old and carries the tag', async () => {
    const launchTime = new Date(new VirtualClock().now() - 60_000);
    const { clock, look } = setUp({ ask: () => Promise.resolve(described(launchTime)) });
    const found = look();
    await clock.advance(910_000);
    expect(await found).toMatchObject({ status: 'nothing-to-do' });
  });

  it('of which EC2 and the API server say nothing now is looked for again, and not given up', async () => {
    let isDown = true;
    const freshNodes = () => (isDown ? Promise.reject(new Error('the API server is away')) : Promise.resolve([node]));
    const { clock, look, onWait } = setUp({ freshNodes });
    const found = look();
    await clock.advance(30_000);
    expect(onWait).toHaveBeenCalledExactlyOnceWith('the API server is away');
    isDown = false;
    expect(await clock.run(found)).toMatchObject({ status: 'ours' });
  });

  it('that was looked for long enough before is looked for once more, and left to the queue', async () => {
    const { clock, look, lookedAt, onWait } = setUp({ lookedForSince: new Date(new VirtualClock().now() - 900_001) });
    expect(await clock.run(look())).toMatchObject({ status: 'left' });
    expect([lookedAt.length, onWait.mock.calls.length]).toEqual([1, 0]);
  });

  it('is let go of when the program stops', async () => {
    const { clock, look, stop } = setUp({});
    const found = look();
    const ended = expect(found).rejects.toThrow('stop');
    await clock.advance(20_000);
    stop.abort(new Error('stop'));
    await ended;
    expect(clock.timers).toBe(0);
  });
});
