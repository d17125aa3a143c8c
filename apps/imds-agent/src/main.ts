import { parseImdsDocument, instanceId } from '@node-termination-handler/event-parsers';
import type { ImdsDocumentName, InterruptionEvent } from '@node-termination-handler/event-parsers';
import { watchDocuments } from '@node-termination-handler/imds-client';
import { isNodeInterruption } from '@node-termination-handler/interruption-handler';
import { createLogger } from '@node-termination-handler/logger';
import { createMetrics } from '@node-termination-handler/metrics';
import {
  createWebhook,
  effectiveSettings,
  loggerOptions,
  settingsOrExit,
  stopSignal,
} from '@node-termination-handler/runtime';
import { loadImdsAgentSettings } from '@node-termination-handler/settings';
import packageJson from '../package.json' with { type: 'json' };
import { MONITORS, watchedDocuments } from './documents.ts';
import { FirstLook } from './first-look.ts';
import { Notices } from './notices.ts';
import { connectParts } from './parts.ts';
import { takeBackAfterReboot, takeBackForgotten } from './take-back.ts';
import { workOnNotice } from './work-on-notice.ts';

const NAME = 'imds-agent';
const VERSION = packageJson.version;

/** How long a drain under way may go on when the program is told to stop; a pod's default grace is 30 s. */
const STOP_GRACE_MS = 20_000;

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
  const stop = stopSignal((signal) => log.info({ signal }, 'stopping: finishing what is under way'));
  log.info(effectiveSettings(settings), 'starting with these settings');
  const userAgent = `node-termination-handler-${NAME}/${VERSION}`;
  const parts = await connectParts({ settings, webhook, log, metrics, userAgent, stop }).catch((error: unknown) => {
    if (!stop.aborted) throw error;
    return undefined;
  });
  if (parts === undefined) {
    log.info('stopped before the instance was known');
    return;
  }
  const { imds, polls, monitors, handler } = parts;
  const context = { instanceId: instanceId(parts.metadata.instanceId) };
  const notices = new Notices();

  // Tell: whatever the engine does, as it does it.
  void (async () => {
    for await (const step of handler.progress(parts.ended)) parts.tell(step);
  })();

  // Take back: a cordon for a reboot that is over ends before its scheduled event is looked at again.
  const shared = { settings, parts, metrics, log, stop };
  const afterReboot = takeBackAfterReboot(shared);

  // Parse: what a document says now.
  const parse = (name: ImdsDocumentName, body: string | undefined): readonly InterruptionEvent[] | undefined => {
    if (body === undefined) return [];
    const outcome = parseImdsDocument(name, body, { ...context, now: new Date() });
    switch (outcome.status) {
      case 'events':
        for (const reason of outcome.rejected ?? [])
          log.warn({ document: name, reason }, 'an entry of a metadata document could not be understood');
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
  const documents = watchedDocuments(settings, () => notices.isAny('rebalance-recommendation'));
  const names = new Map<string, ImdsDocumentName>(documents.map(({ name }) => [name, name]));
  const firstLook = new FirstLook(names.values());

  void Promise.all([afterReboot, firstLook.over]).then(() =>
    takeBackForgotten(shared, () => ({ documents: new Set(names.values()), active: notices.active(new Date()) })),
  );

  // Decide → drain → after.
  const work = { settings, parts, notices, afterReboot, log, stop };
  for (const { name } of documents) monitors.started(MONITORS[name]);
  for await (const observation of watchDocuments(imds, { documents, signal: stop })) {
    const name = names.get(observation.name);
    if (name === undefined) continue;
    if (observation.type === 'polled') {
      polls.succeeded();
      monitors.succeeded(MONITORS[name]);
      firstLook.polled(name);
    }
    if (observation.type === 'failed') {
      polls.failed(observation.error);
      monitors.failed(MONITORS[name], observation.error);
    }
    if (observation.type !== 'changed') continue;
    const present = parse(name, observation.body);
    firstLook.read(name, present !== undefined);
    if (present === undefined) continue;
    const changes = notices.update(name, present);
    for (const id of changes.gone) void handler.cancel(id, 'the notice is no longer in the instance metadata');
    for (const event of changes.present) if (isNodeInterruption(event)) void workOnNotice(event, work);
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
