import { CorrectedClock } from '@node-termination-handler/clock';
import { describe, expect, it, vi } from 'vitest';
import type { NodeInterruption } from '../kinds.ts';
import type { HookFacts } from '../policy/end.ts';
import { after, lifecycle, rebalance, scheduled, spot, START, targetState } from '../testing/events.ts';
import { Scene } from '../testing/scene.ts';
import type { Process } from '../testing/scene.ts';
import { WEB } from '../testing/scripted-cluster.ts';

const MINUTE = 60_000;
const DAY_S = 24 * 3600;
const HALF_HOUR: HookFacts = { timeoutMs: 30 * MINUTE, defaultResult: 'CONTINUE' };
const done = () => Promise.resolve();
const stopping: NodeInterruption = { ...rebalance('state-1'), kind: 'STATE_CHANGE', state: 'stopping' };

const deadline = ({ cluster }: Scene): Date | undefined => cluster.drains.at(-1)!.deadline.at;

/** Hands an event in, and lets its drain begin. */
async function taken(event: NodeInterruption, hook?: HookFacts, policy = {}): Promise<{ scene: Scene; own: Process }> {
  const scene = new Scene();
  const own = scene.start({ policy: { rebalanceAction: 'drain', ...policy } });
  void own.handler.handle(event, { complete: done, ...(hook === undefined ? {} : { hook }) });
  await scene.pass(200);
  return { scene, own };
}

/** The process stops, and hands back what it had begun. */
async function stopped(scene: Scene, { handler, kill }: Process): Promise<void> {
  const closed = handler.close({ graceMs: 0 });
  await scene.pass(100);
  await closed;
  kill();
}

/** A budget holds the one pod of the node. */
function block({ cluster }: Scene): void {
  const next = { until: START, attempt: 1, isNew: true };
  cluster.drains
    .at(-1)!
    .tell({ type: 'blocked', pod: WEB, heldBy: { kind: 'budget', name: 'web' }, message: '', advice: '', ...next });
}

describe('the end of a drain', () => {
  it.each<readonly [string, NodeInterruption, HookFacts | undefined, Date | undefined]>([
    ['Spot interruption', spot('s', { inSeconds: 100 }), undefined, after(100)],
    ['state change', stopping, undefined, after(120)],
    ['scheduled event', scheduled('e', { inSeconds: 14 * DAY_S }), undefined, after(14 * DAY_S)],
    ['rebalance recommendation', rebalance('r'), undefined, undefined],
    ['target state', targetState('t'), undefined, undefined],
    ['hook', lifecycle('a'), HALF_HOUR, after(1800)],
    ['hook whose timeout cannot be read', lifecycle('a'), undefined, undefined],
    ['hook of a group that keeps its instances', lifecycle('a'), { ...HALF_HOUR, isRetained: true }, undefined],
    ['hook that heartbeats keep alive', lifecycle('a'), { ...HALF_HOUR, heartbeatUntilMs: 60 * MINUTE }, after(3600)],
    ['hook that outlives heartbeats', lifecycle('a'), { ...HALF_HOUR, heartbeatUntilMs: MINUTE }, after(1800)],
  ])('is a fact or there is none: %s', async (_kind, event, hook, end) => {
    const { scene } = await taken(event, hook);
    expect(deadline(scene)).toEqual(end);
  });

  it('is at once where the instance hibernates: pods have the shortest grace, for as long as an end that has passed is tried', async () => {
    const hibernates: NodeInterruption = { ...spot('s'), action: 'hibernate' };
    const { scene, own } = await taken(rebalance('r'));
    void own.handler.handle(hibernates);
    await scene.pass(5_000);
    const [kept, hurried] = scene.cluster.drains;
    expect([kept!.signal.aborted, kept!.deadlineMarginSeconds]).toEqual([true, undefined]);
    expect(hurried).toMatchObject({ onDeadline: 'deadline', deadlineMarginSeconds: 120 });
    const endsAfterMs = hurried!.deadline.atMs - START.getTime();
    expect([endsAfterMs > 100_000, endsAfterMs <= 121_000]).toEqual([true, true]);
    await scene.pass(2 * MINUTE);
    await scene.finish('failed', 'held');
    await scene.pass(5_000);
    // Nobody has said when it goes any more, and pods have their grace again.
    expect([deadline(scene), scene.cluster.drains.at(-1)!.deadlineMarginSeconds]).toEqual([undefined, undefined]);
    const respects = await taken(hibernates, undefined, { podDeadline: 'respect' });
    const [drain] = respects.scene.cluster.drains;
    expect([drain!.onDeadline, drain!.deadlineMarginSeconds]).toEqual(['respect', undefined]);
  });

  it('is open for maintenance of the network, which waits for its lead time all the same', async () => {
    const maintenance = scheduled('e', { inSeconds: DAY_S, withoutEnd: 'network-maintenance', restartsHost: false });
    const { scene, own } = await taken(maintenance, undefined, { scheduledEventLeadTimeMs: 60 * MINUTE });
    expect(scene.entries()).toEqual(['scheduled:waiting']);
    await scene.pass((DAY_S - 3600) * 1000);
    await scene.pass(200);
    expect([scene.entries(), deadline(scene)]).toEqual([['scheduled:acting'], undefined]);
    // Moved past its lead time it waits again.
    const moved = { ...maintenance, startTime: after(2 * DAY_S), noticedAt: after(DAY_S - 3600) };
    void own.handler.handle(moved);
    await scene.pass(200);
    expect([scene.entries(), scene.isGivenBack]).toEqual([['scheduled:waiting'], true]);
    await scene.pass(DAY_S * 1000);
    expect(scene.entries()).toEqual(['scheduled:acting']);
    // A boot after its start ends it, as it does every plan.
    await scene.pass(DAY_S * 1000);
    await scene.boots();
    expect([scene.entries(), scene.isGivenBack]).toEqual([['scheduled:over'], true]);
  });

  it('is that of the hook, however late its message is', async () => {
    const scene = new Scene();
    const { handler } = scene.start();
    await scene.pass(10 * MINUTE);
    void handler.handle(lifecycle('a'), { complete: done, hook: HALF_HOUR });
    await scene.pass(200);
    expect(deadline(scene)).toEqual(after(1800));
  });

  it('stays open where the group keeps its instances, also when the hook waits no longer', async () => {
    const event = lifecycle('a');
    const { scene, own } = await taken(event, { ...HALF_HOUR, defaultResult: 'ABANDON', isRetained: true });
    own.handler.hookChanged(event, 'gone');
    await scene.pass(MINUTE);
    expect([scene.entries(), deadline(scene)]).toEqual([['action:acting'], undefined]);
    await scene.finish();
    expect(scene.entries()).toEqual(['action:settled']);
  });

  it('is within the setting for what is urgent, and for nothing else', async () => {
    const setting = { nodeTerminationGracePeriodSeconds: 30 };
    const urgent = await taken(spot('s'), undefined, setting);
    expect(deadline(urgent.scene)).toEqual(after(30));
    const { scene } = await taken(lifecycle('a'), HALF_HOUR, setting);
    expect(deadline(scene)).toEqual(after(1800));
    // What the setting left over is used when its time has passed.
    await urgent.scene.pass(30_000);
    await urgent.scene.finish('failed', 'too slow');
    await urgent.scene.pass(5_000);
    expect(urgent.scene.cluster.drains).toHaveLength(2);
    expect(deadline(urgent.scene)).toEqual(after(120));
  });

  it.each(['deadline', 'respect'] as const)(
    'that has come ends the drain, which tells of it: what replaces the end is for the next one (%s)',
    async (podDeadline) => {
      const { scene } = await taken(spot('s'), undefined, { podDeadline });
      await scene.pass(2 * MINUTE + 100);
      expect([scene.cluster.drains[0]!.signal.aborted, deadline(scene)]).toEqual([false, after(120)]);
      await scene.finish('failed', 'held');
      await scene.pass(5_000);
      const replaced = deadline(scene);
      expect(replaced!.getTime()).toBeGreaterThanOrEqual(after(240).getTime());
      await scene.pass(2 * MINUTE);
      expect([scene.cluster.drains[1]!.signal.aborted, deadline(scene)]).toEqual([false, replaced]);
      await scene.finish('failed', 'held');
      await scene.pass(5_000);
      expect([scene.cluster.drains.length, deadline(scene)]).toEqual([3, undefined]);
    },
  );

  it('of several hooks is the latest that we owe, and no later than one that abandons the others (E8)', async () => {
    const twoHooks = async (first: HookFacts): Promise<Scene> => {
      const { scene, own } = await taken(lifecycle('a'), first);
      void own.handler.handle(lifecycle('b', { hook: 'other' }), { complete: done, hook: HALF_HOUR });
      await scene.pass(200);
      return scene;
    };
    const minute = { timeoutMs: MINUTE } as const;
    expect(deadline(await twoHooks({ ...minute, defaultResult: 'CONTINUE' }))).toEqual(after(1800));
    expect(deadline(await twoHooks({ ...minute, defaultResult: 'ABANDON' }))).toEqual(after(60));
    expect(deadline(await twoHooks({ defaultResult: 'ABANDON' }))).toBeUndefined();
  });

  it('that has passed is replaced once; if the instance is there all the same, nobody has said when it goes', async () => {
    const { scene } = await taken(lifecycle('a'), { timeoutMs: MINUTE, defaultResult: 'CONTINUE' });
    await scene.pass(MINUTE);
    await scene.finish('failed', 'held');
    await scene.pass(3_000);
    expect(deadline(scene)!.getTime()).toBeGreaterThanOrEqual(after(180).getTime());
    expect(deadline(scene)!.getTime()).toBeLessThan(after(190).getTime());
    await scene.pass(3 * MINUTE);
    await scene.finish('failed', 'held still');
    await scene.pass(5_000);
    expect(deadline(scene)).toBeUndefined();
    expect(scene.cluster.drains).toHaveLength(3);
  });
});

describe('pods that stay by rule', () => {
  it('keep no drain going that has no end, and keep one that has', async () => {
    const open = await taken(rebalance('r'));
    await open.scene.finish('failed', 'one stays', 'not-allowed');
    await open.scene.pass(10 * MINUTE);
    expect([open.scene.entries(), open.scene.cluster.drains.length]).toEqual([['rebalance:settled'], 1]);
    expect(open.own.toldOf('drain-failed')).toHaveLength(1);
    const held = await taken(lifecycle('a'), HALF_HOUR);
    await held.scene.finish('failed', 'one stays', 'not-allowed');
    await held.scene.pass(10 * MINUTE);
    expect([held.scene.entries(), held.scene.cluster.drains.length]).toEqual([['action:acting'], 2]);
  });
});

describe('a drain follows the end', () => {
  it('when heartbeats are refused, and when they are heard again, and to hear the same again is no news', async () => {
    const beating: HookFacts = { ...HALF_HOUR, heartbeatUntilMs: 10 * 60 * MINUTE };
    const { scene, own } = await taken(lifecycle('a'), beating);
    expect(deadline(scene)).toEqual(after(36_000));
    own.handler.hookChanged(lifecycle('a'), { ...beating, heartbeatUntilMs: 50 * MINUTE });
    await scene.pass(100);
    expect([deadline(scene), scene.patches]).toEqual([after(3000), 2]);
    own.handler.hookChanged(lifecycle('a'), { ...beating, heartbeatUntilMs: 50 * MINUTE });
    await scene.pass(100);
    expect(scene.patches).toBe(2);
    own.handler.hookChanged(lifecycle('a'), beating);
    await scene.pass(100);
    expect([deadline(scene), scene.patches, scene.cluster.drains.length]).toEqual([after(36_000), 3, 1]);
    expect(scene.cluster.record('node-1').entries).toMatchObject([{ end: { kind: 'held', timeoutMs: 30 * MINUTE } }]);
  });

  it('also where it is tried again after a pause', async () => {
    const event = lifecycle('a');
    const { scene, own } = await taken(event, { ...HALF_HOUR, heartbeatUntilMs: 60 * MINUTE });
    for (let n = 0; n < 6; n += 1) {
      await scene.finish('failed', 'unreachable');
      await scene.pass(n < 5 ? MINUTE : 1_000);
    }
    const before = scene.cluster.drains.length;
    const goesInMs = scene.clock.now() - START.getTime() + 20_000;
    own.handler.hookChanged(event, { ...HALF_HOUR, timeoutMs: goesInMs });
    await scene.pass(5_000);
    expect([scene.cluster.drains.length, deadline(scene)]).toEqual([before + 1, after(goesInMs / 1000)]);
  });

  it('also where the message of its hook comes from a clock that is ahead', async () => {
    const event = { ...lifecycle('a'), noticedAt: after(600), startTime: after(600) };
    const { scene, own } = await taken(event, { ...HALF_HOUR, heartbeatUntilMs: 60 * MINUTE });
    expect(deadline(scene)).toEqual(after(3600));
    own.handler.hookChanged(event, HALF_HOUR);
    await scene.pass(200);
    scene.cluster.edit('node-1', { labels: { another: 'change' } });
    await scene.pass(200);
    expect(deadline(scene)!.getTime()).toBeLessThan(after(1810).getTime());
  });

  it('when the timeout of its hook becomes known, and what happens then', async () => {
    const { scene, own } = await taken(lifecycle('a'));
    own.handler.hookChanged(lifecycle('a'), HALF_HOUR);
    await scene.pass(100);
    expect(deadline(scene)).toEqual(after(1800));
    expect(scene.cluster.record('node-1').entries).toMatchObject([{ hook: { defaultResult: 'CONTINUE' } }]);
    // Of an event that nobody has in hand nothing is written.
    own.handler.hookChanged(lifecycle('b'), HALF_HOUR);
    await scene.pass(100);
    expect(scene.patches).toBe(2);
  });

  it('when the hook waits no longer: the instance goes, and only the service knows when', async () => {
    const { scene, own } = await taken(lifecycle('a'), HALF_HOUR);
    own.handler.hookChanged(lifecycle('a'), 'gone');
    await scene.pass(100);
    expect(scene.entries()).toEqual(['action:acting']);
    expect(deadline(scene)!.getTime()).toBeLessThan(after(125).getTime());
  });

  it('when an event is moved, farther or nearer', async () => {
    const { scene, own } = await taken(scheduled('e', { inSeconds: 2 * DAY_S }));
    for (const [at, inSeconds] of [
      [1, 5 * DAY_S],
      [2, DAY_S],
    ] as const) {
      void own.handler.handle({ ...scheduled('e', { inSeconds }), noticedAt: after(at) });
      await scene.pass(200);
      expect(deadline(scene)).toEqual(after(inSeconds));
    }
    expect(scene.cluster.drains).toHaveLength(1);
  });

  it('when what is urgent comes to a drain that has no end, and when that is over', async () => {
    const { scene, own } = await taken(rebalance('r'));
    void own.handler.handle(spot('s', { inSeconds: 100 }));
    await scene.pass(200);
    expect(deadline(scene)).toEqual(after(100));
    expect(own.toldOf('attached')).toMatchObject([{ tightened: true, deadline: after(100), event: { id: 's' } }]);
    await own.handler.returned({ instanceId: 'i-1' }, after(101));
    await scene.pass(100_000);
    await scene.finish('failed', 'held');
    await scene.pass(5_000);
    await own.handler.returned({ instanceId: 'i-1' }, after(101));
    await scene.pass(100);
    expect(scene.entries()).toEqual(['rebalance:acting', 'spot:over']);
    expect(deadline(scene)).toBeUndefined();
  });
});

describe('a clock that is an hour off', () => {
  it.each([1, -1])('acts on a planned event by AWS’s clock, and ends what is urgent by it: %s h', async (hours) => {
    const scene = new Scene();
    const { clock: real } = scene;
    const off = { now: () => real.now() + hours * 60 * MINUTE, monotonic: () => real.monotonic() };
    const clock = new CorrectedClock({ ...off, startTimer: (...[ms, ring]) => real.startTimer(ms, ring) });
    const { handler } = scene.start({ clock, policy: { scheduledEventLeadTimeMs: 10 * MINUTE } });
    const planned = scheduled('e', { inSeconds: 40 * 60 });
    // What was reckoned before the first answer is reckoned anew.
    if (hours < 0) void handler.handle(planned);
    await scene.pass(100);
    clock.answered(new Date(real.now()).toUTCString(), real.monotonic());
    if (hours > 0) void handler.handle(planned);
    await scene.pass(29 * MINUTE);
    expect(scene.entries()).toEqual(['scheduled:waiting']);
    await scene.pass(2 * MINUTE + 1_000);
    expect(scene.entries()).toEqual(['scheduled:acting']);
    void handler.handle({ ...spot('s', { inSeconds: 33 * 60 }), noticedAt: after(31 * 60) });
    await scene.pass(200);
    expect(deadline(scene)).toEqual(after(33 * 60));
    expect(scene.cluster.record('node-1').entries.map((entry) => 'estimatedEnd' in entry)).toEqual([false, false]);
  });
});

describe('an end that seemed to have passed by a clock that was ahead', () => {
  it('counts again when the clock is put right', async () => {
    const scene = new Scene();
    const { clock: real } = scene;
    let aheadMs = 120 * MINUTE;
    const clock = {
      now: () => real.now() + aheadMs,
      monotonic: () => real.monotonic(),
      startTimer: real.startTimer.bind(real),
    };
    const { handler } = scene.start({ clock });
    void handler.handle(scheduled('e', { inSeconds: 40 * 60 }));
    await scene.pass(1_000);
    expect(deadline(scene)).toEqual(after(122 * 60));
    aheadMs = 0;
    void handler.handle(rebalance('r'));
    await scene.pass(2 * MINUTE);
    expect(deadline(scene)).toEqual(after(40 * 60));
  });
});

describe('whether budgets are kept to the end', () => {
  it('is what the receiver of the notice decided, not the settings of who drains', async () => {
    const scene = new Scene();
    const first = scene.start({ policy: { podDeadline: 'respect' } });
    void first.handler.handle(scheduled('e'));
    await scene.pass(200);
    expect(scene.cluster.drains[0]!.onDeadline).toBe('respect');
    await stopped(scene, first);
    const second = scene.start({ name: 'b', policy: { podDeadline: 'deadline' } });
    second.handler.seen({ type: 'set', node: scene.cluster.node('node-1') });
    await scene.pass(20_000);
    expect(scene.cluster.drains.map(({ onDeadline }) => onDeadline)).toEqual(['respect', 'respect']);
    // One who decides otherwise has an end of its own that comes first: the drain begins anew by it.
    void second.handler.handle(spot('s'));
    await scene.pass(200);
    expect(scene.cluster.drains.map(({ onDeadline }) => onDeadline)).toEqual(['respect', 'respect', 'deadline']);
    expect(second.toldOf('drain-failed')).toEqual([]);
    await scene.finish();
    expect(scene.entries()).toEqual(['scheduled:settled', 'spot:settled']);
  });
});

describe('patience', () => {
  it('ends after the grace, which is told once with what holds the drain, and the drain goes on (E1)', async () => {
    for (const [event, hook, end] of [
      [lifecycle('a'), HALF_HOUR, after(1800)],
      [rebalance('r'), undefined, undefined],
      [scheduled('e', { inSeconds: 14 * DAY_S }), undefined, after(14 * DAY_S)],
    ] as const) {
      const { scene, own } = await taken(event, hook);
      block(scene);
      await scene.pass(119_000);
      expect(own.toldOf('overdue')).toEqual([]);
      await scene.pass(20 * MINUTE);
      const [told, ...more] = own.toldOf('overdue');
      const held = { podsLeft: ['default/web-1'], heldBy: ['disruption budget web'] };
      expect([told, more]).toMatchObject([{ graceSeconds: 120, ...held, event: { id: event.id } }, []]);
      expect([told!.deadline, scene.cluster.drains.length, deadline(scene)]).toEqual([end, 1, end]);
      await scene.finish();
      expect(own.toldOf('drained')).toHaveLength(1);
      expect(scene.cluster.record('node-1').entries[0]!.told).toEqual(['cordoned', 'overdue', 'drained']);
    }
  });

  it('is told for each interruption, and by no successor again where the record says so', async () => {
    const { scene, own } = await taken(rebalance('r'));
    await scene.pass(150_000);
    void own.handler.handle(scheduled('e', { inSeconds: 14 * DAY_S }));
    await scene.pass(130_000);
    expect(own.toldOf('overdue').map(({ event }) => event.id)).toEqual(['r', 'e']);
    await stopped(scene, own);
    const next = scene.start({ name: 'b' });
    next.handler.seen({ type: 'set', node: scene.cluster.node('node-1') });
    await scene.pass(10 * MINUTE);
    expect(next.toldOf('drain-began')).toHaveLength(1);
    expect(next.toldOf('overdue').map(({ event }) => event.id)).not.toContain('r');
  });

  it('has nothing to say of what is urgent, nor of a drain that is over in time', async () => {
    const urgent = await taken(spot('s'));
    await urgent.scene.pass(200_000);
    const quick = await taken(rebalance('r'));
    await quick.scene.finish();
    await quick.scene.pass(200_000);
    expect([urgent.own.toldOf('overdue'), quick.own.toldOf('overdue')]).toEqual([[], []]);
  });
});

describe('places for drains', () => {
  async function blockedDrains(count: number): Promise<{ scene: Scene; own: Process }> {
    const scene = new Scene();
    for (let n = 2; n <= count + 1; n += 1) scene.cluster.add(`node-${n}`, `i-${n}`);
    const own = scene.start({ concurrentDrains: 2, policy: { rebalanceAction: 'drain' } });
    for (let n = 1; n <= count; n += 1) {
      void own.handler.handle(rebalance(`r-${n}`, { instance: `i-${n}` }));
      await scene.pass(200);
      if (n <= scene.cluster.drains.length) block(scene);
      await scene.pass(200);
    }
    return { scene, own };
  }

  it('are held by drains that have something to do, and not by those that only wait', async () => {
    const { scene } = await blockedDrains(5);
    expect(scene.cluster.drains).toHaveLength(5);
  });

  it('are not waited for by an instance that goes within ten minutes', async () => {
    const scene = new Scene();
    for (let n = 2; n <= 5; n += 1) scene.cluster.add(`node-${n}`, `i-${n}`);
    const { handler } = scene.start({ concurrentDrains: 2, policy: { rebalanceAction: 'drain' } });
    for (const n of [1, 2, 3]) void handler.handle(rebalance(`r-${n}`, { instance: `i-${n}` }));
    void handler.handle(scheduled('e-4', { instance: 'i-4', inSeconds: 1200 }));
    await scene.pass(200);
    expect(scene.cluster.drains).toHaveLength(2);
    void handler.handle(spot('s-5', { instance: 'i-5' }));
    void handler.handle(spot('s-3', { instance: 'i-3' }));
    await scene.pass(200);
    const drained = () => scene.cluster.drains.slice(2).map(({ node }) => node);
    expect(drained().toSorted()).toEqual(['node-3', 'node-5']);
    await scene.pass(10 * MINUTE);
    expect(drained()).toContain('node-4');
    const waits = vi.fn();
    void handler.handle(rebalance('r-6', { instance: 'i-5' })).then(waits);
    await scene.pass(200);
    expect(waits).toHaveBeenCalled();
  });

  it('are waited for by an instance that a hook holds, until two minutes before that ends', async () => {
    const { scene, own } = await blockedDrains(0);
    for (const n of [2, 3]) scene.cluster.add(`node-${n}`, `i-${n}`);
    for (const n of [1, 2, 3]) {
      const hook = n === 3 ? { ...HALF_HOUR, timeoutMs: 10 * MINUTE } : HALF_HOUR;
      void own.handler.handle(lifecycle(`a-${n}`, { instance: `i-${n}` }), { complete: done, hook });
      await scene.pass(200);
    }
    await scene.pass(8 * MINUTE - 2000);
    expect(scene.cluster.drains).toHaveLength(2);
    await scene.pass(4000);
    expect(scene.cluster.drains.map(({ node }) => node)).toContain('node-3');
  });

  it('are free again when a drain ends or its work is taken away', async () => {
    const { scene, own } = await blockedDrains(0);
    for (const n of [2, 3]) scene.cluster.add(`node-${n}`, `i-${n}`);
    for (const n of [1, 2, 3]) void own.handler.handle(scheduled(`e-${n}`, { instance: `i-${n}`, inSeconds: DAY_S }));
    await scene.pass(200);
    expect(scene.cluster.drains).toHaveLength(2);
    const gone = { ...scheduled('e-1', { instance: 'i-1', state: 'canceled' }), noticedAt: after(1) };
    await own.handler.handle(gone);
    await scene.pass(200);
    expect(scene.cluster.drains).toHaveLength(3);
    scene.cluster.add('node-4', 'i-4');
    void own.handler.handle(scheduled('e-4', { instance: 'i-4', inSeconds: DAY_S }));
    await scene.pass(200);
    expect(scene.cluster.drains).toHaveLength(3);
    await scene.finish();
    await scene.pass(200);
    expect(scene.cluster.drains).toHaveLength(4);
  });
});
