import { patchSchemas } from '../patch/schema.ts';
import { nodeErrors } from '../validation/node.ts';
import { podErrors } from '../validation/pod.ts';
import { namespaceDefaults, podDefaults, secretDefaults } from './defaults.ts';
import type { ResourceDefinition } from './definition.ts';
import { define, named, notSupported } from './row.ts';

const podFields = ['spec.nodeName', 'spec.restartPolicy', 'spec.schedulerName', 'spec.serviceAccountName'];
const podMoreFields = ['spec.hostNetwork', 'status.phase', 'status.podIP', 'status.podIPs', 'status.nominatedNodeName'];

/** The resources of the core group. */
export const coreResources: readonly ResourceDefinition[] = [
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
