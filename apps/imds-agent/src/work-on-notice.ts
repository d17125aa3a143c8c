import type { NodeInterruption } from '@node-termination-handler/interruption-handler';
import type { Logger } from '@node-termination-handler/logger';
import type { ImdsAgentSettings } from '@node-termination-handler/settings';
import { setTimeout as delay } from 'node:timers/promises';
import { completeAfterDrain } from './lifecycle/complete-after-drain.ts';
import type { Notices } from './notices.ts';
import type { Parts } from './parts.ts';

/** The pause before a notice whose work failed is tried again, in milliseconds: the notice is there until the instance is gone. */
const TRY_AGAIN_MS = 2_000;

/** What the work on notices needs. */
export interface WorkParts {
  readonly settings: ImdsAgentSettings;
  readonly parts: Parts;
  readonly notices: Notices;
  /** Settles when the look at the node after a reboot is over. */
  readonly afterReboot: Promise<void>;
  readonly log: Logger;
  readonly stop: AbortSignal;
}

/** Takes one notice to its end: decide → drain → after; until it is done, or the notice is taken back. */
export async function workOnNotice(event: NodeInterruption, work: WorkParts): Promise<void> {
  const { settings, parts, notices, stop } = work;
  if (event.kind === 'SCHEDULED_EVENT') await work.afterReboot;
  while (notices.has(event.id) && !stop.aborted) {
    const result = await parts.handler.handle(event, { name: settings.nodeName, instanceId: event.instanceId });
    if (result.status === 'done') return after(event, work);
    if (result.status !== 'failed' && result.status !== 'node-not-found') return;
    await delay(TRY_AGAIN_MS, undefined, { signal: stop }).catch(() => undefined);
  }
}

async function after(event: NodeInterruption, { settings, parts, log }: WorkParts): Promise<void> {
  if (event.kind !== 'ASG_LIFECYCLE' || !settings.completeLifecycleActionFromAgent || settings.dryRun) return;
  await completeAfterDrain(event, {
    instanceId: parts.metadata.instanceId,
    region: settings.awsRegion ?? parts.metadata.region,
    endpoint: settings.awsEndpoint,
    tell: parts.tell,
    log,
  });
}
