import type { Answer } from '../../http/answer.ts';
import { autoScalingXml, AwsServiceError } from '../call.ts';
import { xmlAnswer } from '../query-protocol.ts';
import type { QueryForm, XmlContent } from '../query-protocol.ts';
import { globalTimeoutSeconds } from './lifecycle.ts';
import type { LiveLifecycleAction } from './lifecycle.ts';
import type { AutoScalingStore, LifecycleActionKey, RefusedLifecycleCall } from './store.ts';

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
  store.recordRefused({ call, ...key, message });
  throw refuse(message);
}

function completeLifecycleAction(store: AutoScalingStore, form: QueryForm): XmlContent {
  const result = required(form, 'LifecycleActionResult');
  if (result !== 'CONTINUE' && result !== 'ABANDON') {
    throw refuse(`Lifecycle action result must be CONTINUE or ABANDON, not ${result}`);
  }
  waitingAction(store, form, 'CompleteLifecycleAction').complete(result);
  return {};
}

function recordLifecycleActionHeartbeat(store: AutoScalingStore, form: QueryForm): XmlContent {
  waitingAction(store, form, 'RecordLifecycleActionHeartbeat').heartbeat();
  return {};
}

function describeLifecycleHooks(store: AutoScalingStore, form: QueryForm): XmlContent {
  const group = existingGroup(store, required(form, 'AutoScalingGroupName'));
  const names = form.list('LifecycleHookNames.member');
  const hooks = store.hooks(group).filter((hook) => names.length === 0 || names.includes(hook.name));
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

/** Names that there are no groups of are passed over, as the service does. */
function describeAutoScalingGroups(store: AutoScalingStore, form: QueryForm): XmlContent {
  const names = form.list('AutoScalingGroupNames.member').filter((name) => store.hasGroup(name));
  const member = names.map((name) => ({
    AutoScalingGroupName: name,
    ...(store.isRetaining(name)
      ? { InstanceLifecyclePolicy: { RetentionTriggers: { TerminateHookAbandon: 'retain' } } }
      : {}),
  }));
  return { AutoScalingGroups: { member } };
}

const maxInstanceIds = 50;

function describeAutoScalingInstances(store: AutoScalingStore, form: QueryForm): XmlContent {
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
  const member = chosen.slice(offset, end).map(({ instanceId, group, lifecycleState }) => ({
    InstanceId: instanceId,
    AutoScalingGroupName: group,
    LifecycleState: lifecycleState,
    HealthStatus: 'HEALTHY',
    ProtectedFromScaleIn: false,
  }));
  return { AutoScalingInstances: { member }, NextToken: end < chosen.length ? end : undefined };
}

/** The actions that the sandbox's Auto Scaling knows, each with what its result element holds. */
const actions: Readonly<Record<string, (store: AutoScalingStore, form: QueryForm) => XmlContent>> = {
  CompleteLifecycleAction: completeLifecycleAction,
  RecordLifecycleActionHeartbeat: recordLifecycleActionHeartbeat,
  DescribeLifecycleHooks: describeLifecycleHooks,
  DescribeAutoScalingGroups: describeAutoScalingGroups,
  DescribeAutoScalingInstances: describeAutoScalingInstances,
};

/**
 * Carries out a call of Auto Scaling; undefined for an action that the sandbox doesn't know.
 * @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_Operations.html
 * @throws AwsServiceError for what the service refuses
 */
export function answerAutoScaling(store: AutoScalingStore, form: QueryForm, requestId: string): Answer | undefined {
  const { action } = form;
  const result = Object.hasOwn(actions, action) ? actions[action]?.(store, form) : undefined;
  if (result === undefined) return undefined;
  const content = { [`${action}Result`]: result, ResponseMetadata: { RequestId: requestId } };
  return xmlAnswer(200, `${action}Response`, content, autoScalingXml);
}
