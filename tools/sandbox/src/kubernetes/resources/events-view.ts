import type { KubernetesObject } from '../object/kubernetes-object.ts';
import type { View } from './definition.ts';

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
