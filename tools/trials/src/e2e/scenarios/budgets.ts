import assert from 'node:assert/strict';
import { askedFor, assertKept, lastGracefulMoment, PAUSES_MS, untilAsked } from '../asked-for.ts';
import { isDeletion, takenAt } from '../audit.ts';
import type { Sent } from '../going.ts';
import type { Scenario } from '../run.ts';
import type { SceneNode } from '../scene-node.ts';
import type { Scene, Settings } from '../scene.ts';

/** A minute before an end that is so near, the last graceful moment of pods with this grace is eight seconds away. */
const NEAR_S = 60;
const GRACE_S = 50;
const HOUR_S = 3600;

/** What AWS has said of a node, when its event was told. */
interface Told {
  /** Seconds from then until the instance goes, as the event's own facts say; undefined when nobody has said. */
  readonly endsInS?: number;
  readonly sent?: Sent;
}

/** One kind of event, as it is told to the agent of the node or to the queue processor. */
interface EventKind {
  readonly event: string;
  /** Runs an agent on the node, with these settings. */
  readonly agent?: Settings;
  /** The hook of the node's group. */
  readonly hook?: { readonly timeoutS: number; readonly unreadable?: boolean; readonly retains?: boolean };
  readonly tell: (scene: Scene, node: SceneNode, time: Date) => Promise<Told> | Told;
}

const later = (time: Date, seconds: number) => new Date(time.getTime() + seconds * 1000);

const maintenance =
  (inS: number) =>
  (_scene: Scene, { imds }: SceneNode, time: Date) => {
    const [start, end] = [later(time, inS), later(time, inS + HOUR_S)];
    const what = { Code: 'system-reboot', State: 'active', Description: 'reboot' } as const;
    imds?.setScheduledEvents([{ ...what, EventId: `event-${inS}`, NotBefore: start, NotAfter: end }]);
    return { endsInS: inS };
  };
const terminated = (endsInS?: number) => async (scene: Scene, node: SceneNode, time: Date) => {
  const sent = await scene.terminate(node, { time });
  return endsInS === undefined ? { sent } : { sent, endsInS };
};

/** Every kind of event. Urgent ones end with `NODE_TERMINATION_GRACE_PERIOD`, which is {@link NEAR_S} here. */
const KINDS: readonly EventKind[] = [
  {
    event: 'Spot interruption (metadata)',
    agent: {},
    tell: (_scene, { imds }, time) => {
      imds?.setSpotInterruption({ action: 'terminate', time: later(time, NEAR_S) });
      return { endsInS: NEAR_S };
    },
  },
  { event: 'scheduled event, near', agent: {}, tell: maintenance(NEAR_S) },
  { event: 'scheduled event, far', agent: {}, tell: maintenance(HOUR_S) },
  {
    event: 'rebalance recommendation (metadata)',
    agent: { ENABLE_REBALANCE_DRAINING: 'true' },
    tell: (_scene, { imds }, time) => {
      imds?.setRebalance(time);
      return {};
    },
  },
  {
    event: 'target lifecycle state',
    agent: { ENABLE_ASG_LIFECYCLE_DRAINING: 'true' },
    tell: (_scene, { imds }) => {
      imds?.setLifecycleState('Terminated');
      return {};
    },
  },
  {
    event: 'Spot interruption (queue)',
    tell: async ({ aws }, { instanceId }, time) => {
      await aws.sendSpotInterruption(instanceId, { time });
      return { endsInS: NEAR_S };
    },
  },
  {
    event: 'Spot interruption, hibernates',
    tell: async ({ aws }, { instanceId }, time) => {
      await aws.sendSpotInterruption(instanceId, { time, action: 'hibernate' });
      // Hibernation begins with its notice: nothing is left of any grace.
      return { endsInS: 0 };
    },
  },
  {
    event: 'capacity reservation interruption',
    tell: async ({ aws }, { instanceId }, time) => {
      await aws.sendCapacityReservationInterruption(instanceId, { time });
      return { endsInS: NEAR_S };
    },
  },
  {
    event: 'state change',
    tell: async ({ aws }, { instanceId }, time) => {
      await aws.sendStateChange(instanceId, 'stopping', { time });
      return { endsInS: NEAR_S };
    },
  },
  {
    event: 'Health event',
    tell: async ({ aws }, { instanceId }, time) => {
      await aws.sendHealthEvent([instanceId], { time, startTime: later(time, NEAR_S) });
      return { endsInS: NEAR_S };
    },
  },
  {
    event: 'Health event, maintenance of the network',
    tell: async ({ aws }, { instanceId }, time) => {
      const eventTypeCode = 'AWS_EC2_INSTANCE_NETWORK_MAINTENANCE_SCHEDULED';
      await aws.sendHealthEvent([instanceId], { time, eventTypeCode, startTime: later(time, NEAR_S) });
      return {};
    },
  },
  {
    event: 'rebalance recommendation (queue)',
    tell: async ({ aws }, { instanceId }, time) => {
      await aws.sendRebalanceRecommendation(instanceId, { time });
      return {};
    },
  },
  { event: 'lifecycle action', hook: { timeoutS: NEAR_S }, tell: terminated(NEAR_S) },
  // Without its heartbeats this one would end at once; with them, at HEARTBEAT_UNTIL.
  { event: 'lifecycle action, kept alive', hook: { timeoutS: 16 }, tell: terminated(NEAR_S) },
  {
    event: 'lifecycle action, timeout not readable',
    hook: { timeoutS: NEAR_S, unreadable: true },
    tell: terminated(),
  },
  { event: 'lifecycle action, instance retained', hook: { timeoutS: 300, retains: true }, tell: terminated() },
];

/** A pod that a closed budget holds. */
async function heldPod(scene: Scene, node: SceneNode, name: string, graceSeconds: number) {
  const labels = { app: name };
  await scene.pod(name, node, { graceSeconds, labels });
  const budget = await scene.budget(name, { labels }, { minAvailable: 1 });
  return () => scene.kube.remove(budget);
}

function putHook({ aws }: Scene, group: string, { timeoutS, unreadable, retains }: NonNullable<EventKind['hook']>) {
  const transition = 'autoscaling:EC2_INSTANCE_TERMINATING';
  const defaultResult = retains === true ? 'ABANDON' : 'CONTINUE';
  aws.autoScaling.putHook({ name: 'hook', group, transition, heartbeatTimeoutSeconds: timeoutS, defaultResult });
  if (retains === true) aws.autoScaling.putGroup({ name: group, retains });
  if (unreadable !== true) return;
  aws.faults.add({
    matches: ({ action, input }) => action === 'DescribeLifecycleHooks' && input.AutoScalingGroupName === group,
    misbehaviour: { kind: 'error', code: 'AccessDenied', status: 403 },
  });
}

const eachKind: Scenario = {
  name: 'budgets: each kind of event',
  proves:
    'a budget that never opens is broken by one deletion from the last graceful moment before a real end on, and never where there is no end',
  long: true,
  timeoutMs: 300_000,
  async run(scene) {
    const cases = await Promise.all(
      KINDS.map(async ({ event, agent, hook, tell }, index) => {
        const group = hook === undefined ? undefined : `group-${index}`;
        if (group !== undefined && hook !== undefined) putHook(scene, group, hook);
        const node = await scene.node(group === undefined ? {} : { group });
        const pod = `held-${index}`;
        const open = await heldPod(scene, node, pod, GRACE_S);
        return { event, agent, tell, node, pod, open };
      }),
    );
    const settings = { NODE_TERMINATION_GRACE_PERIOD: String(NEAR_S) };
    await scene.processor({ ...settings, HEARTBEAT_INTERVAL: 'auto', HEARTBEAT_UNTIL: String(NEAR_S) });
    for (const { agent, node } of cases) if (agent !== undefined) await scene.agent(node, { ...settings, ...agent });

    // Services tell of whole seconds.
    const time = new Date(Math.floor(Date.now() / 1000) * 1000);
    const told = await Promise.all(cases.map(async (one) => ({ ...one, ...(await one.tell(scene, one.node, time)) })));
    const lastGracefulMs = (endsInS: number) => lastGracefulMoment(later(time, endsInS).getTime(), GRACE_S);

    const ending = told.flatMap(({ endsInS = Infinity, ...one }) => (endsInS > NEAR_S ? [] : [{ ...one, endsInS }]));
    for (const { node } of ending) await scene.untilDrained(node, PAUSES_MS);
    for (const { event, pod, endsInS } of ending) {
      const { accepted, deletions } = await askedFor(scene, pod);
      const early = deletions.filter((one) => takenAt(one) < lastGracefulMs(endsInS));
      assert.deepEqual(early, [], `${event}: deleted before its last graceful moment`);
      assert.deepEqual([accepted.length, accepted.filter(isDeletion).length], [1, 1], `${event}: accepted`);
    }

    // The others were asked again when what the setting ends, or a hook, had ended long ago.
    const staying = told.filter(({ endsInS = Infinity }) => endsInS > NEAR_S);
    for (const { pod } of staying) {
      await untilAsked(scene, pod, 'to be refused its eviction again', ({ evictions }) =>
        evictions.some((one) => one.responseStatus?.code === 429 && takenAt(one) >= lastGracefulMs(NEAR_S)),
      );
    }
    for (const { event, pod } of staying) {
      assert.deepEqual((await askedFor(scene, pod)).deletions, [], `${event}: deleted, and its instance stays`);
    }
    await Promise.all(staying.map(({ open }) => open()));
    for (const { node } of staying) await scene.untilDrained(node, PAUSES_MS);
    for (const { event, pod } of staying) await assertKept(scene, pod, event);
    for (const { event, sent } of told) {
      if (sent !== undefined) assert.equal((await scene.untilCompleted(sent, PAUSES_MS)).result, 'CONTINUE', event);
    }
    await scene.mustHold('hook early', 'event lost');
  },
};

/** Heartbeats hold a hook for so long; the setting is over far sooner, and is told as patience alone. */
function heldByHeartbeats(name: string, options: { timeoutS: number; heldS: number; settingS: number }): Scenario {
  const { timeoutS, heldS, settingS } = options;
  return {
    name,
    proves: `a hook of ${timeoutS} s that heartbeats hold for ${heldS} s keeps a budget all the time, is told as overdue once, and is completed when that opens`,
    timeoutMs: 120_000 + heldS * 2000,
    async run(scene) {
      const node = await scene.node({ group: scene.hook(timeoutS) });
      const open = await heldPod(scene, node, 'held', 5);
      const processor = await scene.processor({
        HEARTBEAT_INTERVAL: 'auto',
        NODE_TERMINATION_GRACE_PERIOD: String(settingS),
      });
      const sent = await scene.terminate(node);
      const since = scene.action(sent).startedAt + heldS * 1000;
      await scene.eventually(`${heldS} s to be over`, () => Date.now() >= since, heldS * 1000 + PAUSES_MS);
      assert.equal(scene.action(sent).state, 'waiting');
      await open();
      const { history, result } = await scene.untilCompleted(sent, PAUSES_MS);
      assert.equal(result, 'CONTINUE');
      assert.ok(history.filter(({ what }) => what === 'heartbeat').length > heldS / timeoutS);
      await assertKept(scene, 'held', 'held by heartbeats');
      const overdue = processor.log.filter(
        (line) => line['node-name'] === node.name && line.message.includes(`takes longer than ${settingS} s`),
      );
      assert.equal(overdue.length, 1, 'overdue is told once');
      await scene.mustHold('hook early');
    },
  };
}

/** Budgets against the ends of instances, judged by the API server's audit log. */
export const budgetScenarios: readonly Scenario[] = [
  eachKind,
  heldByHeartbeats('budgets: held by heartbeats, three timeouts', { timeoutS: 8, heldS: 25, settingS: 5 }),
  {
    ...heldByHeartbeats('budgets: held by heartbeats, past 120 s', { timeoutS: 40, heldS: 150, settingS: 120 }),
    // Without a Lease that they can read, queue processors of other scenarios would take the node over after a minute.
    alone: true,
    onlyInLongRuns: true,
  },
];
