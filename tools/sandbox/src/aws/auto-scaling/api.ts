import { randomUUID } from 'node:crypto';
import type { Answer } from '../../http/answer.ts';
import { autoScalingXml, AwsServiceError } from '../call.ts';
import type { Ec2Store } from '../ec2/instances.ts';
import { xmlAnswer } from '../query-protocol.ts';
import type { QueryForm, XmlContent } from '../query-protocol.ts';
import { globalTimeoutSeconds } from './lifecycle.ts';
import type { LiveLifecycleAction } from './lifecycle.ts';
import type { LifecycleActionKey, RefusedLifecycleCall } from './actions.ts';
import type { AutoScalingGroups, Group } from './groups.ts';
import type { GroupInstance } from './members.ts';

function refuse(message: string): AwsServiceError {
  return new AwsServiceError('ValidationError', message);
}

function required(form: QueryForm, name: string): string {
  const value = form.get(name);
  if (value !== undefined && value !== '') return value;
  const field = `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
  throw refuse(
    `1 validation error detected: Value null at '${field}' failed to satisfy constraint: Member must not be null`,
  );
}

function existingGroup(store: AutoScalingGroups, name: string): Group {
  const group = store.group(name);
  if (group !== undefined) return group;
  throw refuse(`AutoScalingGroup name not found - AutoScalingGroup: ${name} not found`);
}

function waitingAction(
  store: AutoScalingGroups,
  form: QueryForm,
  call: RefusedLifecycleCall['call'],
): LiveLifecycleAction {
  const key: LifecycleActionKey = {
    group: required(form, 'AutoScalingGroupName'),
    hook: required(form, 'LifecycleHookName'),
    instanceId: form.get('InstanceId'),
    token: form.get('LifecycleActionToken'),
  };
  existingGroup(store, key.group);
  if (key.instanceId === undefined && key.token === undefined) {
    throw refuse('Either InstanceId or LifecycleActionToken must be specified');
  }
  const action = store.findWaiting(key);
  if (action !== undefined) return action;
  const subject = key.token === undefined ? `instance ID ${key.instanceId ?? ''}` : `token ${key.token}`;
  const message = `No active Lifecycle Action found with ${subject}`;
  store.recordRefused({ call, ...key, message });
  throw refuse(message);
}

function completeLifecycleAction(store: AutoScalingGroups, form: QueryForm): XmlContent {
  const result = required(form, 'LifecycleActionResult');
  if (result !== 'CONTINUE' && result !== 'ABANDON') {
    throw refuse(`Lifecycle action result must be CONTINUE or ABANDON, not ${result}`);
  }
  waitingAction(store, form, 'CompleteLifecycleAction').complete(result);
  return {};
}

function recordLifecycleActionHeartbeat(store: AutoScalingGroups, form: QueryForm): XmlContent {
  waitingAction(store, form, 'RecordLifecycleActionHeartbeat').heartbeat();
  return {};
}

function describeLifecycleHooks(store: AutoScalingGroups, form: QueryForm): XmlContent {
  const group = existingGroup(store, required(form, 'AutoScalingGroupName'));
  const names = form.list('LifecycleHookNames.member');
  const hooks = [...group.hooks.values()].filter((hook) => names.length === 0 || names.includes(hook.name));
  const member = hooks.map((hook) => ({
    AutoScalingGroupName: hook.group,
    LifecycleHookName: hook.name,
    LifecycleTransition: hook.transition,
    HeartbeatTimeout: hook.heartbeatTimeoutSeconds,
    GlobalTimeout: globalTimeoutSeconds(hook),
    DefaultResult: hook.defaultResult,
    NotificationMetadata: hook.notificationMetadata,
  }));
  return { LifecycleHooks: { member } };
}

/** How a group's description and that of its pool tell of an instance. */
function memberContent(member: GroupInstance, instances: Ec2Store) {
  const { availabilityZone, instanceType } = instances.get(member.instanceId) ?? {};
  return {
    InstanceId: member.instanceId,
    InstanceType: instanceType,
    AvailabilityZone: availabilityZone,
    LifecycleState: member.lifecycleState,
    HealthStatus: 'Healthy',
    ProtectedFromScaleIn: false,
  };
}

function isWarm({ lifecycleState }: GroupInstance): boolean {
  return lifecycleState.startsWith('Warmed:');
}

function poolContent({ pool }: Group): XmlContent | undefined {
  if (pool === undefined) return undefined;
  const { state, reusesOnScaleIn } = pool;
  return { MinSize: 0, PoolState: state, InstanceReusePolicy: { ReuseOnScaleIn: reusesOnScaleIn } };
}

/** Names that there are no groups of are passed over, as the service does; so are the instances of the warm pool. */
function describeAutoScalingGroups(store: AutoScalingGroups, form: QueryForm, instances: Ec2Store): XmlContent {
  const groups = form.list('AutoScalingGroupNames.member').flatMap((name) => store.group(name) ?? []);
  const member = groups.map((group) => {
    const own = store.instances().filter((one) => one.group === group.name);
    return {
      AutoScalingGroupName: group.name,
      Instances: { member: own.filter((one) => !isWarm(one)).map((one) => memberContent(one, instances)) },
      WarmPoolConfiguration: poolContent(group),
      WarmPoolSize: group.pool === undefined ? undefined : own.filter(isWarm).length,
      InstanceLifecyclePolicy: group.retains ? { RetentionTriggers: { TerminateHookAbandon: 'retain' } } : undefined,
    };
  });
  return { AutoScalingGroups: { member } };
}

function describeWarmPool(store: AutoScalingGroups, form: QueryForm, instances: Ec2Store): XmlContent {
  const group = existingGroup(store, required(form, 'AutoScalingGroupName'));
  const own = store.instances().filter((one) => one.group === group.name && isWarm(one));
  return {
    WarmPoolConfiguration: poolContent(group),
    Instances: { member: own.map((one) => memberContent(one, instances)) },
  };
}

/** A new termination with hooks and tokens of its own, of a retained instance too, which counts towards no capacity that could be lowered. */
function terminateInstance(store: AutoScalingGroups, form: QueryForm): XmlContent {
  const instanceId = required(form, 'InstanceId');
  const lowersCapacity = required(form, 'ShouldDecrementDesiredCapacity') === 'true';
  const member = store.instance(instanceId);
  if (member === undefined)
    throw refuse(`Instance Id not found - No managed instance found for instance ID: ${instanceId}`);
  if (lowersCapacity && member.lifecycleState.endsWith(':Retained')) {
    throw refuse(`Instance ${instanceId} is in ${member.lifecycleState}: desired capacity can't be decremented for it`);
  }
  if (!store.mayTerminate(instanceId))
    throw refuse(`Instance ${instanceId} is in ${member.lifecycleState} and can't be terminated`);
  store.terminate(instanceId);
  return {
    Activity: {
      ActivityId: randomUUID(),
      AutoScalingGroupName: member.group,
      Description: `Terminating EC2 instance: ${instanceId}`,
      Cause: 'An instance was taken out of service in response to a user request.',
      StatusCode: 'InProgress',
      Progress: 0,
    },
  };
}

const maxInstanceIds = 50;

function describeAutoScalingInstances(store: AutoScalingGroups, form: QueryForm, instances: Ec2Store): XmlContent {
  const ids = form.list('InstanceIds.member');
  if (ids.length > maxInstanceIds) {
    throw refuse(`The number of instance ids that may be passed in is limited to ${maxInstanceIds}`);
  }
  const offset = Number(form.get('NextToken') ?? '0');
  if (!Number.isInteger(offset)) throw new AwsServiceError('InvalidNextToken', 'The NextToken value is not valid.');
  const size = Math.min(Number(form.get('MaxRecords') ?? maxInstanceIds), maxInstanceIds);
  // Unlike EC2, Auto Scaling passes over ids that it doesn't know.
  const chosen = store.instances().filter(({ instanceId }) => ids.length === 0 || ids.includes(instanceId));
  const end = offset + size;
  const member = chosen.slice(offset, end).map((one) => ({
    ...memberContent(one, instances),
    AutoScalingGroupName: one.group,
    // Unlike the description of a group, this one writes it in capitals.
    HealthStatus: 'HEALTHY',
  }));
  return { AutoScalingInstances: { member }, NextToken: end < chosen.length ? end : undefined };
}

/** The actions that the sandbox's Auto Scaling knows, each with what its result element holds. */
const actions: Readonly<
  Record<string, (store: AutoScalingGroups, form: QueryForm, instances: Ec2Store) => XmlContent>
> = {
  CompleteLifecycleAction: completeLifecycleAction,
  RecordLifecycleActionHeartbeat: recordLifecycleActionHeartbeat,
  DescribeLifecycleHooks: describeLifecycleHooks,
  DescribeAutoScalingGroups: describeAutoScalingGroups,
  DescribeAutoScalingInstances: describeAutoScalingInstances,
  DescribeWarmPool: describeWarmPool,
  TerminateInstanceInAutoScalingGroup: terminateInstance,
};

/**
 * Carries out a call of Auto Scaling; undefined for an action that the sandbox doesn't know.
 * @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_Operations.html
 * @param instances what is known of the groups' instances besides
 * @throws AwsServiceError for what the service refuses
 */
export function answerAutoScaling(
  store: AutoScalingGroups,
  instances: Ec2Store,
  form: QueryForm,
  requestId: string,
): Answer | undefined {
  const { action } = form;
  const result = Object.hasOwn(actions, action) ? actions[action]?.(store, form, instances) : undefined;
  if (result === undefined) return undefined;
  const content = { [`${action}Result`]: result, ResponseMetadata: { RequestId: requestId } };
  return xmlAnswer(200, `${action}Response`, content, autoScalingXml);
}
