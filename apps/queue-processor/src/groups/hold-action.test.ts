import { AutoScalingServiceException } from '@aws-sdk/client-auto-scaling';
import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { eventId, instanceId } from '@node-termination-handler/event-parsers';
import type { LifecycleTermination } from '@node-termination-handler/event-parsers';
import type { HandlingResult, HookFacts } from '@node-termination-handler/interruption-handler';
import { loadQueueProcessorSettings } from '@node-termination-handler/settings';
import { describe, expect, it, vi } from 'vitest';
import { holdAction } from './hold-action.ts';
import type { HoldParts } from './hold-action.ts';
import type { DescribedHook, HookAnswer } from './hooks.ts';

const MINUTE = 60_000;
const hook = { autoScalingGroupName: 'workers', lifecycleHookName: 'drain', lifecycleActionToken: 'token' };
const described: DescribedHook = { timeoutMs: 5 * MINUTE, defaultResult: 'ABANDON', isRetained: false };
const confirmed: HookAnswer = { status: 'confirmed', ...described };
const BEATING = { HEARTBEAT_INTERVAL: 'auto' };
const HOURS_48 = 172_800_000;

interface Given {
  readonly env?: Readonly<Record<string, string>>;
  readonly describe?: () => Promise<HookAnswer>;
  readonly beat?: () => Promise<object>;
  /** How long ago it began. */
  readonly ageMs?: number;
  readonly hasToken?: boolean;
  /** Whether no pod is left. */
  readonly isEmptied?: () => boolean;
}

/** An action that began when the clock does, whose work goes on until the test ends it. */
function setUp({
  env = {},
  describe = () => Promise.resolve(confirmed),
  beat = () => Promise.resolve({}),
  ageMs = 0,
  isEmptied = () => false,
  hasToken = true,
}: Given = {}) {
  const parsed = loadQueueProcessorSettings({
    argv: [],
    env: { QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/1/q', ...env },
  });
  if (!parsed.ok || parsed.mode !== 'run') throw new Error('expected settings');
  const clock = new VirtualClock({ turns: 1 });
  const noticedAt = new Date(clock.now() - ageMs);
  const { lifecycleActionToken: _token, ...tokenless } = hook;
  const action = hasToken ? hook : tokenless;
  const event: LifecycleTermination = {
    kind: 'ASG_LIFECYCLE',
    id: eventId('term-1'),
    monitor: 'SQS_MONITOR',
    description: 'terminates',
    instanceId: instanceId('i-1'),
    noticedAt,
    startTime: noticedAt,
    hook: action,
  };
  const send = vi.fn(beat);
  const hookChanged = vi.fn<HoldParts['handler']['hookChanged']>();
  const warnings: string[] = [];
  const forced: string[] = [];
  const complete = vi.fn<HoldParts['complete']>(() => Promise.resolve('completed'));
  const asked = vi.fn<HoldParts['hooks']['describe']>(describe);
  const parts: HoldParts = {
    autoScaling: { send } as unknown as HoldParts['autoScaling'],
    clock,
    complete,
    handler: { hookChanged, isEmptied },
    hooks: { describe: asked, forget: vi.fn() },
    settings: parsed.settings,
    signal: new AbortController().signal,
    teller: {
      warning: (message) => warnings.push(message),
      left: vi.fn(),
      lifecycle: vi.fn(),
      forced: (_event, result) => forced.push(result),
    },
  };
  const work = Promise.withResolvers<HandlingResult>();
  const handle = vi.fn((_facts: HookFacts | undefined) => work.promise);
  const holding = holdAction(event, action, parts, handle);
  const end = async () => {
    work.resolve({ status: 'done', action: 'drain', nodeName: 'node-1' });
    await holding;
    // What it had waited for ends in the turns that follow.
    await clock.advance(0);
    return holding;
  };
  const told = () => hookChanged.mock.calls.map(([, facts]) => facts);
  return { asked, clock, complete, forced, send, warnings, handle, end, told };
}

describe('an action', () => {
  it('is handed on with what its hook is; without heartbeats nothing moves its end', async () => {
    const { clock, handle, send, end, told } = setUp();
    await clock.advance(10 * MINUTE);
    expect(handle).toHaveBeenCalledExactlyOnceWith(described);
    expect(await end()).toMatchObject({ status: 'done' });
    expect([send.mock.calls.length, told(), clock.timers]).toEqual([0, ['ending'], 0]);
  });

  it('is kept alive to the end of its work, whatever delays that (A6, E2)', async () => {
    const { clock, handle, send, end, told } = setUp({ env: BEATING });
    await clock.advance(60 * MINUTE);
    expect(handle).toHaveBeenCalledExactlyOnceWith({ ...described, heartbeatUntilMs: HOURS_48 });
    expect(send.mock.calls.length).toBe(24);
    // To say the same again is no news to the engine.
    expect(told().every((facts) => (facts as HookFacts).heartbeatUntilMs === HOURS_48)).toBe(true);
    await end();
    await clock.advance(60 * MINUTE);
    expect([send.mock.calls.length, clock.timers]).toEqual([24, 0]);
  });

  it('whose heartbeats are refused ends its timeout after the last that was heard, until one is heard again', async () => {
    let isDown = false;
    const { clock, end, told } = setUp({
      env: BEATING,
      beat: () => (isDown ? Promise.reject(new Error('down')) : Promise.resolve({})),
    });
    await clock.advance(6 * MINUTE);
    isDown = true;
    await clock.advance(3 * MINUTE);
    expect(told().at(-1)).toEqual({ ...described, heartbeatUntilMs: 5 * MINUTE + 5 * MINUTE });
    isDown = false;
    await clock.advance(MINUTE);
    expect(told().at(-1)).toEqual({ ...described, heartbeatUntilMs: HOURS_48 });
    await end();
  });

  it('that waits no longer is said to be gone', async () => {
    const message = 'No active Lifecycle Action found with instance ID i-1';
    const gone = new AutoScalingServiceException({ name: 'ValidationError', message, $fault: 'client', $metadata: {} });
    const { clock, end, told } = setUp({ env: BEATING, beat: () => Promise.reject(gone) });
    await clock.advance(10 * MINUTE);
    expect(told()).toEqual(['gone']);
    await end();
  });

  it('is not held up by a group that does not answer: what its hook is, is told later', async () => {
    const answer = Promise.withResolvers<HookAnswer>();
    const { clock, handle, end, told } = setUp({ describe: () => answer.promise });
    await clock.advance(1_000);
    expect(handle).not.toHaveBeenCalled();
    await clock.advance(1_000);
    expect(handle).toHaveBeenCalledExactlyOnceWith(undefined);
    answer.resolve(confirmed);
    await clock.advance(0);
    expect(told()).toEqual([described]);
    await end();
  });

  it('whose hook nobody can describe has no end, and what is learned after its work is told to nobody', async () => {
    const unknown = setUp({ describe: () => Promise.resolve({ status: 'unknown' }) });
    await unknown.clock.advance(10 * MINUTE);
    expect([unknown.handle.mock.calls, unknown.told()]).toEqual([[[undefined]], []]);
    await unknown.end();
    const answer = Promise.withResolvers<HookAnswer>();
    const late = setUp({ describe: () => answer.promise });
    await late.clock.advance(2_000);
    await late.end();
    answer.resolve(confirmed);
    await late.clock.advance(0);
    expect(late.told()).toEqual([]);
  });

  it('is not said to be kept alive by heartbeats that come too late for it, which is warned of', async () => {
    const short = { ...described, timeoutMs: 30_000 };
    const { clock, handle, warnings, end } = setUp({
      env: { HEARTBEAT_INTERVAL: '30', HEARTBEAT_UNTIL: '3600' },
      describe: () => Promise.resolve({ status: 'confirmed', ...short }),
    });
    await clock.advance(0);
    expect(handle).toHaveBeenCalledExactlyOnceWith(short);
    expect(warnings).toEqual([expect.stringMatching(/HEARTBEAT_INTERVAL 30 s is not shorter than the 30 s/)]);
    await end();
  });

  it('is kept alive by nobody in a dry run', async () => {
    const { clock, handle, send, end } = setUp({ env: { ...BEATING, DRY_RUN: 'true' } });
    await clock.advance(10 * MINUTE);
    expect(handle).toHaveBeenCalledExactlyOnceWith(described);
    expect(send).not.toHaveBeenCalled();
    await end();
  });

  it('of another owner is kept alive by nobody here, and gets no result from us (A4)', async () => {
    const env = { ...BEATING, LIFECYCLE_HOOK_NAMES: 'other-*', LIFECYCLE_RESULT_ON_FAILURE: 'continue' };
    const { asked, clock, complete, handle, send, end } = setUp({ env });
    await clock.advance(60 * MINUTE);
    expect(handle).toHaveBeenCalledExactlyOnceWith(described);
    expect(asked).toHaveBeenCalledExactlyOnceWith(hook, 'ASG_LIFECYCLE', undefined);
    expect([send.mock.calls.length, complete.mock.calls.length]).toEqual([0, 0]);
    await end();
  });

  it('whose group has no such hook is not kept alive (S6)', async () => {
    const { clock, handle, send, end } = setUp({
      env: BEATING,
      describe: () => Promise.resolve({ status: 'denied', reason: 'there is none' }),
    });
    await clock.advance(10 * MINUTE);
    expect(handle).toHaveBeenCalledExactlyOnceWith(undefined);
    expect(send).not.toHaveBeenCalled();
    await end();
  });

  it('is kept alive without the right to read its hook, since its message has the token', async () => {
    const { clock, send, end } = setUp({ env: BEATING, describe: () => Promise.resolve({ status: 'unknown' }) });
    await clock.advance(MINUTE);
    expect(send.mock.calls.length).toBeGreaterThan(0);
    await end();
  });

  it.each([
    ['continue', 'CONTINUE'],
    ['abandon', 'ABANDON'],
  ] as const)(
    'gets the result of the settings before its end, when its work goes on then: %s',
    async (value, result) => {
      const { asked, clock, complete, end, forced, told, warnings } = setUp({
        env: { LIFECYCLE_RESULT_ON_FAILURE: value },
      });
      await clock.advance(4 * MINUTE);
      expect(complete).not.toHaveBeenCalled();
      await clock.advance(MINUTE - 1);
      expect(complete).toHaveBeenCalledExactlyOnceWith(hook, 'i-1', result);
      expect(asked).toHaveBeenNthCalledWith(1, hook, 'ASG_LIFECYCLE', result);
      expect(told()).toEqual(['ending', 'gone']);
      expect(warnings).toEqual([expect.stringContaining(`it gets ${result} (LIFECYCLE_RESULT_ON_FAILURE)`)]);
      expect(forced).toEqual([result]);
      await end();
      expect(clock.timers).toBe(0);
    },
  );

  it('that somebody else has completed by then was not given that result', async () => {
    const { clock, complete, end, forced, told } = setUp({ env: { LIFECYCLE_RESULT_ON_FAILURE: 'continue' } });
    complete.mockResolvedValue('already-completed');
    await clock.advance(5 * MINUTE);
    expect([complete.mock.calls.length, told(), forced]).toEqual([1, ['ending', 'gone'], []]);
    await end();
  });

  it('gets it when no heartbeat moves its end any more, and none when its work is done before', async () => {
    const env = { ...BEATING, HEARTBEAT_UNTIL: '900', LIFECYCLE_RESULT_ON_FAILURE: 'continue' };
    const held = setUp({ env });
    await held.clock.advance(19 * MINUTE);
    expect(held.complete).not.toHaveBeenCalled();
    await held.clock.advance(MINUTE);
    expect(held.complete).toHaveBeenCalledTimes(1);
    await held.end();
    const done = setUp({ env });
    await done.clock.advance(10 * MINUTE);
    await done.end();
    await done.clock.advance(20 * MINUTE);
    expect([done.complete.mock.calls.length, done.clock.timers]).toEqual([0, 0]);
  });

  it('gets none while heartbeats still move its end, however shortly before it they come', async () => {
    const short = { ...described, timeoutMs: MINUTE };
    const env = { HEARTBEAT_INTERVAL: '57', HEARTBEAT_UNTIL: '3600', LIFECYCLE_RESULT_ON_FAILURE: 'abandon' };
    let isDown = false;
    const { clock, complete, end, send, told, warnings } = setUp({
      ...{ env, describe: () => Promise.resolve({ status: 'confirmed', ...short }) },
      beat: () => (isDown ? Promise.reject(new Error('down')) : Promise.resolve({})),
    });
    await clock.advance(30 * MINUTE);
    expect([complete.mock.calls.length, warnings]).toEqual([0, []]);
    expect(told()).not.toContain('gone');
    isDown = true;
    const sent = send.mock.calls.length;
    await clock.advance(2 * MINUTE);
    expect(send.mock.calls.length).toBeGreaterThan(sent);
    expect(complete).toHaveBeenCalledExactlyOnceWith(hook, 'i-1', 'ABANDON');
    await end();
    expect(clock.timers).toBe(0);
  });

  it('gets none either where heartbeats find that it waits no longer', async () => {
    const short = { ...described, timeoutMs: MINUTE };
    const env = { HEARTBEAT_INTERVAL: '57', HEARTBEAT_UNTIL: '3600', LIFECYCLE_RESULT_ON_FAILURE: 'abandon' };
    const message = 'No active Lifecycle Action found with instance ID i-1';
    const gone = new AutoScalingServiceException({ name: 'ValidationError', message, $fault: 'client', $metadata: {} });
    const { clock, complete, end, told } = setUp({
      ...{ env, describe: () => Promise.resolve({ status: 'confirmed', ...short }) },
      beat: () => Promise.reject(gone),
    });
    await clock.advance(5 * MINUTE);
    expect([complete.mock.calls.length, told()]).toEqual([0, ['gone']]);
    await end();
  });

  it.each(['abandon', 'none'])('of an empty node is said to be ending, with %s', async (value) => {
    const { clock, complete, end, told, warnings } = setUp({
      ...{ env: { LIFECYCLE_RESULT_ON_FAILURE: value }, isEmptied: () => true },
    });
    await clock.advance(described.timeoutMs - 6_000);
    expect(told()).toEqual([]);
    await clock.advance(10 * MINUTE);
    expect([complete.mock.calls.length, told(), warnings]).toEqual([0, ['ending'], []]);
    await end();
  });

  it('is left to its default result where pods are left, and the settings name no other', async () => {
    const { clock, complete, end, told, warnings } = setUp();
    await clock.advance(10 * MINUTE);
    expect([complete.mock.calls.length, told(), warnings]).toEqual([0, ['ending'], []]);
    await end();
  });

  it('that may not be completed gets none, and is not said to be gone', async () => {
    const env = { LIFECYCLE_RESULT_ON_FAILURE: 'abandon' };
    const unnamed = setUp({ env, hasToken: false });
    let isDeleted = false;
    const deleted = setUp({
      env,
      describe: () => Promise.resolve(isDeleted ? { status: 'denied', reason: 'there is none' } : confirmed),
    });
    await deleted.clock.advance(MINUTE);
    isDeleted = true;
    for (const { clock, complete, end, told } of [unnamed, deleted]) {
      await clock.advance(10 * MINUTE);
      expect(complete).not.toHaveBeenCalled();
      expect(told()).not.toContain('gone');
      await end();
    }
    expect(unnamed.warnings).toEqual([]);
    expect(unnamed.asked).toHaveBeenCalledExactlyOnceWith(expect.anything(), 'ASG_LIFECYCLE', undefined);
  });

  it('whose end has passed when its message comes gets no result: its pods were asked by nobody yet', async () => {
    const { clock, complete, end } = setUp({ env: { LIFECYCLE_RESULT_ON_FAILURE: 'continue' }, ageMs: 6 * MINUTE });
    await clock.advance(20 * MINUTE);
    expect(complete).not.toHaveBeenCalled();
    await end();
  });

  it('gets no result in a dry run, nor where nobody says when it ends', async () => {
    const env = { LIFECYCLE_RESULT_ON_FAILURE: 'continue' };
    for (const given of [
      { env: { ...env, DRY_RUN: 'true' } },
      { env, describe: () => Promise.resolve({ status: 'unknown' } as const) },
    ]) {
      const { clock, complete, end } = setUp(given);
      await clock.advance(60 * MINUTE);
      expect(complete).not.toHaveBeenCalled();
      await end();
    }
  });
});
