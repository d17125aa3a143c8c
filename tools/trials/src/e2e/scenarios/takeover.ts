import assert from 'node:assert/strict';
import path from 'node:path';
import type { AwsCall } from '@node-termination-handler/sandbox';
import type { Program } from '../../program.ts';
import { waitUntil } from '../../wait.ts';
import type { Scenario } from '../run.ts';
import type { Scene, Settings } from '../scene.ts';
import { required } from '../stage.ts';
import {
  AGENT_SETTINGS,
  assertEvictedOnce,
  assertToldOnce,
  gate,
  goingNode,
  holderOn,
  SETTINGS,
  toldOn,
  untilAllDone,
} from '../going.ts';
import type { Going, Sent, ToldUntil } from '../going.ts';
import { writtenOn } from '../written.ts';

const isAbout = ({ input }: AwsCall, text: string): boolean => JSON.stringify(input).includes(text);

/** A moment between the receipt of a message and its end at which a program can die. */
interface Step {
  readonly name: string;
  /** Makes the step last, where it would be over too soon; what it began is ended when the program is dead. */
  readonly hold?: (scene: Scene, going: Going) => Promise<() => unknown>;
  /** Whether it is reached. */
  readonly isReached: (scene: Scene, going: Going) => boolean | Promise<boolean>;
}

const holdsCalls = (action: string): Pick<Step, 'hold'> => ({
  hold: ({ aws }, { node }) => {
    const matches = (call: AwsCall) => call.action === action && isAbout(call, node.instanceId);
    return Promise.resolve(aws.faults.add({ matches, misbehaviour: { kind: 'hang' } }));
  },
});
const wasCalled = ({ aws }: Scene, action: string, { node }: Going): boolean =>
  aws.calls(undefined, action).some((call) => isAbout(call, node.instanceId));
const isGone = ({ pods }: Scene, pod: string): boolean => pods.of(pod)?.goneAt !== undefined;

const STEPS: readonly Step[] = [
  {
    name: 'before the first patch',
    ...holdsCalls('DescribeInstances'),
    isReached: (scene, going) => wasCalled(scene, 'DescribeInstances', going),
  },
  {
    name: 'with claim and cordon, before the last pod may go',
    hold: gate,
    isReached: async (scene, { node }) => writtenOn(await scene.nodeNow(node)).claim !== undefined,
  },
  {
    name: 'in the middle of the evictions',
    isReached: (scene, { quick, slow }) => isGone(scene, quick) && scene.pods.of(slow)?.toldToEndAt !== undefined,
  },
  {
    name: 'after the last pod, before the hook',
    ...holdsCalls('CompleteLifecycleAction'),
    isReached: (scene, going) => isGone(scene, going.slow) && wasCalled(scene, 'CompleteLifecycleAction', going),
  },
  {
    name: 'between the hook and its patch',
    hold: ({ aws }, { node }) => {
      const end = aws.faults.add({
        matches: (call) => call.action === 'CompleteLifecycleAction' && isAbout(call, node.instanceId),
        misbehaviour: { kind: 'reset', when: 'after' },
      });
      return Promise.resolve(end);
    },
    isReached: ({ aws }, { node }) =>
      aws.autoScaling
        .actions()
        .some(({ instanceId, state }) => instanceId === node.instanceId && state === 'completed'),
  },
  {
    name: 'after the settled patch',
    hold: ({ aws }) => {
      const matches = ({ action }: AwsCall) => action.startsWith('DeleteMessage');
      return Promise.resolve(aws.faults.add({ matches, misbehaviour: { kind: 'hang' } }));
    },
    isReached: async (scene, { node }) =>
      writtenOn(await scene.nodeNow(node)).entries.some(({ progress }) => progress === 'settled'),
  },
];

const clockFile = path.join(import.meta.dirname, '../../clock-jump.mjs');

/** A clock of one's own: so many milliseconds ahead of everybody else's. */
function clockAhead(ms: number): Settings {
  return { NODE_OPTIONS: `--import=${clockFile}`, CLOCK_AHEAD_MS: String(ms) };
}
const HOUR_MS = 3_600_000;

/** What a program leaves when it dies, and who goes on with it. */
export const takeoverScenarios: readonly Scenario[] = [
  {
    name: 'takeover: SIGKILL at every step',
    proves:
      'of three replicas one dies at each step in turn: each node is drained once, its hook completed once and after the last pod, its message deleted',
    long: true,
    timeoutMs: 240_000,
    async run(scene) {
      const group = scene.hook();
      const going = await Promise.all(STEPS.map(() => goingNode(scene, group)));
      const replicas = new Map<string, Program>();
      const start = async (number: number): Promise<void> => {
        const key = `REPLICA${number}`;
        replicas.set(key, await scene.processor({ ...SETTINGS, AWS_ACCESS_KEY_ID: key }));
      };
      await Promise.all([1, 2, 3].map(start));
      const starts: Promise<void>[] = [];
      const moments: ToldUntil[] = [];
      const sent: Sent[] = [];
      for (const [index, step] of STEPS.entries()) {
        const one = required(going[index]);
        const release = await step.hold?.(scene, one);
        sent.push(await scene.terminate(one.node));
        const wasReached = await waitUntil(() => step.isReached(scene, one), 30_000, 5);
        assert.ok(wasReached, `never ${step.name}`);
        // Whoever has received a message asks what instance it is about.
        const [asked] = scene.aws
          .calls('ec2', 'DescribeInstances')
          .filter((call) => isAbout(call, one.node.instanceId));
        const victim = required(replicas.get(asked?.accessKeyId ?? ''));
        const holder = await holderOn(scene, one.node);
        if (holder !== undefined) assert.equal(holder, victim.label);
        moments.push(await toldOn(scene, scene.nodes));
        await victim.kill();
        await release?.();
        starts.push(start(index + 4));
      }
      await Promise.all(starts);
      for (const [index, one] of going.entries()) await untilAllDone(scene, one.node, required(sent[index]));
      assertToldOnce(scene, moments);
      await assertEvictedOnce(scene);
      // Who dies between the deed and its record leaves it to be done again, and that is refused.
      const mayBeRefused = going[STEPS.findIndex(({ name }) => name === 'between the hook and its patch')];
      assert.deepEqual(
        scene.aws.autoScaling.refused().filter(({ instanceId }) => instanceId !== mayBeRefused?.node.instanceId),
        [],
      );
    },
  },
  {
    name: 'takeover: a restarted container',
    proves:
      'a container that is started again goes on with what its pod had claimed, and no replica takes that from it',
    async run(scene) {
      const going = await goingNode(scene, scene.hook());
      const { node } = going;
      const open = await gate(scene, going);
      const first = await scene.processor(SETTINGS);
      const sent = await scene.terminate(node);
      await scene.eventually('the claim to stand', async () => (await holderOn(scene, node)) === first.label);
      await scene.processor(SETTINGS);
      const { claim: before } = writtenOn(await scene.nodeNow(node));
      const moment = await toldOn(scene, [node]);
      await first.kill();
      const restarted = await scene.restarted(first);
      await scene.eventually('the claim of the second start', async () => {
        const { claim } = writtenOn(await scene.nodeNow(node));
        assert.equal(claim?.holder, before?.holder);
        return claim?.incarnation !== before?.incarnation;
      });
      await open();
      await untilAllDone(scene, node, sent);
      assert.ok(restarted.isRunning);
      assertToldOnce(scene, [moment]);
      await assertEvictedOnce(scene);
    },
  },
  {
    name: 'takeover: from the agent',
    proves: 'what an agent that died had begun is ended by a queue processor that had the same interruption, once',
    async run(scene) {
      const going = await goingNode(scene, scene.hook());
      const { node } = going;
      const open = await gate(scene, going);
      const agent = await scene.agent(node, AGENT_SETTINGS);
      // A claim that nobody can see alive is believed for half of the time that is left.
      node.imds?.setSpotInterruption({ action: 'terminate', time: new Date(Date.now() + 30_000) });
      await scene.eventually('the claim to stand', async () => (await holderOn(scene, node)) === agent.label);
      await scene.processor(SETTINGS);
      const sent = await scene.terminate(node);
      await scene.eventually('both interruptions to be recorded', async () => {
        const { entries } = writtenOn(await scene.nodeNow(node));
        return entries.length === 2;
      });
      assert.equal(await holderOn(scene, node), agent.label);
      const moment = await toldOn(scene, [node]);
      await agent.kill();
      await open();
      await untilAllDone(scene, node, sent);
      assertToldOnce(scene, [moment]);
      await assertEvictedOnce(scene);
    },
  },
  {
    name: 'takeover: clocks an hour apart',
    proves:
      'clocks an hour ahead and behind take nobody’s work from the living, and what a dead one had is taken over; no hook early, no plan before its time',
    // Until AWS has answered first, a clock that is ahead brings the waits of other scenarios forward.
    alone: true,
    async run(scene) {
      const group = scene.hook();
      const [first, second] = [await goingNode(scene, group), await goingNode(scene, group)];
      const open = [await gate(scene, first), await gate(scene, second)];
      const planned = await scene.node();
      const settings = { ...SETTINGS, SCHEDULED_EVENT_LEAD_TIME: '90m' };
      const victim = await scene.processor({ ...settings, ...clockAhead(HOUR_MS) });
      const inThreeQuarters = new Date(Date.now() + 135 * 60_000);
      const plan = await scene.aws.sendHealthEvent([planned.instanceId], { startTime: inThreeQuarters });
      await scene.untilDeleted(plan);
      const sent = await scene.terminate(first.node);
      await scene.eventually('the claim to stand', async () => (await holderOn(scene, first.node)) === victim.label);
      const agent = await scene.agent(first.node, { ...AGENT_SETTINGS, ...clockAhead(-HOUR_MS) });
      const others = await Promise.all([-HOUR_MS, 0].map((ms) => scene.processor({ ...settings, ...clockAhead(ms) })));
      scene.spotNotice(first.node);
      await agent.says(/spot-itn-/);
      const sentToAnyone = await scene.terminate(second.node);
      await scene.eventually('the second claim', async () => (await holderOn(scene, second.node)) !== undefined);
      const isTaken = async () => (await holderOn(scene, first.node)) !== victim.label;
      assert.ok(!(await waitUntil(isTaken, 3000, 100)), 'the claim of a living replica was taken');
      const moment = await toldOn(scene, scene.nodes);
      await victim.kill();
      await Promise.all(open.map((each) => each()));
      await untilAllDone(scene, first.node, sent);
      await untilAllDone(scene, second.node, sentToAnyone);
      for (const program of [...others, agent]) assert.ok(program.isRunning);
      const waits = await scene.nodeNow(planned);
      assert.deepEqual([waits.spec.unschedulable, writtenOn(waits).entries[0]?.progress], [undefined, 'waiting']);
      assertToldOnce(scene, [moment]);
      await assertEvictedOnce(scene);
    },
  },
];
