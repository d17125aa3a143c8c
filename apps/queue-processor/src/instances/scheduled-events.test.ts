import { VirtualClock } from '@node-termination-handler/clock/virtual';
import type { FoundNode } from '@node-termination-handler/node-drainer';
import { describe, expect, it, vi } from 'vitest';
import { readSchedules } from './scheduled-events.ts';

const event = {
  InstanceEventId: 'instance-event-1',
  Code: 'instance-stop',
  Description: 'The instance is running on degraded hardware',
  NotBefore: new Date('2026-01-21T09:00:43Z'),
} as const;

interface Status {
  readonly InstanceId: string;
  readonly Events: readonly object[];
}

/** Three nodes, and an EC2 that shows one instance a page. */
function setUp(...statuses: readonly Status[]) {
  const clock = new VirtualClock();
  const send = vi.fn(({ input }: { input: { readonly NextToken?: string } }) => {
    const page = Number(input.NextToken ?? 0);
    const NextToken = page + 1 < statuses.length ? String(page + 1) : '';
    return Promise.resolve({ InstanceStatuses: statuses.slice(page, page + 1), NextToken });
  });
  const nodes = {
    nodes: () => [1, 2, 3].map((n) => ({ name: `node-${n}`, instanceId: `i-${n}` }) as FoundNode),
    whenSynced: () => Promise.resolve(),
  };
  const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const stop = new AbortController();
  const read = () => readSchedules({ ec2: { send }, nodes, clock, log }, stop.signal);
  return { clock, send, log, stop, read };
}

describe('what EC2 has scheduled', () => {
  it('is read page by page for the instances of nodes, ended events too, and for no other', async () => {
    const ended = { ...event, InstanceEventId: 'instance-event-2', Description: '[Completed] stopped' };
    const { clock, send, log, read } = setUp(
      { InstanceId: 'i-1', Events: [event, ended] },
      { InstanceId: 'i-4', Events: [event] },
      { InstanceId: 'i-2', Events: [event] },
    );
    expect(await clock.run(read())).toMatchObject([
      {
        instanceId: 'i-1',
        events: [
          { id: 'instance-event-1', state: 'active', instanceId: 'i-1', startTime: event.NotBefore },
          { id: 'instance-event-2', state: 'completed' },
        ],
      },
      { instanceId: 'i-2', events: [{ code: 'instance-stop', instanceId: 'i-2' }] },
    ]);
    expect(send).toHaveBeenCalledTimes(3);
    expect(send.mock.calls[0]?.[0].input).toEqual({
      IncludeAllInstances: true,
      MaxResults: 1_000,
      Filters: [
        {
          Name: 'event.code',
          Values: expect.arrayContaining(['instance-reboot', 'system-reboot', 'instance-stop']) as string[],
        },
      ],
    });
    expect(log.warn).not.toHaveBeenCalled();
  });

  it('is tried again until it can be read, which is told once, with the right that it takes', async () => {
    const { clock, send, log, read } = setUp({ InstanceId: 'i-1', Events: [event] });
    send.mockRejectedValueOnce(new Error('denied')).mockRejectedValueOnce(new Error('denied'));
    expect(await clock.run(read())).toHaveLength(1);
    expect(send).toHaveBeenCalledTimes(3);
    expect(log.warn).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ err: new Error('denied') }),
      'the scheduled events of instances cannot be read (ec2:DescribeInstanceStatus), trying again',
    );
    expect(log.info).toHaveBeenCalledExactlyOnceWith(expect.anything(), 'the scheduled events of instances are read');
  });

  it('is not lost for one entry that cannot be understood, which is said', async () => {
    const nameless = { ...event, InstanceEventId: '' };
    const { clock, log, read } = setUp(
      { InstanceId: 'i-1', Events: [nameless, event] },
      { InstanceId: 'i-2', Events: [nameless] },
    );
    expect(await clock.run(read())).toMatchObject([{ instanceId: 'i-1', events: [{ id: 'instance-event-1' }] }]);
    expect(log.warn.mock.calls.map(([fields]) => fields as unknown)).toMatchObject([
      { 'instance-id': 'i-1', reason: 'InstanceStatus.Events.0.InstanceEventId: is empty' },
      { 'instance-id': 'i-2', reason: 'InstanceStatus.Events.0.InstanceEventId: is empty' },
    ]);
  });

  it('is waited for no longer when the program stops', async () => {
    const { clock, send, stop, read } = setUp();
    send.mockImplementation(() => (stop.abort(new Error('stop')), Promise.reject(new Error('aborted'))));
    await expect(clock.run(read())).rejects.toThrow('stop');
    expect(clock.timers).toBe(0);
  });
});
