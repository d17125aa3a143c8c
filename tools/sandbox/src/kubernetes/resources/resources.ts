import { patchSchemas } from '../patch/schema.ts';
import {
  disruptionBudgetErrors,
  eventErrors,
  leaseErrors,
  nodeErrors,
  podErrors,
  strictEventErrors,
} from '../validation/kinds.ts';
import {
  eventDefaults,
  eventsView,
  namespaceDefaults,
  podDefaults,
  secretDefaults,
  storedEventFields,
  workloadDefaults,
} from './defaults.ts';
import { apiVersionOf, define, named, notSupported } from './definition.ts';
import type { ResourceDefinition } from './definition.ts';

const podFields = ['spec.nodeName', 'spec.restartPolicy', 'spec.schedulerName', 'spec.serviceAccountName'];
const podMoreFields = ['spec.hostNetwork', 'status.phase', 'status.podIP', 'status.podIPs', 'status.nominatedNodeName'];

const eventFields = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'];

/** Both versions of events show the same objects. */
const event = {
  kind: 'Event',
  fields: storedEventFields,
  shortNames: ['ev'],
  storage: 'events',
  createsOnUpdate: true,
  refuseField: notSupported,
  microTimes: ['eventTime', 'series.lastObservedTime'],
  defaults: eventDefaults,
  errors: eventErrors,
};

/** Controllers of pods. */
const workload = { group: 'apps', hasStatus: true, countsGenerations: true, patchSchema: patchSchemas.workload };

/** Everything that the simulator serves; a resource more is a row more. */
export const resources: readonly ResourceDefinition[] = [
  define({
    kind: 'Node',
    shortNames: ['no'],
    namespaced: false,
    etcdPath: 'minions',
    hasStatus: true,
    initialStatus: 'as-given',
    selectableFields: ['metadata.name', 'spec.unschedulable'],
    refuseField: notSupported,
    booleanFields: ['spec.unschedulable'],
    omittedWhenEmpty: ['spec.unschedulable', 'spec.taints', 'spec.taints.*.value', 'spec.providerID', 'spec.podCIDRs'],
    fieldTypes: { 'spec.unschedulable': 'bool', 'spec.taints': 'array', 'spec.providerID': 'string' },
    patchSchema: patchSchemas.node,
    errors: nodeErrors,
  }),
  define({
    kind: 'Pod',
    shortNames: ['po'],
    hasStatus: true,
    initialStatus: { phase: 'Pending', qosClass: 'BestEffort' },
    countsGenerations: true,
    returnsDeleted: true,
    selectableFields: [...named, ...podFields, ...podMoreFields],
    refuseField: notSupported,
    booleanFields: ['spec.hostNetwork'],
    omittedWhenEmpty: [
      ...['spec.nodeName', 'spec.hostNetwork', 'spec.nodeSelector', 'spec.tolerations', 'spec.volumes'],
      'status.conditions',
    ],
    fieldTypes: {
      'spec.nodeName': 'string',
      'spec.terminationGracePeriodSeconds': 'int64',
      'spec.containers': 'array',
    },
    patchSchema: patchSchemas.pod,
    defaults: podDefaults,
    errors: podErrors,
  }),
  define({
    kind: 'Namespace',
    shortNames: ['ns'],
    namespaced: false,
    hasStatus: true,
    initialStatus: { phase: 'Active' },
    nameRule: 'dns-label',
    selectableFields: ['metadata.name', 'status.phase'],
    refuseField: notSupported,
    patchSchema: patchSchemas.namespace,
    defaults: namespaceDefaults,
  }),
  define({ kind: 'ConfigMap', shortNames: ['cm'], fields: ['data', 'binaryData', 'immutable'] }),
  define({
    kind: 'Secret',
    fields: ['data', 'stringData', 'type', 'immutable'],
    selectableFields: [...named, 'type'],
    refuseField: notSupported,
    defaults: secretDefaults,
  }),
  define({
    kind: 'ServiceAccount',
    shortNames: ['sa'],
    fields: ['secrets', 'imagePullSecrets', 'automountServiceAccountToken'],
    returnsDeleted: true,
    patchSchema: patchSchemas.serviceAccount,
  }),
  define({
    ...event,
    selectableFields: [
      ...[...named, ...eventFields.map((field) => `involvedObject.${field}`)],
      ...['reason', 'reportingComponent', 'source', 'type'],
    ],
  }),
  define({
    ...event,
    group: 'events.k8s.io',
    selectableFields: [
      ...[...named, ...eventFields.map((field) => `regarding.${field}`)],
      ...['reason', 'reportingController', 'type'],
    ],
    createErrors: strictEventErrors,
    view: eventsView,
  }),
  define({ ...workload, kind: 'DaemonSet', shortNames: ['ds'] }),
  define({ ...workload, kind: 'ReplicaSet', shortNames: ['rs'], defaults: workloadDefaults }),
  define({ ...workload, kind: 'StatefulSet', shortNames: ['sts'], defaults: workloadDefaults }),
  define({ ...workload, kind: 'Deployment', shortNames: ['deploy'], defaults: workloadDefaults }),
  define({
    ...workload,
    group: 'batch',
    kind: 'Job',
    selectableFields: [...named, 'status.successful'],
    refuseField: (field) => `field label "${field}" not supported for Job`,
  }),
  define({
    group: 'coordination.k8s.io',
    kind: 'Lease',
    allowsUnconditionalUpdate: false,
    createsOnUpdate: true,
    fieldTypes: {
      'spec.holderIdentity': 'string',
      'spec.leaseDurationSeconds': 'int64',
      'spec.leaseTransitions': 'int64',
    },
    microTimes: ['spec.acquireTime', 'spec.renewTime'],
    errors: leaseErrors,
  }),
  define({
    group: 'policy',
    kind: 'PodDisruptionBudget',
    shortNames: ['pdb'],
    hasStatus: true,
    initialStatus: { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 },
    countsGenerations: true,
    allowsUnconditionalUpdate: false,
    patchSchema: patchSchemas.podDisruptionBudget,
    errors: disruptionBudgetErrors,
  }),
  define({
    group: 'storage.k8s.io',
    kind: 'VolumeAttachment',
    namespaced: false,
    hasStatus: true,
    returnsDeleted: true,
    allowsUnconditionalUpdate: false,
  }),
];

const byPath = new Map(resources.map((one) => [`${apiVersionOf(one)}/${one.resource}`, one]));
const byKind = new Map(resources.map((one) => [`${apiVersionOf(one)}/${one.kind}`, one]));

/** The definition behind a URL's group, version and plural, if the simulator serves it. */
export function resourceAt(group: string, version: string, resource: string): ResourceDefinition | undefined {
  return byPath.get(`${apiVersionOf({ group, version })}/${resource}`);
}

/** The definition of an object's kind, if the simulator serves it. */
export function resourceOf(apiVersion: string, kind: string): ResourceDefinition | undefined {
  return byKind.get(`${apiVersion}/${kind}`);
}

function known(group: string, resource: string): ResourceDefinition {
  const definition = resourceAt(group, 'v1', resource);
  if (definition === undefined) throw new Error(`The table of resources has no ${resource}`);
  return definition;
}

/** The definitions that the simulated kubelet, the budgets and the workloads work on. */
export const builtIn = {
  nodes: known('', 'nodes'),
  pods: known('', 'pods'),
  namespaces: known('', 'namespaces'),
  budgets: known('policy', 'poddisruptionbudgets'),
  replicaSets: known('apps', 'replicasets'),
};
