import { AwsServiceError } from '../call.ts';
import { element, listElement } from '../query-protocol.ts';
import type { QueryForm, Xml } from '../query-protocol.ts';
import { globalTimeoutSeconds } from './lifecycle.ts';
import type { LiveLifecycleAction } from './lifecycle.ts';
import type { AutoScalingStore, LifecycleActionKey, RefusedLifecycleCall } from './store.ts';

/** What an action's result element holds. */
type AutoScalingResult = readonly Xml[];

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

function existingGroup(store: AutoScalingStore, name: string): string {
  if (!store.hasGroup(name)) {
    throw refuse(`AutoScalingGroup name not found - AutoScalingGroup: ${name} not found`);
  }
  return name;
}

function waitingAction(
  store: AutoScalingStore,
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
  const subject = key.instanceId === undefined ? `token ${key.token ?? ''}` : `instance ID ${key.instanceId}`;
  const message = `No active Lifecycle Action found with ${subject}`;
  store.recordRefused({ at: Date.now(), call, ...key, message });
  throw refuse(message);
}

function completeLifecycleAction(store: AutoScalingStore, form: QueryForm): AutoScalingResult {
  const result = required(form, 'LifecycleActionResult');
  if (result !== 'CONTINUE' && result !== 'ABANDON') {
    throw refuse(`Lifecycle action result must be CONTINUE or ABANDON, not ${result}`);
  }
  waitingAction(store, form, 'CompleteLifecycleAction').complete(result);
  return [];
}

function recordLifecycleActionHeartbeat(store: AutoScalingStore, form: QueryForm): AutoScalingResult {
  waitingAction(store, form, 'RecordLifecycleActionHeartbeat').heartbeat();
  return [];
}

function describeLifecycleHooks(store: AutoScalingStore, form: QueryForm): AutoScalingResult {
  const group = existingGroup(store, required(form, 'AutoScalingGroupName'));
  const names = form.list('LifecycleHookNames.member');
  const hooks = store.hooks(group).filter((hook) => names.length === 0 || names.includes(hook.name));
  return [
    listElement(
      'LifecycleHooks',
      'member',
      hooks.map((hook) => [
        element('AutoScalingGroupName', hook.group),
        element('LifecycleHookName', hook.name),
        element('LifecycleTransition', hook.transition),
        element('HeartbeatTimeout', hook.heartbeatTimeoutSeconds),
        element('GlobalTimeout', globalTimeoutSeconds(hook)),
        element('DefaultResult', hook.defaultResult),
        element('NotificationMetadata', hook.notificationMetadata),
      ]),
    ),
  ];
}

const maxInstanceIds = 50;

function describeAutoScalingInstances(store: AutoScalingStore, form: QueryForm): AutoScalingResult {
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
  return [
    listElement(
      'AutoScalingInstances',
      'member',
      chosen
        .slice(offset, end)
        .map(({ instanceId, group, lifecycleState }) => [
          element('InstanceId', instanceId),
          element('AutoScalingGroupName', group),
          element('LifecycleState', lifecycleState),
          element('HealthStatus', 'HEALTHY'),
          element('ProtectedFromScaleIn', false),
        ]),
    ),
    element('NextToken', end < chosen.length ? end : undefined),
  ];
}

/**
 * The actions that the sandbox's Auto Scaling knows.
 * @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_Operations.html
 */
export const autoScalingActions: ReadonlyMap<string, (store: AutoScalingStore, form: QueryForm) => AutoScalingResult> =
  new Map([
    ['CompleteLifecycleAction', completeLifecycleAction],
    ['RecordLifecycleActionHeartbeat', recordLifecycleActionHeartbeat],
    ['DescribeLifecycleHooks', describeLifecycleHooks],
    ['DescribeAutoScalingInstances', describeAutoScalingInstances],
  ]);
