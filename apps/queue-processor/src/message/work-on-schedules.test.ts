import { VirtualClock } from '@node-termination-handler/clock/virtual';
import type { AboutEvent, HandlingResult } from '@node-termination-handler/interruption-handler';
import type { FoundNode } from '@node-termination-handler/node-drainer';
import { loadQueueProcessorSettings } from '@node-termination-handler/settings';
import { expect, it, vi } from 'vitest';
import type { EventProcessing } from './process-event.ts';
import { workOnSchedules } from './work-on-schedules.ts';

const ID = 'i-0123456789abcdef0';
const node = { name: 'node-1', instanceId: ID } as FoundNode;
const nodes = {
  findAll: () => [node],
  nodes: () => [node],
  whenReady: () => Promise.resolve(node),
  whenSynced: () => Promise.resolve(),
};

interface Given {
  readonly env?: Readonly<Record<string, string>>;
  /** For how long EC2 does not answer, in milliseconds. */
  readonly silentMs?: number;
}

const UNCHECKED = { CHECK_TAG_BEFORE_DRAINING: 'false' };

function scheduledFor(
  handle: (event: { id: string }, about?: AboutEvent) => Promise<HandlingResult>,
  { env = UNCHECKED, silentMs = 0 }: Given = {},
) {
  const parsed = loadQueueProcessorSettings({
    argv: [],
    env: { QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/1/q', ...env },
  });
  if (!parsed.ok || parsed.mode !== 'run') throw new Error('expected settings');
  const clock = new VirtualClock();
  const answersAtMs = clock.now() + silentMs;
  const tags = new Map([['aws-node-termination-handler/managed', '']]);
  const stop = new AbortController();
  const parts = {
    ...{ clock, nodes, settings: parsed.settings, signal: stop.signal, region: 'eu-west-1' },
    handler: { handle, returned: () => Promise.resolve() },
    autoScaling: { send: () => Promise.reject(new Error('nothing is asked of it')) },
    complete: () => Promise.reject(new Error('nothing is completed')),
    freshNodes: () => Promise.resolve([]),
    instances: {
      ask: () =>
        Promise.resolve(
          clock.now() < answersAtMs
            ? { status: 'no-answer', error: new Error('down') }
            : { status: 'described', instance: { id: ID, state: 'running', metadata: {}, tags } },
        ),
      forget: () => undefined,
    },
    teller: { history: vi.fn(), instance: vi.fn(), lifecycle: vi.fn(), forced: vi.fn(), warning: vi.fn() },
  } as unknown as EventProcessing;
  const status = {
    InstanceId: ID,
    Events: [
      {
        InstanceEventId: 'instance-event-1',
        Code: 'system-reboot',
        Description: 'scheduled reboot',
        NotBefore: new Date(clock.now() + 86_400_000),
      },
    ],
  };
  const ec2 = { send: () => Promise.resolve({ InstanceStatuses: [status] }) };
  const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const work = () => workOnSchedules({ ec2: ec2 as never, log, nodes }, parts, stop.signal);
  return { clock, stop, work };
}

it.each([
  ['what failed', { env: UNCHECKED }],
  ['what nobody could tell whose it is for a quarter of an hour', { env: {}, silentMs: 20 * 60_000 }],
])('hands what EC2 has scheduled for a node to the engine, and tries again %s', async (_what, given) => {
  const results: HandlingResult[] = [
    { status: 'failed', reason: 'down' },
    { status: 'carried', nodeName: 'node-1' },
  ];
  const handle = vi.fn((_event: { id: string }, _about?: AboutEvent) =>
    Promise.resolve(results.shift() ?? { status: 'handed-back' as const }),
  );
  const { clock, work } = scheduledFor(handle, given);
  await clock.run(work());
  expect(handle).toHaveBeenCalledTimes(2);
  expect(handle.mock.calls[1]?.[0]).toMatchObject({ kind: 'SCHEDULED_EVENT', instanceId: ID });
  expect(handle.mock.calls[1]?.[1]).toMatchObject({ source: 'ec2', nodes: [{ name: 'node-1' }] });
});

it('ends with its signal though the engine still works on an event: the record carries that', async () => {
  const handle = vi.fn(() => new Promise<HandlingResult>(() => undefined));
  const { clock, stop, work } = scheduledFor(handle);
  const hasEnded = vi.fn();
  void work().then(hasEnded);
  await clock.advance(60_000);
  expect([handle.mock.calls.length, hasEnded.mock.calls.length]).toEqual([1, 0]);
  stop.abort(new Error('the process stops'));
  await clock.advance(1);
  expect(hasEnded).toHaveBeenCalledOnce();
});
