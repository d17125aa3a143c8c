import type { Logger } from '@node-termination-handler/logger';
import type { Metrics } from '@node-termination-handler/metrics';
import type { ImdsAgentSettings } from '@node-termination-handler/settings';
import { uncordonForgotten } from './forgotten-cordon.ts';
import type { Present } from './forgotten-cordon.ts';
import type { Parts } from './parts.ts';
import { uncordonAfterReboot } from './uncordon-after-reboot.ts';
import { hostUptimeSeconds } from './uptime.ts';

/** What taking the own node back into service needs. */
export interface TakeBackParts {
  readonly settings: ImdsAgentSettings;
  readonly parts: Pick<Parts, 'client' | 'handler'>;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly stop: AbortSignal;
}

/** After a reboot: takes the node back into service before its scheduled events are looked at again. */
export async function takeBackAfterReboot({ settings, parts, metrics, log, stop }: TakeBackParts): Promise<void> {
  const result = await uncordonAfterReboot(parts.client, {
    nodeName: settings.nodeName,
    uptimeSeconds: () => hostUptimeSeconds(settings.uptimeFromFile),
    dryRun: settings.dryRun,
    signal: stop,
  });
  if (result.status === 'uncordoned') {
    metrics.countAction('uncordon', 'success');
    log.info(
      { 'node-name': settings.nodeName, 'event-id': result.event },
      'Successfully completed action UncordonAfterReboot',
    );
    if (result.event !== undefined) parts.handler.ignore(result.event);
  } else if (result.status === 'failed') {
    log.warn({ err: result.error }, 'Unable to complete the uncordon after reboot workflow');
  }
}

/** After a restart of the program: takes the node back into service when its notice was taken back while nobody looked. */
export async function takeBackForgotten(
  { settings, parts, metrics, log, stop }: TakeBackParts,
  present: () => Present,
): Promise<void> {
  const { nodeName, dryRun } = settings;
  const result = await uncordonForgotten(parts.client, { nodeName, present, dryRun, signal: stop });
  if (result.status === 'uncordoned') {
    metrics.countAction('uncordon', 'success');
    log.info({ 'node-name': nodeName, 'event-id': result.notice }, 'Node successfully uncordoned: its notice is gone');
  } else if (result.status === 'failed' && !stop.aborted) {
    log.warn({ err: result.error }, 'the own node could not be looked at for a cordon that nothing asks for any more');
  }
}
