import { drainRows } from './drain.ts';
import { eventRows } from './events.ts';
import { kubernetesRows } from './kubernetes.ts';
import { lifecycleRows } from './lifecycle.ts';
import { loggingRows } from './logging.ts';
import { markRows } from './marks.ts';
import { metadataRows } from './metadata.ts';
import { queueRows } from './queue.ts';
import { telemetryRows } from './telemetry.ts';
import { webhookRows } from './webhook.ts';

/** Every setting of both programs, in the order of help and documentation. */
export const settingRows = [
  ...kubernetesRows,
  ...metadataRows,
  ...eventRows,
  ...queueRows,
  ...lifecycleRows,
  ...drainRows,
  ...markRows,
  ...webhookRows,
  ...telemetryRows,
  ...loggingRows,
] as const;
