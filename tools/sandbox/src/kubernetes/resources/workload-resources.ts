import { patchSchemas } from '../patch/schema.ts';
import { workloadDefaults } from './defaults.ts';
import type { ResourceDefinition } from './definition.ts';
import { define, named } from './row.ts';

const apps = {
  group: 'apps',
  version: 'v1',
  hasStatus: true,
  countsGenerations: true,
  patchSchema: patchSchemas.workload,
};

/** Controllers of pods. */
export const workloadResources: readonly ResourceDefinition[] = [
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
