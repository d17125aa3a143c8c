import { apiServerFaults } from './api-server-faults.ts';
import { groupFaults, instanceFaults, queueFaults } from './aws-faults.ts';
import type { Fault } from './fault.ts';
import { metadataFaults } from './metadata-faults.ts';
import { webhookFaults } from './webhook-faults.ts';

/** Everything that can go wrong, by who misbehaves. */
export const catalogue: readonly Fault[] = [
  ...metadataFaults,
  ...queueFaults,
  ...instanceFaults,
  ...groupFaults,
  ...apiServerFaults,
  ...webhookFaults,
];
