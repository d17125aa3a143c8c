import { abortable } from '@node-termination-handler/clock';
import type { InterruptionProgress } from '@node-termination-handler/interruption-handler';
import type { Metrics } from '@node-termination-handler/metrics';
import type { SharedSettings } from '@node-termination-handler/settings';
import { createWebhookNotifier, webhookWarning } from '@node-termination-handler/webhook-notifier';
import type {
  NotificationMetadata,
  NotificationPhase,
  WebhookNotification,
  WebhookNotifier,
  WebhookNotifierOptions,
} from '@node-termination-handler/webhook-notifier';
import { readFile } from 'node:fs/promises';
import type { Runtime } from '../runtime.ts';
import { createLastingFailure } from './lasting-failure.ts';
import { summaryOf, toldOf } from './steps.ts';

/** What a webhook needs beside its settings. */
export interface WebhookParts extends Pick<Runtime<SharedSettings>, 'log' | 'clock'> {
  /** Where the variables of `WEBHOOK_TEMPLATE_ENV` are. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Counts what becomes of each message. Default: nobody does. */
  readonly metrics?: Metrics;
  /** Ends the wait for the template's file. */
  readonly signal?: AbortSignal;
}

/**
 * Makes the webhook of the settings; `undefined` where none is set.
 *
 * @throws when its template does not parse or run on an empty event, or another of its settings cannot be used.
 */
export async function createWebhook(
  settings: SharedSettings,
  parts: WebhookParts,
): Promise<WebhookNotifier | undefined> {
  const options = await webhookOptions(settings, parts);
  const { log, metrics, clock } = parts;
  if (options === undefined) return undefined;
  const failure = createLastingFailure({
    ...{ log, clock },
    failing: 'webhook notification failed',
    over: 'webhook notifications are delivered again',
    advice:
      'WEBHOOK_URL and WEBHOOK_HEADERS, the receiver, or the way to it (WEBHOOK_PROXY, network policy); a message that failed is not sent again',
  });
  return createWebhookNotifier({
    ...options,
    log: (level, message, fields) => log[level](fields, message),
    onResult(result) {
      metrics?.countWebhookDelivery(result.outcome);
      const { event, phase } = result.notification;
      const about = { 'event-id': event.eventId, 'node-name': event.nodeName ?? '', phase };
      if (result.outcome === 'failed') failure.failed(result.error, about);
      if (result.outcome === 'delivered') failure.succeeded();
    },
  });
}

/**
 * Tries the webhook of the settings without sending anything, and warns of what a receiver would stumble over.
 *
 * @throws as {@link createWebhook} does.
 */
export async function checkWebhook(settings: SharedSettings, parts: WebhookParts): Promise<void> {
  const options = await webhookOptions(settings, parts);
  const warning = options === undefined ? undefined : await webhookWarning(options);
  if (warning !== undefined) parts.log.warn({ reason: warning }, 'the receiver of the webhook may refuse its messages');
}

async function webhookOptions(
  settings: SharedSettings,
  { env, signal }: WebhookParts,
): Promise<WebhookNotifierOptions | undefined> {
  const { webhookUrl: url, webhookProxy: proxy, webhookHeaders: headers, webhookTemplateFile: file } = settings;
  if (url === undefined) return undefined;
  const template = file === undefined ? settings.webhookTemplate : await readTemplate(file, signal);
  const { webhookPreset: preset, webhookTemplateEnv: names } = settings;
  const templateEnv = names.length === 0 ? undefined : Object.fromEntries(names.map((name) => [name, env[name] ?? '']));
  return { url, headers, proxy, template, preset, templateEnv };
}

/** The template file of the settings cannot be read. */
export class TemplateFileError extends Error {
  override readonly name = 'TemplateFileError';
}

async function readTemplate(file: string, signal: AbortSignal | undefined): Promise<string> {
  try {
    return await abortable(readFile(file, 'utf8'), signal);
  } catch (cause) {
    signal?.throwIfAborted();
    throw new TemplateFileError(
      `WEBHOOK_TEMPLATE_FILE ${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}

/** What is known of the event's instance beside the event itself. */
export interface TellContext {
  readonly metadata: NotificationMetadata;
  /** Whether the instance carries the managed tag. */
  readonly isManaged?: boolean;
  /** The node that the step is about, where it does not say it itself: it may come before the node was found. */
  readonly nodeName?: string;
}

/** Makes the webhook's message for a step; `undefined` for steps nobody asked to be told. Pure. */
export function webhookNotification(
  step: InterruptionProgress,
  phases: ReadonlySet<NotificationPhase>,
  { metadata, isManaged, nodeName }: TellContext,
  isDryRun = false,
): WebhookNotification | undefined {
  const phase = phaseOf(step, phases);
  if (phase === undefined) return undefined;
  const { event, node } = step;
  return {
    phase,
    outcome: isDryRun ? 'dry-run' : toldOf(step).outcome?.(step),
    summary: summaryWithOthers(step, isDryRun),
    reason: 'reason' in step ? step.reason : undefined,
    podCounts: 'counts' in step ? step.counts : undefined,
    durationMs: 'durationMs' in step ? step.durationMs : undefined,
    otherEvents: 'others' in step ? step.others.map(({ id }) => id) : undefined,
    metadata,
    event: {
      eventId: event.id,
      kind: event.kind,
      monitor: event.monitor,
      description: event.description,
      state: event.state,
      autoScalingGroupName: 'autoScalingGroupName' in event ? event.autoScalingGroupName : undefined,
      nodeName: node?.name ?? nodeName,
      nodeLabels: node?.labels,
      pods: 'pods' in step ? step.pods : undefined,
      instanceId: event.instanceId,
      providerId: node?.providerId,
      instanceType: metadata.instanceType,
      isManaged,
      startTime: event.startTime,
      endTime: event.endTime,
      nodeProcessed: phase === 'drained',
      inProgress: true,
    },
  };
}

/** The other events of a node get no message of their own. */
function summaryWithOthers(step: InterruptionProgress, isDryRun: boolean): string {
  const others = 'others' in step ? step.others.map(({ id }) => id) : [];
  return `${summaryOf(step, isDryRun) ?? ''}${others.length === 0 ? '' : `; also for ${others.join(', ')}`}`;
}

function phaseOf(step: InterruptionProgress, phases: ReadonlySet<NotificationPhase>): NotificationPhase | undefined {
  // One message for a node and phase, though several events ask for it, and however long a failure lasts.
  if (('isFirst' in step && !step.isFirst) || 'lastsMs' in step) return undefined;
  const { phase } = toldOf(step);
  if (phase === undefined || phases.has(phase)) return phase;
  // A cordon, or a word, that is all the event asks for is the end of its work: those who want to hear of the end hear of it.
  const isAll =
    (step.type === 'cordoned' && step.final) || (step.type === 'received' && step.decision.action === 'notify');
  return isAll && phases.has('drained') ? phase : undefined;
}
