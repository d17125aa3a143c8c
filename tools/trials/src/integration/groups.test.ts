import { pod, podDisruptionBudget } from '@node-termination-handler/sandbox';
import type { LifecycleHookOptions } from '@node-termination-handler/sandbox';
import { afterEach, describe, expect, it } from 'vitest';
import { eventually, NODE, ownMarks, podNames, queueIsEmpty, specOf, startWorld } from './testing/world.ts';
import type { World } from './testing/world.ts';

let world: World;
afterEach(() => world[Symbol.asyncDispose]());

const hook = (name: string, what: 'TERMINATING' | 'LAUNCHING') =>
  ({ name, group: 'workers', transition: `autoscaling:EC2_INSTANCE_${what}`, heartbeatTimeoutSeconds: 300 }) as const;
const drain = hook('drain', 'TERMINATING');
const join = hook('join', 'LAUNCHING');

async function start(hooks: readonly LifecycleHookOptions[]): Promise<void> {
  world = await startWorld({ hooks });
  world.sandbox.kubernetes.put(pod({ name: 'web-1', node: NODE, owner: 'ReplicaSet' }));
}

const aws = () => world.sandbox.aws;
const groups = () => aws().autoScaling;
const state = () => groups().instance(world.instanceId)?.lifecycleState;
const results = () =>
  groups()
    .actions()
    .map(({ hook: { name }, result }) => `${name}:${result}`);
const completed = () =>
  aws()
    .calls('autoscaling', 'CompleteLifecycleAction')
    .map(({ input }) => input);

async function isDrained(): Promise<void> {
  await eventually(() => {
    expect(podNames(world)).toEqual([]);
    expect(specOf(world).unschedulable).toBe(true);
  });
}

async function isGivenBack(): Promise<void> {
  const marks = () => ownMarks(world).filter((key) => !key.endsWith('/in-service'));
  await eventually(() => expect([specOf(world).unschedulable, marks()]).toEqual([undefined, []]));
}

describe('an instance of a warm pool', () => {
  it('is drained on its way in, and given back before it is put into service, each time (W3)', async () => {
    await start([drain, join]);
    groups().putGroup({ name: 'workers', pool: { state: 'Running', reusesOnScaleIn: true } });
    world.queueProcessor({ TAINT_NODE: 'true' });
    for (let round = 1; round <= 3; round += 1) {
      await aws().sendLifecycleTermination(world.instanceId);
      await eventually(() => expect(state()).toBe('Warmed:Running'));
      await isDrained();
      await aws().sendLifecycleLaunch(world.instanceId);
      await eventually(() => expect(state()).toBe('InService'));
      await isGivenBack();
      await queueIsEmpty(world);
      world.sandbox.kubernetes.put(pod({ name: `web-${round + 1}`, node: NODE, owner: 'ReplicaSet' }));
    }
    expect(
      groups()
        .actions()
        .every(({ result }) => result === 'CONTINUE'),
    ).toBe(true);
  });

  it('is no node any more where its group ends it in the pool: completed, and nothing drained (W4)', async () => {
    await start([drain]);
    groups().putGroup({ name: 'workers', pool: { state: 'Stopped', reusesOnScaleIn: true } });
    const program = world.queueProcessor();
    await aws().sendLifecycleTermination(world.instanceId);
    await eventually(() => expect(state()).toBe('Warmed:Stopped'));
    await queueIsEmpty(world);
    world.sandbox.kubernetes.remove({ kind: 'Node', name: NODE });
    await aws().sendLifecycleTermination(world.instanceId);
    await eventually(() => expect(results()).toEqual(['drain:CONTINUE', 'drain:CONTINUE']));
    await queueIsEmpty(world);
    expect(program.output).toContain('ends in the warm pool, and is no node');
  });

  it('that is launched there is left to the owner of its hook (W4)', async () => {
    await start([join]);
    groups().putGroup({ name: 'workers', pool: { state: 'Stopped', reusesOnScaleIn: true } });
    const program = world.queueProcessor();
    const [action] = groups().warm('i-0123456789abcdef9', 'workers');
    aws().ec2.put({ instanceId: 'i-0123456789abcdef9', tags: { 'aws-node-termination-handler/managed': '' } });
    await aws().resendLifecycleAction(action!);
    await queueIsEmpty(world);
    await eventually(() => expect(program.output).toContain('the lifecycle action is left to its owner'));
    expect(completed()).toEqual([]);
  });

  it('that is launched there is completed shortly before its hook waits no longer, where that is named (W4)', async () => {
    await start([{ ...join, heartbeatTimeoutSeconds: 4 }]);
    groups().putGroup({ name: 'workers', pool: { state: 'Stopped', reusesOnScaleIn: true } });
    world.queueProcessor({ LIFECYCLE_HOOK_NAMES: 'jo*' });
    aws().ec2.put({ instanceId: 'i-0123456789abcdef9', tags: { 'aws-node-termination-handler/managed': '' } });
    const [action] = groups().warm('i-0123456789abcdef9', 'workers');
    await aws().resendLifecycleAction(action!);
    await eventually(() => expect(groups().actions()).toMatchObject([{ state: 'completed', result: 'CONTINUE' }]));
    await queueIsEmpty(world);
  });
});

describe('an instance whose root volume is replaced', () => {
  it('is drained before, and given back after', async () => {
    await start([drain, join]);
    groups().putGroup({ name: 'workers', sendsEvents: true });
    world.queueProcessor({ TAINT_NODE: 'true' });
    groups().replaceRootVolume(world.instanceId);
    await eventually(() => expect(results()).toEqual(['drain:CONTINUE', 'join:CONTINUE']));
    await queueIsEmpty(world);
    expect(podNames(world)).toEqual([]);
    expect(state()).toBe('InService');
    await isGivenBack();
  });
});

describe('the hooks of an instance', () => {
  it('are left to their owners where they are not named, and the node is drained all the same (A4)', async () => {
    await start([drain, hook('ship-logs', 'TERMINATING')]);
    const program = world.queueProcessor({ LIFECYCLE_HOOK_NAMES: 'drain,nth-*' });
    await aws().sendLifecycleTermination(world.instanceId);
    await isDrained();
    await queueIsEmpty(world);
    expect(results()).toEqual(['drain:CONTINUE', 'ship-logs:undefined']);
    expect(program.output).toContain('the lifecycle action is left to its owner');
  });

  it('get the result of the settings before their end, when pods are left', async () => {
    await start([{ ...drain, heartbeatTimeoutSeconds: 4, defaultResult: 'CONTINUE' }]);
    groups().putGroup({ name: 'workers', retains: true });
    world.sandbox.kubernetes.put(podDisruptionBudget({ name: 'web', matchLabels: { app: 'web' }, maxUnavailable: 0 }));
    const program = world.queueProcessor({ LIFECYCLE_RESULT_ON_FAILURE: 'abandon' });
    await aws().sendLifecycleTermination(world.instanceId);
    await eventually(() => expect(groups().actions()).toMatchObject([{ state: 'completed', result: 'ABANDON' }]));
    expect(program.output).toContain('it gets ABANDON (LIFECYCLE_RESULT_ON_FAILURE)');
    // Its group keeps the instance, so that its budget holds.
    expect(state()).toBe('Terminating:Retained');
    expect(podNames(world)).toEqual(['web-1']);
  });

  it('are not completed by a message of the other transition, whatever token it has (S6)', async () => {
    await start([drain]);
    const [action] = groups().scaleIn(world.instanceId, { isTold: false });
    const forged = { ...action!.hook, transition: join.transition };
    const program = world.queueProcessor();
    await aws().resendLifecycleAction({ ...action!, hook: forged });
    await queueIsEmpty(world);
    await eventually(() => expect(program.output).toContain('is not completed: group workers has no lifecycle hook'));
    expect([completed(), results(), podNames(world)]).toEqual([[], ['drain:undefined'], ['web-1']]);
  });

  it('are completed with the token alone where the role may not read them, which is said once', async () => {
    await start([drain]);
    aws().faults.add({
      matches: ({ action }) => action === 'DescribeLifecycleHooks',
      misbehaviour: { kind: 'error', status: 403, code: 'AccessDenied' },
    });
    const program = world.queueProcessor();
    await aws().sendLifecycleTermination(world.instanceId);
    await eventually(() => expect(results()).toEqual(['drain:CONTINUE']));
    await queueIsEmpty(world);
    expect(program.output.split('the role lacks autoscaling:DescribeLifecycleHooks').length).toBe(2);
  });
});

describe('the agent', () => {
  const target = (to: string): void => world.sandbox.imdsOf(NODE).setLifecycleState(to);
  const noted = () =>
    world.sandbox.kubernetes.get({ kind: 'Node', name: NODE })?.metadata.annotations?.[
      'aws-node-termination-handler/in-service'
    ];

  it('drains its node on its way into the pool, once it was in service, and gives it back after (W4)', async () => {
    await start([]);
    const program = world.imdsAgent({ ENABLE_ASG_LIFECYCLE_DRAINING: 'true' });
    target('Warmed:Running');
    await eventually(() => expect(program.output).toContain('has not been in service yet'));
    expect(podNames(world)).toEqual(['web-1']);
    target('InService');
    await eventually(() => expect(noted()).toBe(world.instanceId));
    target('Warmed:Stopped');
    await isDrained();
    target('InService');
    await isGivenBack();
  });

  it('completes the hooks that are ours, and leaves the others to their owners (A4)', async () => {
    await start([drain, hook('ship-logs', 'TERMINATING')]);
    world.imdsAgent({
      ENABLE_ASG_LIFECYCLE_DRAINING: 'true',
      COMPLETE_LIFECYCLE_ACTION_FROM_AGENT: 'true',
      LIFECYCLE_HOOK_NAMES: 'dr*',
      AWS_ENDPOINT: aws().url,
      AWS_ACCESS_KEY_ID: 'AKIDSANDBOX',
      AWS_SECRET_ACCESS_KEY: 'sandbox',
    });
    groups().scaleIn(world.instanceId, { isTold: false });
    target('Terminated');
    await eventually(() => expect(results()).toEqual(['drain:CONTINUE', 'ship-logs:undefined']));
    expect([completed().length, podNames(world)]).toEqual([1, []]);
  });
});
