import { keptText, labelValue } from '@node-termination-handler/event-parsers';
import { OWN_LABELS, OWN_PREFIX } from '@node-termination-handler/node-drainer';
import { KINDS } from '../kinds.ts';
import { CAUSES, labelKey } from './entry.ts';
import type { Moment, NodeRecord, Notice } from './entry.ts';
import { UNCORDON_AFTER_REBOOT } from './marks.ts';
import type { RecordInput } from './transitions.ts';

/**
 * The annotation in which the version before this one names the event for which it cordoned a node that could be scheduled to. It is read,
 * and for one release written too, so that a rollback finds it.
 */
export const CORDONED_FOR_ANNOTATION = `${OWN_PREFIX}/cordoned-for`;

/** The parts of a node that earlier programs write. */
export interface NodeText {
  readonly unschedulable: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly taints: readonly { readonly key: string; readonly effect: string }[];
}

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'] as const;
const TAINT_KEY = KINDS[CAUSES.label.kind].taintKey;

/**
 * Whether a node was cordoned by somebody else than this program: neither by the Go handler, whose label says that it may be uncordoned,
 * nor by the version before this one, whose annotation names the event.
 */
export function isCordonedByOthers(node: Omit<NodeText, 'taints'>): boolean {
  return node.unschedulable && !isOwnCordon(node);
}

function isOwnCordon({ annotations, labels }: Pick<NodeText, 'annotations' | 'labels'>): boolean {
  return annotations[CORDONED_FOR_ANNOTATION] !== undefined || labels[OWN_LABELS.action] === UNCORDON_AFTER_REBOOT;
}

/** The shapes of the ids that the version before this one gave to what it read in the metadata; its ids of queue messages have others. */
const METADATA_IDS =
  /^(instance-event-|(spot-itn|rebalance-recommendation)-(?!event-)|target-lifecycle-state-terminated-)/;

/**
 * What the Go handler's labels, or the annotation of the version before this one, tell of on a node whose record asks for nothing: an event for which the
 * node was taken out of service, settled, over at a boot after it, or when its source lists it no longer. `undefined` where there are
 * none. They are this program's own marks, too: where a record asks for any they follow from it.
 */
export function fromLabels(
  { annotations, labels, taints }: Omit<NodeText, 'unschedulable'>,
  now: Moment,
): Extract<RecordInput, { type: 'labels-found' }> | undefined {
  const labelled = labels[OWN_LABELS.eventId] ?? '';
  const eventId = labelled === '' ? annotations[CORDONED_FOR_ANNOTATION] : labelled;
  if (eventId === undefined || eventId === '') return undefined;
  const cordonIsOurs =
    labels[OWN_LABELS.action] === UNCORDON_AFTER_REBOOT || annotations[CORDONED_FOR_ANNOTATION] !== undefined;
  // The taint stays as long as what it was put on for; whoever hears of that again may be told to put on none.
  const taint = EFFECTS.find((effect) => taints.some((found) => found.key === TAINT_KEY && found.effect === effect));
  const time = /^\d{1,12}$/.exec(labels[OWN_LABELS.actionTime] ?? '')?.[0];
  const notice: Notice = {
    key: labelKey(labelValue(eventId)),
    id: keptText(eventId),
    source: METADATA_IDS.test(eventId) ? 'imds' : 'labels',
    noticedAt: time === undefined ? now : Number(time) * 1000,
    end: { kind: 'open', why: 'no-start' },
    mayReturn: true,
    decision: {
      action: 'drain',
      lead: 'immediate',
      podDeadline: 'respect',
      marks: { ...(labelled === '' ? {} : { reboot: true }), ...(taint === undefined ? {} : { taint }) },
    },
  };
  return { type: 'labels-found', notice, cordonIsOurs };
}

/** The version before this one, which knows nothing of the record, has taken its own annotation off and made the node schedulable. */
function isGivenBackByOlderVersion({ cordon }: NodeRecord, { annotations }: Pick<NodeText, 'annotations'>): boolean {
  return cordon?.ours === true && annotations[CORDONED_FOR_ANNOTATION] === undefined;
}

/** What a read of the node shows beside its record. */
export interface NodeState extends Pick<NodeText, 'unschedulable' | 'annotations'> {
  /** Whether the record's cordon was seen standing, at an older resource version than this one. */
  readonly cordonWasSeen: boolean;
  /** Whether the node object is new, and its record that of an earlier one: nobody has made it schedulable. */
  readonly isReborn: boolean;
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
  const isMadeSchedulable =
    record.cordon !== undefined &&
    !node.unschedulable &&
    !node.isReborn &&
    (node.cordonWasSeen || isGivenBackByOlderVersion(record, node));
  return [
    ...(hasBooted ? [{ type: 'booted', bootId: node.bootId, bootAt: node.bootAt } as const] : []),
    ...(isMadeSchedulable ? [{ type: 'made-schedulable' } as const] : []),
  ];
}
