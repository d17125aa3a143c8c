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

/** The resources of the core group. */
const coreResources: readonly ResourceDefinition[] = [
  define({
    group: '',
    version: 'v1',
    resource: 'nodes',
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
    group: '',
    version: 'v1',
    resource: 'pods',
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
      'spec.nodeName',
      'spec.hostNetwork',
      'spec.nodeSelector',
      'spec.tolerations',
      'spec.volumes',
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
    group: '',
    version: 'v1',
    resource: 'namespaces',
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
  define({
    group: '',
    version: 'v1',
    resource: 'configmaps',
    kind: 'ConfigMap',
    fields: ['data', 'binaryData', 'immutable'],
    shortNames: ['cm'],
  }),
  define({
    group: '',
    version: 'v1',
    resource: 'secrets',
    kind: 'Secret',
    fields: ['data', 'stringData', 'type', 'immutable'],
    selectableFields: [...named, 'type'],
    refuseField: notSupported,
    defaults: secretDefaults,
  }),
  define({
    group: '',
    version: 'v1',
    resource: 'serviceaccounts',
    kind: 'ServiceAccount',
    fields: ['secrets', 'imagePullSecrets', 'automountServiceAccountToken'],
    shortNames: ['sa'],
    returnsDeleted: true,
    patchSchema: patchSchemas.serviceAccount,
  }),
];

const eventFields = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'];

/** Events, in both versions of the API. */
const eventResources: readonly ResourceDefinition[] = [
  define({
    group: '',
    version: 'v1',
    resource: 'events',
    kind: 'Event',
    fields: storedEventFields,
    shortNames: ['ev'],
    createsOnUpdate: true,
    selectableFields: [
      ...named,
      ...eventFields.map((field) => `involvedObject.${field}`),
      'reason',
      'reportingComponent',
      'source',
      'type',
    ],
    refuseField: notSupported,
    microTimes: ['eventTime', 'series.lastObservedTime'],
    defaults: eventDefaults,
    errors: eventErrors,
  }),
  define({
    group: 'events.k8s.io',
    version: 'v1',
    resource: 'events',
    kind: 'Event',
    fields: storedEventFields,
    shortNames: ['ev'],
    storage: 'events',
    createsOnUpdate: true,
    selectableFields: [
      ...named,
      ...eventFields.map((field) => `regarding.${field}`),
      'reason',
      'reportingController',
      'type',
    ],
    refuseField: notSupported,
    microTimes: ['eventTime', 'series.lastObservedTime'],
    defaults: eventDefaults,
    errors: eventErrors,
    createErrors: strictEventErrors,
    view: eventsView,
  }),
];

const apps = {
  group: 'apps',
  version: 'v1',
  hasStatus: true,
  countsGenerations: true,
  patchSchema: patchSchemas.workload,
};

/** Controllers of pods. */
const workloadResources: readonly ResourceDefinition[] = [
  define({ ...apps, resource: 'daemonsets', kind: 'DaemonSet', shortNames: ['ds'] }),
  define({
    ...apps,
    resource: 'replicasets',
    kind: 'ReplicaSet',
    shortNames: ['rs'],
    defaults: workloadDefaults,
  }),
  define({ ...apps, resource: 'statefulsets', kind: 'StatefulSet', shortNames: ['sts'], defaults: workloadDefaults }),
  define({ ...apps, resource: 'deployments', kind: 'Deployment', shortNames: ['deploy'], defaults: workloadDefaults }),
  define({
    ...apps,
    group: 'batch',
    resource: 'jobs',
    kind: 'Job',
    selectableFields: [...named, 'status.successful'],
    refuseField: (field) => `field label "${field}" not supported for Job`,
  }),
];

/** Leases, disruption budgets and volume attachments. */
const otherResources: readonly ResourceDefinition[] = [
  define({
    group: 'coordination.k8s.io',
    version: 'v1',
    resource: 'leases',
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
    version: 'v1',
    resource: 'poddisruptionbudgets',
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
    version: 'v1',
    resource: 'volumeattachments',
    kind: 'VolumeAttachment',
    namespaced: false,
    hasStatus: true,
    returnsDeleted: true,
    allowsUnconditionalUpdate: false,
  }),
];

/** Everything that the simulator serves; a resource more is a row more in one of these lists. */
export const resources: readonly ResourceDefinition[] = [
  ...coreResources,
  ...eventResources,
  ...workloadResources,
  ...otherResources,
];

const byPath = new Map(
  resources.map((definition) => [`${apiVersionOf(definition)}/${definition.resource}`, definition]),
);
const byKind = new Map(resources.map((definition) => [`${apiVersionOf(definition)}/${definition.kind}`, definition]));

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
