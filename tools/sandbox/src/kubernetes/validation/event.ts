import type { KubernetesObject } from '../object/kubernetes-object.ts';
import { readNumber, readString } from '../object/read.ts';
import type { FieldError } from '../status.ts';
import { invalidValue, requiredValue } from './field-errors.ts';
import { qualifiedNameFaults } from './names.ts';

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
  return [
    ...(about === '' && namespace !== 'default' && namespace !== 'kube-system' ? mismatch : []),
    ...(controller === '' ? [requiredValue('reportingComponent')] : []),
    ...qualifiedNameFaults(controller).map((fault) => invalidValue('reportingComponent', controller, fault)),
    ...textErrors(event, 'reportingInstance', 128, true),
    ...textErrors(event, 'action', 128, true),
    ...textErrors(event, 'reason', 128, true),
    ...textErrors(event, 'message', 1024, false),
  ];
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
  return [
    ...(series !== undefined && series < 2 ? [invalidValue('series.count', '', 'should be at least 2')] : []),
    ...(readString(event, 'eventTime') === undefined ? [requiredValue('eventTime')] : []),
    ...(type === 'Normal' || type === 'Warning' ? [] : [invalidValue('type', '', `has invalid value: ${type}`)]),
    ...unset.map((field) => invalidValue(field, '', 'needs to be unset')),
    ...((readNumber(event, 'count') ?? 0) === 0 ? [] : [invalidValue('count', '', 'needs to be unset')]),
  ];
}
