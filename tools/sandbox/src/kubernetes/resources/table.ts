import { patchSchemas } from '../patch/schema.ts';
import { disruptionBudgetErrors } from '../validation/disruption-budget.ts';
import { eventErrors, strictEventErrors } from '../validation/event.ts';
import { leaseErrors } from '../validation/lease.ts';
import { nodeErrors } from '../validation/node.ts';
import { podErrors } from '../validation/pod.ts';
import { podDefaults, secretDefaults, workloadDefaults } from './defaults.ts';
import { apiVersionOf } from './definition.ts';
import type { ResourceDefinition } from './definition.ts';
import { eventsView } from './events-view.ts';

type Row = Pick<ResourceDefinition, 'group' | 'version' | 'resource' | 'kind'> & Partial<ResourceDefinition>;

function define(row: Row): ResourceDefinition {
  const namespaced = row.namespaced ?? true;
  return {
    singular: row.kind.toLowerCase(),
    shortNames: [],
    namespaced,
    storage: row.group === '' ? row.resource : `${row.resource}.${row.group}`,
    etcdPath: row.resource,
    hasStatus: false,
    initialStatus: {},
    countsGenerations: false,
    returnsDeleted: false,
    allowsUnconditionalUpdate: true,
    createsOnUpdate: false,
    nameRule: 'dns-subdomain',
    selectableFields: namespaced ? ['metadata.name', 'metadata.namespace'] : ['metadata.name'],
    ownFieldSelectors: false,
    booleanFields: [],
    omittedWhenEmpty: [],
    microTimes: [],
    patchSchema: patchSchemas.metadataOnly,
    ...row,
  };
}

const podFields = ['spec.nodeName', 'spec.restartPolicy', 'spec.schedulerName', 'spec.serviceAccountName'];
const podMoreFields = ['spec.hostNetwork', 'status.phase', 'status.podIP', 'status.podIPs', 'status.nominatedNodeName'];
const eventFields = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'];
const named = ['metadata.name', 'metadata.namespace'];
const apps = {
  group: 'apps',
  version: 'v1',
  hasStatus: true,
  countsGenerations: true,
  patchSchema: patchSchemas.workload,
};

/** Everything that the simulator serves; a resource more is a row more. */
export const resources: readonly ResourceDefinition[] = [
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
    ownFieldSelectors: true,
    booleanFields: ['spec.unschedulable'],
    omittedWhenEmpty: ['spec.unschedulable', 'spec.taints', 'spec.taints.*.value', 'spec.providerID', 'spec.podCIDRs'],
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
    ownFieldSelectors: true,
    booleanFields: ['spec.hostNetwork'],
    omittedWhenEmpty: [
      'spec.nodeName',
      'spec.hostNetwork',
      'spec.nodeSelector',
      'spec.tolerations',
      'spec.volumes',
      'status.conditions',
    ],
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
    ownFieldSelectors: true,
    patchSchema: patchSchemas.namespace,
  }),
  define({
    group: '',
    version: 'v1',
    resource: 'events',
    kind: 'Event',
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
    ownFieldSelectors: true,
    microTimes: ['eventTime', 'series.lastObservedTime'],
    errors: eventErrors,
  }),
  define({
    group: 'events.k8s.io',
    version: 'v1',
    resource: 'events',
    kind: 'Event',
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
    ownFieldSelectors: true,
    microTimes: ['eventTime', 'series.lastObservedTime'],
    errors: eventErrors,
    createErrors: strictEventErrors,
    view: eventsView,
  }),
  define({ group: '', version: 'v1', resource: 'configmaps', kind: 'ConfigMap', shortNames: ['cm'] }),
  define({
    group: '',
    version: 'v1',
    resource: 'secrets',
    kind: 'Secret',
    selectableFields: [...named, 'type'],
    ownFieldSelectors: true,
    defaults: secretDefaults,
  }),
  define({
    group: '',
    version: 'v1',
    resource: 'serviceaccounts',
    kind: 'ServiceAccount',
    shortNames: ['sa'],
    returnsDeleted: true,
    patchSchema: patchSchemas.serviceAccount,
  }),
  define({
    group: 'coordination.k8s.io',
    version: 'v1',
    resource: 'leases',
    kind: 'Lease',
    allowsUnconditionalUpdate: false,
    createsOnUpdate: true,
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
    countsGenerations: true,
    allowsUnconditionalUpdate: false,
    patchSchema: patchSchemas.podDisruptionBudget,
    errors: disruptionBudgetErrors,
  }),
  define({ ...apps, resource: 'daemonsets', kind: 'DaemonSet', shortNames: ['ds'] }),
  define({
    ...apps,
    resource: 'replicasets',
    kind: 'ReplicaSet',
    shortNames: ['rs'],
    defaults: workloadDefaults,
    selectableFields: [...named, 'status.replicas'],
  }),
  define({ ...apps, resource: 'statefulsets', kind: 'StatefulSet', shortNames: ['sts'], defaults: workloadDefaults }),
  define({ ...apps, resource: 'deployments', kind: 'Deployment', shortNames: ['deploy'], defaults: workloadDefaults }),
  define({ ...apps, group: 'batch', resource: 'jobs', kind: 'Job', selectableFields: [...named, 'status.successful'] }),
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
