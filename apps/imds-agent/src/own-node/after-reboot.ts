import { retry } from '@node-termination-handler/clock';
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
import { unmarkNode } from '@node-termination-handler/node-drainer';
import type { Runtime } from '@node-termination-handler/runtime';
import type { ImdsAgentSettings } from '@node-termination-handler/settings';
import { readFile } from 'node:fs/promises';
import { uptime } from 'node:os';
import { NoOwnNodeError, readOwnNode } from './own-node.ts';
import type { OwnNodeParts } from './own-node.ts';

/** How long the look at the own node is tried at the start, in milliseconds. */
const TRY_FOR_MS = 15_000;

/** What uncordoning after a reboot needs. */
export type AfterRebootParts = OwnNodeParts & Pick<Runtime<ImdsAgentSettings>, 'clock' | 'log' | 'metrics' | 'stop'>;

/** What came of the first look at the own node. */
export interface RebootLook {
  /** The event that announced the reboot, which is over, and needs no work any more. */
  readonly over?: EventId | undefined;
  /** Why the node could not be looked at. */
  readonly failure?: unknown;
}

/** Takes the own node back into service when the reboot it was cordoned for is over. Never throws: the program goes on without. */
export async function uncordonAfterReboot(parts: AfterRebootParts): Promise<RebootLook> {
  const { clock, log, metrics, settings, stop: signal } = parts;
  const backoff = { firstMs: 250, maxMs: 2_000 };
  try {
    const isWorthRetrying = (error: unknown): boolean => !(error instanceof NoOwnNodeError);
    const options = { clock, backoff, giveUpAfterMs: TRY_FOR_MS, isWorthRetrying, signal };
    const mark = await retry(options, () => lookAtOwnNode(parts));
    if (mark.status !== 'rebooted') return {};
    metrics.countAction('uncordon', 'success');
    const fields = { 'node-name': settings.nodeName, 'event-id': mark.event };
    log.info(fields, 'Successfully completed action UncordonAfterReboot');
    return { over: mark.event };
  } catch (failure) {
    const isOver = signal.aborted || failure instanceof NoOwnNodeError;
    if (!isOver) log.warn({ err: failure }, 'Unable to complete the uncordon after reboot workflow');
    return { failure };
  }
}

async function lookAtOwnNode(parts: AfterRebootParts): Promise<RebootMark> {
  const { client, clock, settings, stop: signal } = parts;
  const node = await readOwnNode(parts, signal);
  const uptimeSeconds = await hostUptimeSeconds(settings.uptimeFromFile);
  const mark = rebootMark(node.labels, uptimeSeconds, new Date(clock.now()));
  if (mark.status !== 'rebooted') return mark;
  const annotations = { [CLAIM_ANNOTATION]: null, [CORDONED_FOR_ANNOTATION]: null };
  const options = { signal, dryRun: settings.dryRun };
  const result = await unmarkNode(client, node, { uncordon: true, annotations }, options);
  return result.outcome === 'unmarked' ? mark : { status: 'none' };
}

/** What the labels of the node ask for. */
export type RebootMark =
  { readonly status: 'none' | 'not-yet' } | { readonly status: 'rebooted'; readonly event: EventId | undefined };

/** Reads what the labels of the node ask for. Pure. */
export function rebootMark(labels: Readonly<Record<string, string>>, uptimeSeconds: number, now: Date): RebootMark {
  const time = labels[ACTION_TIME_LABEL] ?? '';
  if (labels[ACTION_LABEL] !== UNCORDON_AFTER_REBOOT || !/^\d+$/.test(time)) return { status: 'none' };
  const secondsSinceMark = now.getTime() / 1000 - Number(time);
  // Up for longer than the mark is old: the host has not restarted since.
  if (secondsSinceMark < uptimeSeconds) return { status: 'not-yet' };
  const event = labels[EVENT_ID_LABEL];
  return { status: 'rebooted', event: event === undefined ? undefined : eventId(event) };
}

/**
 * Tells for how many seconds the host has been up.
 *
 * @param file where to read it from, in the format of `/proc/uptime`; without one the operating system is asked.
 * @throws when the file cannot be read or does not begin with a number.
 * @see https://man7.org/linux/man-pages/man5/proc_uptime.5.html
 */
export async function hostUptimeSeconds(file: string | undefined): Promise<number> {
  if (file === undefined) return uptime();
  const text = await readFile(file, 'utf8');
  const seconds = parseUptime(text);
  if (seconds === undefined) throw new Error(`UPTIME_FROM_FILE ${file} does not begin with a number of seconds`);
  return seconds;
}

/** Reads the first number of a file like `/proc/uptime`; `undefined` when there is none. */
export function parseUptime(text: string): number | undefined {
  const first = /^\s*(\d+(?:\.\d+)?)(?:\s|$)/.exec(text)?.[1];
  return first === undefined ? undefined : Number(first);
}
