import { parseImdsDocument, instanceId } from '@node-termination-handler/event-parsers';
import type { ImdsDocumentName, InterruptionEvent } from '@node-termination-handler/event-parsers';
import { watchDocuments } from '@node-termination-handler/imds-client';
import { isNodeInterruption } from '@node-termination-handler/interruption-handler';
import type { NodeInterruption } from '@node-termination-handler/interruption-handler';
import { createLogger } from '@node-termination-handler/logger';
import { createMetrics } from '@node-termination-handler/metrics';
import {
  createWebhook,
  effectiveSettings,
  loggerOptions,
  settingsOrExit,
  stopSignal,
} from '@node-termination-handler/program';
import { loadImdsAgentSettings } from '@node-termination-handler/settings';
import { setTimeout as delay } from 'node:timers/promises';
import packageJson from '../package.json' with { type: 'json' };
import { watchedDocuments } from './documents.ts';
import { Notices } from './notices.ts';
import { connectParts } from './parts.ts';
import { uncordonAfterReboot } from './uncordon-after-reboot.ts';
import { hostUptimeSeconds } from './uptime.ts';

const NAME = 'imds-agent';
const VERSION = packageJson.version;

/** How long a drain under way may go on when the program is told to stop; a pod's default grace is 30 s. */
const STOP_GRACE_MS = 20_000;

/** The pause before a notice whose work failed is tried again, in milliseconds: the notice is there until the instance is gone. */
const TRY_AGAIN_MS = 2_000;

async function main(): Promise<void> {
  const parsed = loadImdsAgentSettings({ argv: process.argv.slice(2), env: process.env });
  const { settings, mode, warnings } = settingsOrExit(parsed, NAME, VERSION);
  const log = createLogger(loggerOptions(settings, NAME, VERSION));
  for (const warning of warnings) log.warn(warning);
  const metrics = createMetrics();
  const webhook = await createWebhook(settings, log, metrics);
  if (mode === 'check') {
    log.info('the configuration is valid');
    return;
  }
  log.info(effectiveSettings(settings), 'starting with these settings');
  const stop = stopSignal((signal) => log.info({ signal }, 'stopping: finishing what is under way'));
  const userAgent = `node-termination-handler-${NAME}/${VERSION}`;
  const parts = await connectParts({ settings, webhook, log, metrics, userAgent, stop });
  const { imds, polls, handler, client } = parts;
  const context = { instanceId: instanceId(parts.metadata.instanceId) };
  const notices = new Notices();

  // Tell: whatever the engine does, as it does it.
  void (async () => {
    for await (const step of handler.progress(parts.ended)) parts.tell(step);
  })();

  // After a reboot: take the node back into service before its scheduled events are looked at again.
  const afterReboot = uncordonAfterReboot(client, {
    nodeName: settings.nodeName,
    uptimeSeconds: () => hostUptimeSeconds(settings.uptimeFromFile),
    dryRun: settings.dryRun,
    signal: stop,
  }).then((result) => {
    if (result.status === 'uncordoned') {
      metrics.countAction('uncordon', 'success');
      log.info({ 'node-name': settings.nodeName, 'event-id': result.event }, 'node uncordoned after its reboot');
      if (result.event !== undefined) handler.ignore(result.event);
    } else if (result.status === 'failed') {
      log.warn({ err: result.error }, 'the own node could not be looked at for an uncordon after a reboot');
    }
  });

  // Decide → drain → after: until it is done, or the notice is taken back.
  const work = async (event: NodeInterruption): Promise<void> => {
    if (event.kind === 'SCHEDULED_EVENT') await afterReboot;
    while (notices.has(event.id) && !stop.aborted) {
      const result = await handler.handle(event, { name: settings.nodeName, instanceId: event.instanceId });
      if (result.status !== 'failed' && result.status !== 'node-not-found') return;
      await delay(TRY_AGAIN_MS, undefined, { signal: stop }).catch(() => undefined);
    }
  };

  // Parse: what a document says now.
  const parse = (name: ImdsDocumentName, body: string | undefined): readonly InterruptionEvent[] | undefined => {
    if (body === undefined) return [];
    const outcome = parseImdsDocument(name, body, { ...context, now: new Date() });
    switch (outcome.status) {
      case 'events':
        return outcome.events;
      case 'not-actionable':
        log.debug({ document: name, reason: outcome.reason }, 'a metadata document needs no action');
        return [];
      case 'poison':
        log.warn({ document: name, reason: outcome.reason }, 'a metadata document could not be understood');
        return undefined;
    }
  };

  // Source: the documents of the instance metadata, each at its own pace.
  const documents = watchedDocuments(settings);
  const names = new Map<string, ImdsDocumentName>(documents.map(({ name }) => [name, name]));
  for await (const observation of watchDocuments(imds, { documents, signal: stop })) {
    const name = names.get(observation.name);
    if (observation.type === 'polled') polls.succeeded();
    if (observation.type === 'failed') {
      polls.failed(observation.error);
      log.warn({ document: observation.name, err: observation.error }, 'a metadata document could not be read');
    }
    if (observation.type !== 'changed' || name === undefined) continue;
    const present = parse(name, observation.body);
    if (present === undefined) continue;
    const changes = notices.update(name, present);
    for (const id of changes.gone) void handler.cancel(id, 'the notice is no longer in the instance metadata');
    for (const event of changes.present) if (isNodeInterruption(event)) void work(event);
  }

  // Stop: a drain under way may end, what does not is left to whoever comes next.
  await handler.close({ graceMs: STOP_GRACE_MS });
  await parts.close();
  log.info('stopped');
}

main().catch((error: unknown) => {
  process.stderr.write(`${NAME}: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
