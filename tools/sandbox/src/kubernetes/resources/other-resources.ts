import { patchSchemas } from '../patch/schema.ts';
import { disruptionBudgetErrors } from '../validation/disruption-budget.ts';
import { leaseErrors } from '../validation/lease.ts';
import type { ResourceDefinition } from './definition.ts';
import { define } from './row.ts';

/** Leases, disruption budgets and volume attachments. */
export const otherResources: readonly ResourceDefinition[] = [
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
