import { eventId } from '@node-termination-handler/event-parsers';
import type { EventId } from '@node-termination-handler/event-parsers';
import {
  ACTION_LABEL,
  ACTION_TIME_LABEL,
  CLAIM_ANNOTATION,
  CORDONED_FOR_ANNOTATION,
  EVENT_ID_LABEL,
  UNCORDON_AFTER_REBOOT,
} from '@node-termination-handler/interruption-handler';
import { findNode, unmarkNode } from '@node-termination-handler/node-drainer';
import type { KubernetesClient } from '@node-termination-handler/node-drainer';
import pRetry from 'p-retry';

/** How long the look at the own node is tried at the start, in milliseconds. */
const TRY_FOR_MS = 15_000;

/** What the labels of the node ask for. Pure. */
export function rebootWish(
  labels: Readonly<Record<string, string>>,
  uptimeSeconds: number,
  now: Date,
): { readonly status: 'none' | 'not-yet' } | { readonly status: 'rebooted'; readonly event: EventId | undefined } {
  const time = labels[ACTION_TIME_LABEL] ?? '';
  if (labels[ACTION_LABEL] !== UNCORDON_AFTER_REBOOT || !/^\d+$/.test(time)) return { status: 'none' };
  const secondsSinceMark = now.getTime() / 1000 - Number(time);
  // Up for longer than the mark is old: the host has not restarted since.
  if (secondsSinceMark < uptimeSeconds) return { status: 'not-yet' };
  const event = labels[EVENT_ID_LABEL];
  return { status: 'rebooted', event: event === undefined ? undefined : eventId(event) };
}

/** What came of the look at the node. */
export type AfterReboot =
  | { readonly status: 'none' | 'not-yet' | 'node-not-found' }
  /** The event that announced the reboot needs no work any more. */
  | { readonly status: 'uncordoned'; readonly event: EventId | undefined }
  | { readonly status: 'failed'; readonly error: unknown };

/** What the look at the node needs. */
export interface AfterRebootOptions {
  readonly nodeName: string;
  readonly uptimeSeconds: () => Promise<number>;
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
}

/** Takes the node back into service when the reboot it was cordoned for is over. Never throws: the program goes on without. */
export async function uncordonAfterReboot(client: KubernetesClient, options: AfterRebootOptions): Promise<AfterReboot> {
  const { nodeName: name, signal, dryRun } = options;
  const look = async (): Promise<AfterReboot> => {
    const node = await findNode(client, { name }, { signal });
    if (node === undefined) return { status: 'node-not-found' };
    const wish = rebootWish(node.labels, await options.uptimeSeconds(), new Date());
    if (wish.status !== 'rebooted') return wish;
    const annotations = { [CLAIM_ANNOTATION]: null, [CORDONED_FOR_ANNOTATION]: null };
    const result = await unmarkNode(client, node, { uncordon: true, annotations }, { signal, dryRun });
    return result.outcome === 'unmarked' ? { status: 'uncordoned', event: wish.event } : { status: 'node-not-found' };
  };
  try {
    return await pRetry(look, {
      retries: Infinity,
      maxRetryTime: TRY_FOR_MS,
      minTimeout: 250,
      maxTimeout: 2_000,
      signal,
    });
  } catch (error) {
    return { status: 'failed', error };
  }
}
