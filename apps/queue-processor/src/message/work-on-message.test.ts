import { retry } from '@node-termination-handler/clock';
import { VirtualClock } from '@node-termination-handler/clock/virtual';
import type { AboutEvent, HandlingResult } from '@node-termination-handler/interruption-handler';
import type { FoundNode } from '@node-termination-handler/node-drainer';
import { loadQueueProcessorSettings } from '@node-termination-handler/settings';
import { describe, expect, it, vi } from 'vitest';
import type { DescribedInstance, Ec2Answer } from '../instances/describe.ts';
import { MessagesInHand } from '../queue/in-hand.ts';
import type { QueueMessage } from '../queue/queue.ts';
import { WaitingRoom } from '../queue/waiting.ts';
import type { Place } from '../queue/waiting.ts';
import { workOnMessage } from './work-on-message.ts';
import type { MessageWork } from './work-on-message.ts';

const ID = 'i-0123456789abcdef0';
const NODE = { name: 'node-1', unschedulable: false, taints: [] as const };
const TERMINATING = 'autoscaling:EC2_INSTANCE_TERMINATING';
const done: HandlingResult = { status: 'done', action: 'drain', nodeName: 'node-1' };
const envelope = {
  version: '0',
  id: 'e-1',
  account: '123456789012',
  time: '2026-01-02T03:04:00Z',
  region: 'eu-west-1',
};

const spot = {
  ...envelope,
  source: 'aws.ec2',
  'detail-type': 'EC2 Spot Instance Interruption Warning',
  detail: { 'instance-id': ID, 'instance-action': 'terminate' },
};
const lifecycle = (transition: string, type: string) => ({
  ...envelope,
  source: 'aws.autoscaling',
  'detail-type': `EC2 Instance-${type} Lifecycle Action`,
  detail: {
    LifecycleActionToken: '87654321-4321-4321-4321-210987654321',
    AutoScalingGroupName: 'workers',
    LifecycleHookName: 'drain',
    EC2InstanceId: ID,
    LifecycleTransition: transition,
  },
});
const FACTS = { timeoutMs: 300_000, defaultResult: 'CONTINUE', isRetained: false } as const;
const HOOK = { status: 'confirmed', ...FACTS } as const;
const instance = {
  id: ID,
  state: 'running',
  metadata: { localHostname: 'node-1' },
  tags: new Map([['aws-node-termination-handler/managed', '']]),
};

/** What nobody asks about a room. */
const UNHEARD = {
  log: { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() },
  metrics: { setMessagesWaiting: vi.fn() },
};

/** A place in a room that is never full. */
const openPlace: Place = { wait: (signal, work) => work(signal), eventEnded: () => undefined };

/** EC2 that knows an instance, or none. */
function ec2(instance?: DescribedInstance): MessageWork['instances'] {
  return answering(instance === undefined ? { status: 'unknown-id' } : { status: 'described', instance });
}

/** EC2 that says this, whatever it is asked. */
function answering(answer: Ec2Answer): MessageWork['instances'] {
  return { ask: () => Promise.resolve(answer), forget: vi.fn() };
}

interface Given {
  readonly result?: HandlingResult;
  readonly own?: Partial<MessageWork>;
  readonly env?: Readonly<Record<string, string>>;
}

/** Work on one message, and everything that was done and told. */
function setUp(body: unknown, { result = done, own = {}, env = {} }: Given = {}) {
  const parsed = loadQueueProcessorSettings({
    argv: [],
    env: { QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/1/q', ...env },
  });
  if (!parsed.ok || parsed.mode !== 'run') throw new Error('expected settings');
  const clock = new VirtualClock();
  const stop = new AbortController();
  const inHand = new MessagesInHand();
  const room = new WaitingRoom({ clock, ...UNHEARD });
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const message: QueueMessage = {
    id: 'm-1',
    receiptHandle: 'r',
    receiveCount: 1,
    sentAt: new Date(clock.now() - 3_000),
  };
  inHand.add(message);
  const queue = {
    delete: vi.fn(() => Promise.resolve()),
    changeVisibility: vi.fn(() => Promise.resolve('done' as const)),
  };
  const teller = {
    step: vi.fn(),
    began: vi.fn(),
    waits: vi.fn(),
    instance: vi.fn(),
    history: vi.fn(),
    ended: vi.fn(),
    lifecycle: vi.fn(),
    forced: vi.fn(),
    left: vi.fn(),
    warning: vi.fn(),
    settled: vi.fn(),
    notSettled: vi.fn(),
  };
  const metrics = { countMessage: vi.fn(), observeQueueMessageAge: vi.fn() };
  const log = { debug: vi.fn(), warn: vi.fn() };
  // As the engine does: the hook is completed when the node was seen to be empty, and what fails is tried again.
  const handle = vi.fn(async (_event: unknown, about?: AboutEvent) => {
    const { signal } = stop;
    if (result.status === 'done')
      await retry(
        { clock, backoff: { firstMs: 10, maxMs: 10 }, tries: 2, signal },
        () => about?.complete?.(signal) ?? Promise.resolve(),
      );
    return result;
  });
  const complete = vi.fn(() => Promise.resolve('completed' as const));
  const hooks = { describe: vi.fn<MessageWork['hooks']['describe']>(() => Promise.resolve(HOOK)), forget: vi.fn() };
  const putIntoService = vi.fn(() => Promise.resolve(false));
  const work: MessageWork = {
    ...{ clock, inHand, room, queue, teller, metrics, log, complete, settings: parsed.settings, signal: stop.signal },
    handler: {
      handle,
      hookChanged: vi.fn(),
      isEmptied: () => false,
      returned: () => Promise.resolve(),
      putIntoService,
    },
    hooks,
    autoScaling: {
      send: () => Promise.reject(new Error('no heartbeat was asked for')),
    } as unknown as MessageWork['autoScaling'],
    stateInGroup: () => Promise.reject(new Error('no group was to be asked')),
    instances: ec2(instance),
    freshNodes: () => Promise.resolve([]),
    region: 'eu-west-1',
    nodes: {
      findAll: () => [NODE as unknown as FoundNode],
      whenReady: () => Promise.resolve({ name: 'node-1' } as FoundNode),
      whenSynced: () => Promise.resolve(),
    },
    poison: () => Promise.resolve({ action: 'delete', words: 'it is deleted' }),
    pollsEnded: Promise.resolve(),
    ...own,
  };
  const start = () => workOnMessage(message, text, work);
  const run = () => clock.run(start());
  return {
    clock,
    stop,
    message,
    inHand,
    room,
    start,
    queue,
    teller,
    metrics,
    log,
    handle,
    complete,
    hooks,
    putIntoService,
    run,
  };
}

describe('the work on a message', () => {
  it('ends with its deletion when its event is done', async () => {
    const { run, message, inHand, queue, handle, metrics, teller } = setUp(spot);
    await run();
    expect(handle).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ kind: 'SPOT_ITN' }), {
      nodes: [NODE],
      launchedAt: undefined,
      stillHolds: expect.any(Function) as unknown,
    });
    expect(queue.delete).toHaveBeenCalledExactlyOnceWith(message);
    expect(metrics.countMessage).toHaveBeenCalledExactlyOnceWith('handled');
    expect(metrics.observeQueueMessageAge).toHaveBeenCalledExactlyOnceWith(3);
    expect(teller.settled).toHaveBeenCalledTimes(1);
    expect(inHand.size).toBe(0);
  });

  it('gives it back for later when the work failed', async () => {
    const { run, queue, metrics, teller } = setUp(spot, { result: { status: 'failed', reason: 'down' } });
    await run();
    expect(queue.delete).not.toHaveBeenCalled();
    expect(queue.changeVisibility).toHaveBeenCalledExactlyOnceWith(expect.anything(), 5);
    expect(metrics.countMessage).toHaveBeenCalledWith('failed');
    expect(teller.ended.mock.calls[0]?.[2]).toMatchObject([{ status: 'retry', reason: 'down' }]);
  });

  it('begins nothing of what comes while the program stops', async () => {
    const { run, stop, queue, handle, metrics } = setUp(spot);
    stop.abort();
    await run();
    expect(handle).not.toHaveBeenCalled();
    expect(queue.changeVisibility).toHaveBeenCalledExactlyOnceWith(expect.anything(), 0);
    expect(metrics.countMessage).toHaveBeenCalledWith('handed_back');
  });

  it('hands it back when no poll of its own can bring it again, and keeps it in work until then', async () => {
    const polls = Promise.withResolvers<undefined>();
    const { clock, run, stop, inHand, queue, message } = setUp(spot, { own: { pollsEnded: polls.promise } });
    stop.abort();
    clock.startTimer(15_000, () => {
      expect([queue.changeVisibility.mock.calls.length, inHand.size]).toEqual([0, 1]);
      polls.resolve(undefined);
    });
    await run();
    expect(queue.changeVisibility).toHaveBeenCalledExactlyOnceWith(message, 0);
    expect(inHand.size).toBe(0);
  });

  it('hands it back when the program stops in the middle, and the cause is that alone', async () => {
    const { run, stop, queue } = setUp(spot, {
      own: { instances: { ask: () => (stop.abort(), Promise.reject(new Error('aborted'))), forget: vi.fn() } },
    });
    await run();
    expect(queue.changeVisibility).toHaveBeenCalledExactlyOnceWith(expect.anything(), 0);
  });

  it.each([
    ['delete', 1],
    ['leave', 0],
  ] as const)('on a body that cannot be understood does what the policy says: %s', async (policy, deletions) => {
    const { run, queue, log, metrics } = setUp('hello', {
      own: { poison: () => Promise.resolve({ action: policy, words: 'as the policy says' }) },
    });
    await run();
    expect([queue.delete.mock.calls.length, queue.changeVisibility.mock.calls.length]).toEqual([deletions, 0]);
    expect(log.warn).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ 'message-id': 'm-1' }),
      'a message could not be understood: as the policy says',
    );
    expect(metrics.countMessage).toHaveBeenCalledWith('poison');
  });

  it('takes a body that the parser fails on for one that cannot be understood, and never rejects', async () => {
    const { detail } = lifecycle(TERMINATING, 'terminate');
    const { run, message, queue, log } = setUp({ ...detail, LifecycleActionToken: undefined });
    Object.assign(message, { sentAt: new Date(Number.NaN) });
    await run();
    expect(queue.delete).toHaveBeenCalledTimes(1);
    expect(log.warn).toHaveBeenCalledExactlyOnceWith(
      { 'message-id': 'm-1', reason: 'a fault of this program: Invalid time value' },
      'a message could not be understood: it is deleted',
    );
  });

  it('gives a message back for later when the work on it fails by a fault of the program', async () => {
    const err = new Error('a fault');
    const { run, queue, log, metrics, inHand } = setUp('hello', { own: { poison: () => Promise.reject(err) } });
    await run();
    expect(queue.delete).not.toHaveBeenCalled();
    expect(queue.changeVisibility).toHaveBeenCalledExactlyOnceWith(expect.anything(), 5);
    expect(metrics.countMessage).toHaveBeenCalledExactlyOnceWith('failed');
    expect(inHand.size).toBe(0);
    expect(log.warn).toHaveBeenCalledExactlyOnceWith(
      { 'message-id': 'm-1', err },
      'a message was not worked on to its end: it is tried again',
    );
  });

  it('deletes what needs no action, and what is not for this cluster', async () => {
    const running = {
      ...envelope,
      source: 'aws.ec2',
      'detail-type': 'EC2 Instance State-change Notification',
      detail: { 'instance-id': ID, state: 'running' },
    };
    const idle = setUp(running);
    await idle.run();
    const untagged = { ...instance, tags: new Map() } as unknown as DescribedInstance;
    const foreign = setUp(spot, { own: { instances: ec2(untagged) } });
    await foreign.run();
    for (const { queue, handle } of [idle, foreign]) {
      expect(queue.delete).toHaveBeenCalledTimes(1);
      expect(handle).not.toHaveBeenCalled();
    }
    expect(idle.metrics.countMessage).toHaveBeenCalledWith('not_actionable');
    expect(foreign.metrics.countMessage).toHaveBeenCalledWith('not_managed');
  });

  it('keeps in hand what may be its own: an instance that EC2 does not know, or that is no node yet (A13)', async () => {
    const unknown = setUp(spot, { own: { instances: ec2() } });
    let joined: FoundNode[] = [];
    const nodes = {
      findAll: () => joined,
      whenReady: () => Promise.reject(new Error()),
      whenSynced: () => Promise.resolve(),
    };
    const early = setUp(spot, { own: { nodes } });
    const works = [unknown, early].map(({ start }) => start());
    for (const { clock, queue, handle, inHand, room, teller } of [unknown, early]) {
      await clock.advance(60_000);
      expect(handle).not.toHaveBeenCalled();
      expect([queue.delete.mock.calls.length, queue.changeVisibility.mock.calls.length]).toEqual([0, 0]);
      expect([inHand.size, room.size, teller.waits.mock.calls.length]).toEqual([1, 1, 1]);
    }
    expect(unknown.teller.waits.mock.calls[0]?.[2]).toContain('eu-west-1');
    // One joins, the other never does.
    joined = [{ name: 'node-1' } as FoundNode];
    await early.clock.run(works[1]!);
    expect([early.handle.mock.calls.length, early.queue.delete.mock.calls.length, early.room.size]).toEqual([1, 1, 0]);
    await unknown.clock.run(works[0]!);
    expect(unknown.queue.changeVisibility).toHaveBeenCalledExactlyOnceWith(expect.anything(), 60);
    expect(unknown.teller.ended.mock.calls[0]?.[2]).toMatchObject([{ status: 'left' }]);
    expect(unknown.metrics.countMessage).toHaveBeenCalledExactlyOnceWith('node_not_found');
    joined = [];
    const told = setUp(spot, { own: { nodes }, env: { DELETE_SQS_MSG_IF_NODE_NOT_FOUND: 'true' } });
    await told.run();
    expect(told.queue.delete).toHaveBeenCalledTimes(1);
    expect(told.metrics.countMessage).toHaveBeenCalledWith('node_not_found');
  });

  it('waits for a launched instance that EC2 does not know yet, whatever becomes of messages without a node', async () => {
    let knows = false;
    const instances: MessageWork['instances'] = {
      ask: () =>
        Promise.resolve(
          knows
            ? { status: 'described', instance: instance as unknown as DescribedInstance }
            : { status: 'unknown-id' as const },
        ),
      forget: vi.fn(),
    };
    const nodes = {
      findAll: () => [],
      whenReady: () => Promise.resolve({ name: 'node-1' } as FoundNode),
      whenSynced: () => Promise.resolve(),
    };
    const launch = lifecycle('autoscaling:EC2_INSTANCE_LAUNCHING', 'launch');
    const given = { own: { instances, nodes }, env: { DELETE_SQS_MSG_IF_NODE_NOT_FOUND: 'true' } };
    const joins = setUp(launch, given);
    const joining = joins.start();
    await joins.clock.advance(5_000);
    expect(joins.queue.delete).not.toHaveBeenCalled();
    knows = true;
    await joins.clock.run(joining);
    expect([joins.complete.mock.calls.length, joins.queue.delete.mock.calls.length]).toEqual([1, 1]);
    // One that EC2 never gets to know is somebody else's.
    knows = false;
    const never = setUp(launch, given);
    await never.run();
    expect([never.complete.mock.calls.length, never.queue.delete.mock.calls.length]).toEqual([0, 1]);
    expect(never.metrics.countMessage).toHaveBeenCalledExactlyOnceWith('node_not_found');
  });

  it('puts back what waits when there is no room, and what comes when too much is in hand', async () => {
    const room = new WaitingRoom({ clock: new VirtualClock(), ...UNHEARD, limits: { messages: 0, bytes: 0 } });
    const nowhere = setUp(spot, { own: { instances: ec2(), room } });
    await nowhere.run();
    expect(nowhere.queue.changeVisibility).toHaveBeenCalledExactlyOnceWith(expect.anything(), 30);
    expect(nowhere.metrics.countMessage).toHaveBeenCalledExactlyOnceWith('no_room');
    const launch = lifecycle('autoscaling:EC2_INSTANCE_LAUNCHING', 'launch');
    for (const [body, size, outcome] of [
      [launch, 10_001, 'no_room'],
      [spot, 10_001, 'handled'],
      [spot, 12_001, 'no_room'],
    ] as const) {
      const inHand: MessageWork['inHand'] = { size, settle: (message, write) => write(message) };
      const { run, metrics } = setUp(body, {
        own: { inHand, room: { hiddenSeconds: () => 300, place: () => openPlace } },
      });
      await run();
      expect(metrics.countMessage).toHaveBeenCalledExactlyOnceWith(outcome);
    }
  });

  it('hands every node that claims the instance to the engine', async () => {
    const claimants = ['node-1', 'node-2'].map((name) => ({ name }) as FoundNode);
    const nodes = {
      findAll: () => claimants,
      whenReady: () => Promise.reject(new Error()),
      whenSynced: () => Promise.resolve(),
    };
    const { run, handle } = setUp(lifecycle(TERMINATING, 'terminate'), { own: { nodes } });
    await run();
    expect(handle).toHaveBeenCalledTimes(1);
    expect(handle.mock.calls[0]?.[1]).toMatchObject({ nodes: claimants });
  });

  it('ends with its deletion when the record on the node carries the rest', async () => {
    const carried: HandlingResult = { status: 'carried', nodeName: 'node-1' };
    const { run, queue, metrics } = setUp(spot, { result: carried });
    await run();
    expect(queue.delete).toHaveBeenCalledTimes(1);
    expect(metrics.countMessage).toHaveBeenCalledExactlyOnceWith('carried');
  });

  it('deletes a state change that is history, and says why', async () => {
    const stopped = {
      ...envelope,
      time: '1970-01-01T00:00:00Z',
      source: 'aws.ec2',
      'detail-type': 'EC2 Instance State-change Notification',
      detail: { 'instance-id': ID, state: 'stopped' },
    };
    const { clock, run, handle, queue, teller } = setUp(stopped);
    await clock.advance(3_600_000);
    await run();
    expect([handle, queue.delete, teller.history].map(({ mock }) => mock.calls.length)).toEqual([0, 1, 1]);
    const unknown = setUp(stopped, { own: { instances: ec2() }, env: { CHECK_TAG_BEFORE_DRAINING: 'false' } });
    await unknown.clock.advance(3_600_000);
    await unknown.run();
    expect([unknown.handle, unknown.teller.warning].map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
  });

  it('touches no message in a dry run, and completes nothing', async () => {
    const { run, queue, complete, inHand, teller } = setUp(lifecycle(TERMINATING, 'terminate'), {
      env: { DRY_RUN: 'true' },
    });
    await run();
    expect([queue.delete, queue.changeVisibility, complete].flatMap(({ mock }) => mock.calls)).toEqual([]);
    expect(inHand.size).toBe(0);
    expect(teller.settled).toHaveBeenCalledTimes(1);
  });

  it('tries eight times to settle it, then says that it will come again', async () => {
    const { run, inHand, queue, teller } = setUp(spot);
    queue.delete.mockRejectedValue(new Error('down'));
    await run();
    expect(queue.delete).toHaveBeenCalledTimes(8);
    expect(teller.notSettled).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ id: 'm-1' }),
      new Error('down'),
    );
    expect(inHand.size).toBe(0);
  });
});

describe('the work on a notice that an instance runs', () => {
  const running = {
    ...envelope,
    source: 'aws.ec2',
    'detail-type': 'EC2 Instance State-change Notification',
    detail: { 'instance-id': ID, state: 'running' },
  };
  const launchTime = new Date('2026-01-02T03:00:00Z');

  it('gives its node back, if EC2 says so too', async () => {
    const returned = vi.fn(() => Promise.resolve());
    const handler = {
      handle: () => Promise.resolve(done),
      hookChanged: vi.fn(),
      isEmptied: () => false,
      returned,
      putIntoService: () => Promise.reject(new Error('no group was heard of')),
    };
    const instances = answering({
      status: 'described',
      instance: { ...instance, launchTime } as unknown as DescribedInstance,
    });
    const { run, queue, metrics } = setUp(running, { own: { handler, instances } });
    await run();
    expect(returned).toHaveBeenCalledExactlyOnceWith({ instanceId: ID }, launchTime);
    expect(queue.delete).toHaveBeenCalledTimes(1);
    expect(metrics.countMessage).toHaveBeenCalledExactlyOnceWith('handled');
  });

  it('asks nobody where no node carries the instance, and waits for an EC2 that cannot be asked', async () => {
    const nodes = {
      findAll: () => [],
      whenReady: () => Promise.reject(new Error()),
      whenSynced: () => Promise.resolve(),
    };
    const launched = setUp(running, {
      own: { nodes, instances: answering({ status: 'no-answer', error: new Error('asked') }) },
    });
    await launched.run();
    expect(launched.queue.delete).toHaveBeenCalledTimes(1);
    const silent = setUp(running, { own: { instances: answering({ status: 'no-answer', error: new Error('down') }) } });
    await silent.run();
    expect([silent.queue.delete.mock.calls.length, silent.queue.changeVisibility.mock.calls.length]).toEqual([0, 1]);
  });
});

describe('the work on a lifecycle action', () => {
  it('completes it after the drain, and only after one that happened', async () => {
    const drained = setUp(lifecycle(TERMINATING, 'terminate'));
    await drained.run();
    expect(drained.complete).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ lifecycleHookName: 'drain' }),
      ID,
      undefined,
    );
    expect(drained.teller.lifecycle).toHaveBeenCalledExactlyOnceWith(expect.anything(), 'completed');
    for (const result of [
      { status: 'failed', reason: 'down' },
      { status: 'cancelled', reason: '' },
      { status: 'handed-back' },
    ] as const) {
      const { run, complete } = setUp(lifecycle(TERMINATING, 'terminate'), { result });
      await run();
      expect(complete, result.status).not.toHaveBeenCalled();
    }
  });

  it('hands on what its hook is, which is read again where somebody else had completed it', async () => {
    const { run, handle, hooks, complete } = setUp(lifecycle(TERMINATING, 'terminate'));
    await run();
    expect(handle.mock.calls[0]?.[1]).toMatchObject({ hook: FACTS });
    expect(hooks.forget).not.toHaveBeenCalled();
    complete.mockResolvedValueOnce('already-completed' as never);
    const other = setUp(lifecycle(TERMINATING, 'terminate'), { own: { complete, hooks } });
    await other.run();
    expect(hooks.forget).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ lifecycleHookName: 'drain' }));
  });

  it('has the engine try again when it could not be completed, and that is told', async () => {
    const { run, queue, complete, teller } = setUp(lifecycle(TERMINATING, 'terminate'));
    complete.mockRejectedValueOnce(new Error('throttled'));
    await run();
    expect(teller.lifecycle.mock.calls.map(([, end]) => end as unknown)).toEqual([new Error('throttled'), 'completed']);
    expect([queue.delete.mock.calls.length, queue.changeVisibility.mock.calls.length]).toEqual([1, 0]);
  });

  it('that is over, as its group has the instance in service again, is history for a replica that did not see its end', async () => {
    const own = { stateInGroup: () => Promise.resolve('InService') };
    const { clock, run, handle, complete, queue, teller } = setUp(lifecycle(TERMINATING, 'terminate'), { own });
    await clock.advance(120_000);
    await run();
    expect([handle, complete, queue.delete, teller.history].map(({ mock }) => mock.calls.length)).toEqual([0, 0, 1, 1]);
    const now = setUp(lifecycle(TERMINATING, 'terminate'), {
      own: { stateInGroup: () => Promise.resolve('Terminating:Wait') },
    });
    await now.clock.advance(120_000);
    await now.run();
    expect([now.handle.mock.calls.length, now.complete.mock.calls.length]).toEqual([1, 1]);
  });

  it('marks the node as out of service only when EC2 says that its instance is shut down', async () => {
    const stopped = {
      ...envelope,
      source: 'aws.ec2',
      'detail-type': 'EC2 Instance State-change Notification',
      detail: { 'instance-id': ID, state: 'stopped' },
    };
    const env = { ENABLE_OUT_OF_SERVICE_TAINT: 'true' };
    const about = async (state: string, own: Readonly<Record<string, string>> = env) => {
      const instances = answering({
        status: 'described',
        instance: { ...instance, state } as unknown as DescribedInstance,
      });
      const { run, handle } = setUp(stopped, { own: { instances }, env: own });
      await run();
      return handle.mock.calls[0]?.[1]?.shutDownAt;
    };
    expect(await about('stopped')).toBeInstanceOf(Date);
    expect(await about('running')).toBeUndefined();
    expect(await about('stopped', {})).toBeUndefined();
    // What EC2 said a moment before the notice is no word about it.
    const answers = ['running', 'stopped'];
    const forget = vi.fn();
    const ask = () =>
      Promise.resolve({
        status: 'described' as const,
        instance: { ...instance, state: answers.shift() } as unknown as DescribedInstance,
      });
    const asked = setUp(stopped, { own: { instances: { ask, forget } }, env });
    await asked.run();
    expect(asked.handle.mock.calls[0]?.[1]?.shutDownAt).toBeInstanceOf(Date);
    expect(forget).toHaveBeenCalled();
    expect(await about('stopped', { ...env, CORDON_ONLY: 'true' })).toBeUndefined();
  });

  it('completes it when the instance has ended and is no node any more, and deletes the message', async () => {
    const ended = { ...instance, state: 'terminated', metadata: { localHostname: '' } };
    const own = {
      instances: ec2(ended),
      nodes: { findAll: () => [], whenReady: () => Promise.reject(new Error()), whenSynced: () => Promise.resolve() },
    };
    const { run, handle, complete, queue, metrics } = setUp(lifecycle(TERMINATING, 'terminate'), { own });
    await run();
    expect([handle, complete, queue.delete].map(({ mock }) => mock.calls.length)).toEqual([0, 1, 1]);
    expect(metrics.countMessage).toHaveBeenCalledExactlyOnceWith('not_actionable');
    const launch = setUp(lifecycle('autoscaling:EC2_INSTANCE_LAUNCHING', 'launch'), { own });
    await launch.run();
    expect([launch.complete, launch.queue.delete].map(({ mock }) => mock.calls.length)).toEqual([0, 1]);
  });

  it('of a launch waits for the node, and then completes it', async () => {
    const launch = lifecycle('autoscaling:EC2_INSTANCE_LAUNCHING', 'launch');
    const { run, handle, complete, queue } = setUp(launch);
    await run();
    expect(handle).not.toHaveBeenCalled();
    expect([complete.mock.calls.length, queue.delete.mock.calls.length]).toEqual([1, 1]);
  });

  it('of another owner’s hook is left to them, though the node is drained, and the message deleted (A4)', async () => {
    const env = { LIFECYCLE_HOOK_NAMES: 'nth-*' };
    const { run, handle, complete, teller, queue } = setUp(lifecycle(TERMINATING, 'terminate'), { env });
    await run();
    expect(handle.mock.calls[0]?.[1]).toMatchObject({ hook: FACTS });
    expect(handle.mock.calls[0]?.[1]).not.toHaveProperty('complete');
    expect([complete.mock.calls.length, teller.left.mock.calls.length, queue.delete.mock.calls.length]).toEqual([
      0, 1, 1,
    ]);
    const ended = { ...instance, state: 'terminated' } as unknown as DescribedInstance;
    const nodes = {
      findAll: () => [],
      whenReady: () => Promise.reject(new Error()),
      whenSynced: () => Promise.resolve(),
    };
    const gone = setUp(lifecycle(TERMINATING, 'terminate'), { env, own: { instances: ec2(ended), nodes } });
    await gone.run();
    expect([gone.complete.mock.calls.length, gone.queue.delete.mock.calls.length]).toEqual([0, 1]);
  });

  it('that names the hook of another transition completes nothing, and says so (S6)', async () => {
    const denied = { status: 'denied', reason: 'it is one for terminations' } as const;
    const hooks = { describe: vi.fn(() => Promise.resolve(denied)), forget: vi.fn() };
    for (const message of [
      lifecycle('autoscaling:EC2_INSTANCE_LAUNCHING', 'launch'),
      lifecycle(TERMINATING, 'terminate'),
    ]) {
      const { run, complete, teller, queue } = setUp(message, { own: { hooks } });
      await run();
      expect([complete.mock.calls.length, queue.delete.mock.calls.length]).toEqual([0, 1]);
      expect(teller.warning).toHaveBeenCalledExactlyOnceWith(expect.stringContaining(denied.reason));
    }
  });

  it('of an instance that ends in the warm pool, and is no node, is completed (W4)', async () => {
    const inPool = { ...instance, state: 'stopped', launchTime: new Date(1) } as unknown as DescribedInstance;
    const nodes = {
      findAll: () => [],
      whenReady: () => Promise.reject(new Error()),
      whenSynced: () => Promise.resolve(),
    };
    const message = lifecycle(TERMINATING, 'terminate');
    const body = { ...message, detail: { ...message.detail, Origin: 'WarmPool', Destination: 'EC2' } };
    const { run, handle, complete, queue, metrics } = setUp(body, { own: { instances: ec2(inPool), nodes } });
    await run();
    expect([handle, complete, queue.delete].map(({ mock }) => mock.calls.length)).toEqual([0, 1, 1]);
    expect(metrics.countMessage).toHaveBeenCalledExactlyOnceWith('not_actionable');
  });
});
