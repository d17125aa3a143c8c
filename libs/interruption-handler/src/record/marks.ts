import { labelValue } from '@node-termination-handler/event-parsers';
import {
  LIFECYCLE_CONDITIONS,
  LOAD_BALANCER_LABEL,
  LOAD_BALANCER_VALUE,
  OUT_OF_SERVICE_TAINT,
  OWN_LABELS,
} from '@node-termination-handler/node-drainer';
import type { ConditionMark, LifecycleCondition, MarkTaint } from '@node-termination-handler/node-drainer';
import { KINDS } from '../kinds.ts';
import { endOf } from './ends.ts';
import { CAUSES, causeOf, holdsNode, isTombstone } from './entry.ts';
import type { Interruption, NodeRecord } from './entry.ts';
import { wantsCordon } from './transitions.ts';

/** The value of the label `action` that asks for an uncordon once the host has restarted, as the Go handler writes it. */
export const UNCORDON_AFTER_REBOOT = 'UncordonAfterReboot';

/** What a node carries because of its record. Whatever of {@link OUR_MARKS} is not in here is taken off. */
export interface Marks {
  /** `as-found`: whoever made the node schedulable or not, it was not for us to say. */
  readonly unschedulable: boolean | 'as-found';
  readonly taints: readonly MarkTaint[];
  readonly labels: Readonly<Record<string, string>>;
  /** All of them, true or false, while an interruption lives whose receiver asked for them; none otherwise. */
  readonly conditions: readonly ConditionMark[];
}

/** Every mark that this program knows, to set it and to take it off: nothing else on a node is touched. */
export const OUR_MARKS = {
  taints: [...new Set(Object.values(KINDS).map(({ taintKey }) => taintKey)), OUT_OF_SERVICE_TAINT.key],
  labels: [...Object.values(OWN_LABELS), LOAD_BALANCER_LABEL],
  conditions: LIFECYCLE_CONDITIONS,
} as const;

/**
 * The marks that a record asks for: a function of the record alone. That nothing holds the node *is* giving it back; there is no second
 * way. Of several entries the one with the earliest end names a taint or label.
 */
export function marksOf(record: NodeRecord): Marks {
  const holders = record.entries.filter(holdsNode).toSorted(byUrgency);
  const taints = new Map<string, MarkTaint>();
  for (const { key, id, decision } of holders) {
    const taint = KINDS[CAUSES[causeOf(key)].kind].taintKey;
    if (decision.marks.taint === undefined || taints.has(taint)) continue;
    taints.set(taint, { key: taint, value: labelValue(id), effect: decision.marks.taint });
  }
  if (holders.length > 0 && record.shutDownAt !== undefined) {
    taints.set(OUT_OF_SERVICE_TAINT.key, OUT_OF_SERVICE_TAINT);
  }
  const reboot = holders.find((entry) => entry.decision.marks.reboot);
  const labels: Record<string, string> = {};
  if (reboot !== undefined) labels[OWN_LABELS.eventId] = labelValue(reboot.id);
  if (reboot !== undefined && record.cordon?.ours === true) {
    labels[OWN_LABELS.action] = UNCORDON_AFTER_REBOOT;
    labels[OWN_LABELS.actionTime] = String(Math.floor(record.cordon.at / 1000));
  }
  if (holders.some((entry) => entry.decision.marks.loadBalancers)) labels[LOAD_BALANCER_LABEL] = LOAD_BALANCER_VALUE;
  return {
    unschedulable: unschedulableOf(record),
    taints: [...taints.values()],
    labels,
    conditions: conditionsOf(record),
  };
}

/** The record as it is written with its marks: without a cordon that nothing asks for any more, which the same patch takes off. */
export function written(record: NodeRecord): NodeRecord {
  if (record.cordon === undefined && record.shutDownAt === undefined) return record;
  const { cordon, shutDownAt, ...rest } = record;
  return {
    ...rest,
    ...(cordon !== undefined && keepsCordon(record) ? { cordon } : {}),
    ...(shutDownAt !== undefined && record.entries.some(holdsNode) ? { shutDownAt } : {}),
  };
}

/** Whether a record says nothing that anybody needs, so that its annotation goes. */
export function isForgotten(record: NodeRecord): boolean {
  return record.entries.length === 0 && record.foreign.length === 0 && record.returnedAt === undefined;
}

function keepsCordon(record: NodeRecord): boolean {
  return wantsCordon(record) || record.foreign.some((entry) => entry.holds);
}

function unschedulableOf(record: NodeRecord): Marks['unschedulable'] {
  if (wantsCordon(record)) return true;
  // Another version's entry may hold the node: its cordon is not ours to lift.
  return record.cordon?.ours === true && !keepsCordon(record) ? false : 'as-found';
}

/**
 * | | waiting | acting | emptied, settled |
 * | --- | --- | --- | --- |
 * | `MaintenancePlanned` | true | | |
 * | `MaintenanceInProgress` | | true | true |
 * | `DrainInProgress` | | true, of a drain | |
 * | `Drained` | | | true, when all drains are there |
 */
function conditionsOf(record: NodeRecord): readonly ConditionMark[] {
  const entries = record.entries.filter((entry) => entry.decision.marks.conditions && !isTombstone(entry));
  const holders = entries.filter(holdsNode);
  const drains = holders.filter((entry) => entry.decision.action === 'drain');
  const [first] = (holders.length > 0 ? holders : entries).toSorted(byUrgency);
  if (first === undefined) return [];
  const isTrue: Readonly<Record<LifecycleCondition, boolean>> = {
    MaintenancePlanned: entries.some((entry) => entry.progress === 'waiting'),
    MaintenanceInProgress: holders.length > 0,
    DrainInProgress: drains.some((entry) => entry.progress === 'acting'),
    Drained: drains.length > 0 && drains.every((entry) => entry.progress !== 'acting'),
  };
  const message = `${KINDS[CAUSES[causeOf(first.key)].kind].words} ${first.id}`;
  return LIFECYCLE_CONDITIONS.map((type) => ({ type, isTrue: isTrue[type], message }));
}

/** The one whose instance goes first comes first. */
function byUrgency(a: Interruption, b: Interruption): number {
  return endOf(a) - endOf(b) || a.noticedAt - b.noticedAt;
}
