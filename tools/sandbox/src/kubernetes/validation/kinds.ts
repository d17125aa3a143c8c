import { isDeepStrictEqual } from 'node:util';
import { isRecord, readAt, readList, readNumber, readRecord, readString } from '../../json-value.ts';
import type { KubernetesObject } from '../object/object.ts';
import type { FieldError } from '../status.ts';
import {
  duplicateValue,
  errorsAmong,
  forbiddenValue,
  invalidValue,
  labelValueFaults,
  qualifiedNameFaults,
  requiredValue,
  unsupportedValue,
} from './metadata.ts';

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

/** What is wrong with a node's taints; see https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/. */
export function nodeErrors(node: KubernetesObject, previous?: KubernetesObject): readonly FieldError[] {
  const before = readString(previous, 'spec', 'providerID') ?? '';
  const isMoved = before !== '' && (readString(node, 'spec', 'providerID') ?? '') !== before;
  const why = 'node updates may not change providerID except from "" to valid';
  return errorsAmong(taintErrors(node), isMoved && forbiddenValue('spec.providerID', why));
}

function taintErrors(node: KubernetesObject): readonly FieldError[] {
  const seen = new Set<string>();
  return readList(node, 'spec', 'taints').flatMap((taint, index) => {
    // The real server calls the path of a node's taints `metadata.taints`.
    const path = `metadata.taints[${index}]`;
    const key = readString(taint, 'key') ?? '';
    const value = readString(taint, 'value') ?? '';
    const effect = readString(taint, 'effect') ?? '';
    const pair = `${key}:${effect}`;
    const twice = seen.has(pair);
    seen.add(pair);
    const goTaint = JSON.stringify({
      Key: key,
      Value: value,
      Effect: effect,
      TimeAdded: readAt(taint, 'timeAdded') ?? null,
    });
    return errorsAmong(
      qualifiedNameFaults(key).map((fault) => invalidValue(`${path}.key`, key, fault)),
      labelValueFaults(value).map((fault) => invalidValue(`${path}.value`, value, fault)),
      effect === '' && requiredValue(`${path}.effect`),
      effect !== '' && !effects.includes(effect) && unsupportedValue(`${path}.effect`, effect, effects),
      twice && duplicateValue(path, `${goTaint}: taints must be unique by key and effect pair`),
    );
  });
}

const mutable = new Set(['activeDeadlineSeconds', 'tolerations', 'terminationGracePeriodSeconds', 'schedulingGates']);

/** What is wrong with a pod: it needs a container with a name and an image, and most of its spec never changes. */
export function podErrors(pod: KubernetesObject, previous?: KubernetesObject): readonly FieldError[] {
  if (previous !== undefined) return specChanged(pod, previous);
  const containers = readList(pod, 'spec', 'containers');
  if (containers.length === 0) return [requiredValue('spec.containers')];
  return containers.flatMap((container, index) =>
    ['name', 'image']
      .filter((field) => (readString(container, field) ?? '') === '')
      .map((field) => requiredValue(`spec.containers[${index}].${field}`)),
  );
}

function specChanged(pod: KubernetesObject, previous: KubernetesObject): readonly FieldError[] {
  if (isDeepStrictEqual(fixedSpec(pod), fixedSpec(previous))) return [];
  const allowed =
    'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';
  return [forbiddenValue('spec', allowed)];
}

function fixedSpec(pod: KubernetesObject): unknown {
  const fixed = Object.entries(readRecord(pod, 'spec')).filter(([field]) => !mutable.has(field));
  const withoutImages = (container: unknown): unknown =>
    isRecord(container) ? { ...container, image: undefined } : container;
  return Object.fromEntries(
    fixed.map(([field, value]) =>
      field === 'containers' || field === 'initContainers'
        ? [field, readList(pod, 'spec', field).map(withoutImages)]
        : [field, value ?? readAt(pod, 'spec', field)],
    ),
  );
}

const policies = ['AlwaysAllow', 'IfHealthyBudget'];

/** What is wrong with a PodDisruptionBudget; see https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/pod-disruption-budget-v1/. */
export function disruptionBudgetErrors(budget: KubernetesObject): readonly FieldError[] {
  const minAvailable = readAt(budget, 'spec', 'minAvailable');
  const maxUnavailable = readAt(budget, 'spec', 'maxUnavailable');
  const policy = readString(budget, 'spec', 'unhealthyPodEvictionPolicy');
  const isBoth = minAvailable !== undefined && maxUnavailable !== undefined;
  const both = `Invalid value: ${goSpec(budget)}: minAvailable and maxUnavailable cannot be both set`;
  const isUnknown = policy !== undefined && !policies.includes(policy);
  return errorsAmong(
    isBoth && { type: 'Invalid', field: 'spec', message: both },
    countErrors('spec.minAvailable', minAvailable),
    countErrors('spec.maxUnavailable', maxUnavailable),
    isUnknown && unsupportedValue('spec.unhealthyPodEvictionPolicy', policy, policies),
  );
}

/** The spec in the form that messages of the server have it. */
function goSpec(budget: KubernetesObject): string {
  return JSON.stringify({
    MinAvailable: readAt(budget, 'spec', 'minAvailable'),
    Selector: readAt(budget, 'spec', 'selector'),
    MaxUnavailable: readAt(budget, 'spec', 'maxUnavailable'),
    UnhealthyPodEvictionPolicy: readAt(budget, 'spec', 'unhealthyPodEvictionPolicy') ?? null,
  });
}

function countErrors(field: string, value: unknown): readonly FieldError[] {
  if (typeof value === 'number' && value < 0) return [invalidValue(field, value, 'must be greater than or equal to 0')];
  if (typeof value !== 'string') return [];
  const rule =
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
  if (!/^[0-9]+%$/.test(value)) return [invalidValue(field, value, rule)];
  return Number.parseInt(value, 10) > 100 ? [invalidValue(field, value, 'must not be greater than 100%')] : [];
}

/** What is wrong with an event as `v1` takes it; see https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/. */
export function eventErrors(event: KubernetesObject): readonly FieldError[] {
  const namespace = event.metadata.namespace ?? '';
  const about = readString(event, 'involvedObject', 'namespace') ?? '';
  const mismatch = [invalidValue('involvedObject.namespace', about, 'does not match event.namespace')];
  if (readString(event, 'eventTime') === undefined) {
    const allowed = about === '' ? namespace === 'default' : namespace === about;
    return allowed ? [] : mismatch;
  }
  const controller = readString(event, 'reportingComponent') ?? '';
  return errorsAmong(
    about === '' && namespace !== 'default' && namespace !== 'kube-system' && mismatch,
    controller === '' && requiredValue('reportingComponent'),
    qualifiedNameFaults(controller).map((fault) => invalidValue('reportingComponent', controller, fault)),
    textErrors(event, 'reportingInstance', 128, true),
    textErrors(event, 'action', 128, true),
    textErrors(event, 'reason', 128, true),
    textErrors(event, 'message', 1024, false),
  );
}

function textErrors(event: KubernetesObject, field: string, limit: number, required: boolean): readonly FieldError[] {
  const text = readString(event, field) ?? '';
  if (required && text === '') return [requiredValue(field)];
  return Buffer.byteLength(text) > limit ? [invalidValue(field, '', `can have at most ${limit} characters`)] : [];
}

/** What `events.k8s.io/v1` refuses on top, when an event is created through it. */
export function strictEventErrors(event: KubernetesObject): readonly FieldError[] {
  const type = readString(event, 'type') ?? '';
  const unset = ['firstTimestamp', 'lastTimestamp'].filter((field) => readString(event, field) !== undefined);
  const series = event.series === undefined ? undefined : (readNumber(event, 'series', 'count') ?? 0);
  return errorsAmong(
    series !== undefined && series < 2 && invalidValue('series.count', '', 'should be at least 2'),
    readString(event, 'eventTime') === undefined && requiredValue('eventTime'),
    type !== 'Normal' && type !== 'Warning' && invalidValue('type', '', `has invalid value: ${type}`),
    unset.map((field) => invalidValue(field, '', 'needs to be unset')),
    (readNumber(event, 'count') ?? 0) !== 0 && invalidValue('count', '', 'needs to be unset'),
  );
}

/** What is wrong with a lease; see https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/lease-v1/. */
export function leaseErrors(lease: KubernetesObject): readonly FieldError[] {
  const duration = readNumber(lease, 'spec', 'leaseDurationSeconds') ?? 1;
  const transitions = readNumber(lease, 'spec', 'leaseTransitions') ?? 0;
  return errorsAmong(
    duration <= 0 && invalidValue('spec.leaseDurationSeconds', duration, 'must be greater than 0'),
    transitions < 0 && invalidValue('spec.leaseTransitions', transitions, 'must be greater than or equal to 0'),
  );
}
