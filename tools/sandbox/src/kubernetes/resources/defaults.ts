import { readRecord } from '../../json-value.ts';
import type { KubernetesObject } from '../object/object.ts';
import type { View } from './definition.ts';

/** What the server fills into a pod; see https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/. */
export function podDefaults(pod: KubernetesObject): KubernetesObject {
  const defaults = {
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    schedulerName: 'default-scheduler',
    serviceAccountName: 'default',
    securityContext: {},
    enableServiceLinks: true,
  };
  return { ...pod, spec: { ...defaults, ...readRecord(pod, 'spec') } };
}

/** What the server fills into a ReplicaSet, a Deployment or a StatefulSet. */
export function workloadDefaults(workload: KubernetesObject): KubernetesObject {
  return { ...workload, spec: { replicas: 1, ...readRecord(workload, 'spec') } };
}

/** What the server fills into a namespace. */
export function namespaceDefaults(namespace: KubernetesObject): KubernetesObject {
  const { metadata } = namespace;
  const labels = { 'kubernetes.io/metadata.name': metadata.name, ...metadata.labels };
  return { ...namespace, metadata: { ...metadata, labels }, spec: { finalizers: ['kubernetes'] } };
}

/** The fields that an event always has. */
export function eventDefaults(event: KubernetesObject): KubernetesObject {
  return {
    ...event,
    source: event.source ?? {},
    reportingComponent: event.reportingComponent ?? '',
    reportingInstance: event.reportingInstance ?? '',
  };
}

/** Moves `stringData` of a secret into `data`, as the server does. */
export function secretDefaults(secret: KubernetesObject): KubernetesObject {
  const { stringData, ...rest } = secret;
  const encoded = Object.entries(readRecord(stringData)).map(([key, value]) => [
    key,
    Buffer.from(String(value)).toString('base64'),
  ]);
  const data: unknown = { ...readRecord(secret, 'data'), ...Object.fromEntries(encoded) };
  return { ...rest, type: secret.type ?? 'Opaque', ...(encoded.length > 0 ? { data } : {}) };
}

const names: readonly (readonly [stored: string, shown: string])[] = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
  ['reportingComponent', 'reportingController'],
];

/** The fields of an event as it is stored. */
export const storedEventFields = [
  ...names.map(([stored]) => stored),
  ...['eventTime', 'series', 'reportingInstance', 'action', 'reason', 'related', 'type'],
];

const toShown = new Map(names);
const toStored = new Map(names.map(([stored, shown]) => [shown, stored]));

function renamed(event: KubernetesObject, apiVersion: string, to: ReadonlyMap<string, string>): KubernetesObject {
  const { kind, apiVersion: _, metadata, ...rest } = event;
  const fields = Object.fromEntries(Object.entries(rest).map(([field, value]) => [to.get(field) ?? field, value]));
  return { kind, apiVersion, metadata, ...fields };
}

/** Events as `events.k8s.io/v1` names their fields; see https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/. */
export const eventsView: View = {
  show: (stored) => {
    const { reportingController, reportingInstance, ...shown } = renamed(stored, 'events.k8s.io/v1', toShown);
    return {
      ...shown,
      ...(reportingController === '' ? {} : { reportingController }),
      ...(reportingInstance === '' ? {} : { reportingInstance }),
    };
  },
  store: (shown) => renamed(shown, 'v1', toStored),
};
