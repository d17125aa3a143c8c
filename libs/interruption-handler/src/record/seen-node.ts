import { labelValue } from '@node-termination-handler/event-parsers';
import { ACTION_LABEL, ACTION_TIME_LABEL, EVENT_ID_LABEL, UNCORDON_AFTER_REBOOT, isOwnCordon } from '../marks.ts';
import { keptText, labelKey } from './entry.ts';
import type { Moment, NodeRecord, Notice } from './entry.ts';
import type { RecordInput } from './transitions.ts';

/** The parts of a node that earlier programs write. */
export interface NodeText {
  readonly unschedulable: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * Whether a node was cordoned by somebody else than this program: neither by the Go handler, whose label says that it may be uncordoned,
 * nor by the version before this one, whose annotation names the event.
 */
export function isCordonedByOthers(node: NodeText): boolean {
  return node.unschedulable && !isOwnCordon(node);
}

/**
 * What the Go handler's labels on a node without a record tell of: an event it has drained the node for, settled, over at a boot after
 * it. `undefined` where there are none. The labels are this program's own marks, too: where a record stands they follow from it.
 */
export function fromLabels(
  { labels }: NodeText,
  now: Moment,
): Extract<RecordInput, { type: 'labels-found' }> | undefined {
  const eventId = labels[EVENT_ID_LABEL];
  if (eventId === undefined || eventId === '') return undefined;
  const cordonIsOurs = labels[ACTION_LABEL] === UNCORDON_AFTER_REBOOT;
  const time = /^\d{1,12}$/.exec(labels[ACTION_TIME_LABEL] ?? '')?.[0];
  const notice: Notice = {
    key: labelKey(labelValue(eventId)),
    id: keptText(eventId),
    source: 'labels',
    noticedAt: time === undefined ? now : Number(time) * 1000,
    end: { kind: 'open', why: 'no-start' },
    mayReturn: true,
    decision: { action: 'drain', lead: 'immediate', podDeadline: 'respect', marks: { reboot: true } },
  };
  return { type: 'labels-found', notice, cordonIsOurs };
}

/** What a read of the node shows beside its record. */
export interface NodeState {
  readonly unschedulable: boolean;
  /** Whether the record's cordon was seen standing, at an older resource version than this one. */
  readonly cordonWasSeen: boolean;
  readonly bootId: string;
  /** When the node booted: now less its uptime, or else when the boot was first seen. */
  readonly bootAt: Moment;
}

/**
 * What others have done to the node since its record was written. These come before every other input of the same patch: a patch that
 * knew nothing of them would cordon over the head of a person.
 */
export function foreignChanges(record: NodeRecord, node: NodeState): readonly RecordInput[] {
  const hasBooted = record.bootId !== '' && node.bootId !== '' && node.bootId !== record.bootId;
  const isMadeSchedulable = record.cordon !== undefined && node.cordonWasSeen && !node.unschedulable;
  return [
    ...(hasBooted ? [{ type: 'booted', bootId: node.bootId, bootAt: node.bootAt } as const] : []),
    ...(isMadeSchedulable ? [{ type: 'made-schedulable' } as const] : []),
  ];
}
