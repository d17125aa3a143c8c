import { withTimeLimit } from '@node-termination-handler/clock';
import type { InterruptionProgress } from '@node-termination-handler/interruption-handler';
import { findNode, KubernetesApiError } from '@node-termination-handler/node-drainer';
import type { SharedSettings } from '@node-termination-handler/settings';
import type { NotificationMetadata, WebhookNotifier } from '@node-termination-handler/webhook-notifier';
import { DrainsInProgress } from './drains-in-progress.ts';
import type { Runtime } from '../runtime.ts';
import { createEventRecorder } from './event-recorder.ts';
import type { EventRecorder } from './event-recorder.ts';
import { createLastingFailure } from './lasting-failure.ts';
import { createMonitors } from './monitors.ts';
import type { MonitorName, Monitors } from './monitors.ts';
import { countStep, isDetail, kubernetesEvents, logLine } from './steps.ts';
import { webhookNotification } from './webhook.ts';
import type { TellContext } from './webhook.ts';

/** What is told, to whom. */
export interface TellingParts extends Pick<Runtime<SharedSettings>, 'log' | 'metrics' | 'client' | 'clock'> {
  /** Where this program runs, for the source of Kubernetes events. */
  readonly host: string;
  /** The node that every step is about, where all are about one: a step may come before the node was found. */
  readonly onlyNode?: string | undefined;
}

/** How long the own node is looked for when something is to be told about it, in milliseconds. */
const FIND_OWN_NODE_MS = 10_000;

/** Tells people about steps: in the log, as metrics, as Kubernetes events and over the webhook. */
export interface Telling {
  /** Takes a step and returns at once; whatever of it fails or hangs holds up nothing. Default context: the own instance's. */
  tell(step: InterruptionProgress, context?: TellContext): void;
  /** From now on this is known of the instance that the program runs on. */
  knowOwnInstance(context: TellContext): void;
  /** Tells how well what watches for events does. */
  readonly monitors: Monitors;
  /** Delivers what was taken, as far as the time allows. */
  close(deadlineMs: number): Promise<void>;
}

/** Puts everything that is told behind one function. */
export function createTelling(
  settings: SharedSettings,
  webhook: WebhookNotifier | undefined,
  parts: TellingParts,
): Telling {
  const { log, metrics, clock, onlyNode = '' } = parts;
  const { dryRun } = settings;
  const recorder = settings.emitKubernetesEvents && !dryRun ? recorderOf(settings, parts) : undefined;
  const phases = new Set(settings.webhookEvents);
  const drains = new DrainsInProgress();
  let own: TellContext = { metadata: {} };
  const onPersistent = (monitor: MonitorName): void => {
    if (recorder !== undefined) void recordMonitorError(recorder, monitor, settings.nodeName, own.metadata, parts);
  };
  return {
    monitors: createMonitors(parts, onPersistent),
    knowOwnInstance: (context) => void (own = context),
    tell(step, context = own) {
      // A burst has thousands of these.
      if (!isDetail(step) || log.isLevelEnabled('debug')) {
        const { level, message, fields } = logLine(step, dryRun);
        log[level]({ ...fields, 'node-name': step.node?.name ?? onlyNode }, message);
      }
      countStep(step, metrics, dryRun);
      metrics.setDrainsInProgress(drains.after(step));
      for (const event of recorder === undefined ? [] : kubernetesEvents(step))
        recorder?.record(event, annotations(context.metadata));
      const notification =
        webhook === undefined
          ? undefined
          : webhookNotification(step, phases, { nodeName: onlyNode, ...context }, dryRun);
      if (notification !== undefined) webhook?.notify(notification);
    },
    async close(deadlineMs) {
      const delivered = async (): Promise<unknown> => Promise.all([webhook?.close({ deadlineMs }), recorder?.idle()]);
      await withTimeLimit({ clock, limitMs: deadlineMs }, delivered).catch((error: unknown) =>
        log.warn({ err: error }, 'not everything could be told before the end'),
      );
    },
  };
}

function recorderOf(settings: SharedSettings, { log, client, clock, host }: TellingParts): EventRecorder {
  const failure = createLastingFailure({
    ...{ log, clock },
    failing: 'Kubernetes event was not written',
    over: 'Kubernetes events are written again',
    advice: 'create and patch on events in the role, in every namespace; nothing waits for events: drains go on',
    // Once for all objects, which the answers name.
    reasonOf: (error) => (error instanceof KubernetesApiError ? `${error.verb} ${error.status}` : undefined),
  });
  return createEventRecorder(client, {
    host,
    clock,
    annotations: settings.kubernetesEventsExtraAnnotations,
    onFailed: (error) => failure.failed(error),
    onWritten: () => failure.succeeded(),
  });
}

/** Says on the own node, where that is known, that its events may go unseen. */
async function recordMonitorError(
  recorder: EventRecorder,
  monitor: MonitorName,
  name: string | undefined,
  metadata: NotificationMetadata,
  { client, log, clock }: TellingParts,
): Promise<void> {
  if (name === undefined) return;
  try {
    const find = (signal: AbortSignal) => findNode(client, { name }, { signal });
    const node = await withTimeLimit({ clock, limitMs: FIND_OWN_NODE_MS }, find);
    if (node === undefined) return;
    recorder.record(
      {
        subject: { kind: 'Node', name: node.name, uid: node.uid },
        type: 'Warning',
        reason: 'MonitorError',
        message: `There was a problem monitoring for events in monitor '${monitor}'`,
      },
      annotations(metadata),
    );
  } catch (error) {
    log.debug({ err: error }, 'the own node could not be looked up for a Kubernetes event');
  }
}

/** The annotations that existing users filter Kubernetes events by. */
function annotations(metadata: NotificationMetadata): Record<string, string> {
  const known = {
    'account-id': metadata.accountId,
    'availability-zone': metadata.availabilityZone,
    'instance-id': metadata.instanceId,
    'instance-life-cycle': metadata.instanceLifeCycle,
    'instance-type': metadata.instanceType,
    'local-hostname': metadata.localHostname,
    'local-ipv4': metadata.localIp,
    'public-hostname': metadata.publicHostname,
    'public-ipv4': metadata.publicIp,
    region: metadata.region,
  };
  return Object.fromEntries(Object.entries(known).map(([key, value]) => [key, value ?? '']));
}
