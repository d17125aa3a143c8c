import { sleep } from '@node-termination-handler/clock';
import type { EventId, ImdsDocumentName } from '@node-termination-handler/event-parsers';
import {
  ACTION_LABEL,
  CLAIM_ANNOTATION,
  CORDONED_FOR_ANNOTATION,
  EVENT_ID_LABEL,
  readClaim,
  UNCORDON_AFTER_REBOOT,
} from '@node-termination-handler/interruption-handler';
import { findNode, unmarkNode } from '@node-termination-handler/node-drainer';
import type { FoundNode } from '@node-termination-handler/node-drainer';
import type { Runtime } from '@node-termination-handler/runtime';
import type { ImdsAgentSettings } from '@node-termination-handler/settings';

/** What the metadata documents hold now, all of them having been read. */
export interface Present {
  readonly documents: ReadonlySet<ImdsDocumentName>;
  /** Notices that still ask for something. */
  readonly active: readonly EventId[];
}

/** The shapes of the ids that notices of each document have; ids of queue messages have others. */
const ID_SHAPES: readonly (readonly [ImdsDocumentName, RegExp])[] = [
  ['scheduled-events', /^instance-event-/],
  ['spot-instance-action', /^spot-itn-(?!event-)/],
  ['rebalance-recommendation', /^rebalance-recommendation-(?!event-)/],
  ['target-lifecycle-state', /^target-lifecycle-state-terminated-/],
];

/**
 * The notice for which this node is still cordoned, though the metadata has taken it back while no program looked; pure.
 *
 * Only what this program or the handler it replaced has cordoned itself for a notice of this instance's metadata counts,
 * and only while nothing else holds the node.
 */
export function forgottenNotice(
  node: Pick<FoundNode, 'annotations' | 'labels' | 'unschedulable'>,
  present: Present,
  now: Date,
): string | undefined {
  const { annotations, labels } = node;
  const labelled = labels[ACTION_LABEL] === UNCORDON_AFTER_REBOOT ? labels[EVENT_ID_LABEL] : undefined;
  const notice = annotations[CORDONED_FOR_ANNOTATION] ?? labelled;
  if (!node.unschedulable || notice === undefined || present.active.length > 0) return undefined;
  const document = ID_SHAPES.find(([, shape]) => shape.test(notice))?.[0];
  if (document === undefined || !present.documents.has(document)) return undefined;
  return inWorkUntil(node, now) === undefined ? notice : undefined;
}

/** Until when another process, or one that was killed, has a claim on its work on the node; `undefined` when none has. */
function inWorkUntil({ annotations }: Pick<FoundNode, 'annotations'>, now: Date): Date | undefined {
  const claim = readClaim(annotations);
  return claim?.state === 'draining' && claim.until > now ? claim.until : undefined;
}

/** What uncordoning a forgotten node needs. */
export type ForgottenCordonParts = Pick<
  Runtime<ImdsAgentSettings>,
  'client' | 'clock' | 'log' | 'metrics' | 'settings' | 'stop'
>;

/**
 * After a restart of the program: takes the own node back into service when its notice was taken back while nobody looked.
 * Never throws.
 */
export async function uncordonForgotten(parts: ForgottenCordonParts, present: () => Present): Promise<void> {
  const { client, clock, log, metrics, settings, stop: signal } = parts;
  try {
    const node = await freeNode(parts);
    const notice = node === undefined ? undefined : forgottenNotice(node, present(), new Date(clock.now()));
    if (node === undefined || notice === undefined) return;
    const annotations = { [CLAIM_ANNOTATION]: null, [CORDONED_FOR_ANNOTATION]: null };
    const options = { signal, dryRun: settings.dryRun };
    const result = await unmarkNode(client, node, { uncordon: true, annotations }, options);
    if (result.outcome !== 'unmarked') return;
    metrics.countAction('uncordon', 'success');
    const fields = { 'node-name': settings.nodeName, 'event-id': notice };
    log.info(fields, 'Node successfully uncordoned: its notice is gone');
  } catch (error) {
    if (!signal.aborted)
      log.warn({ err: error }, 'the own node could not be looked at for a cordon that nothing asks for any more');
  }
}

/** The node once no claim stands on it. */
async function freeNode({
  client,
  clock,
  settings,
  stop: signal,
}: ForgottenCordonParts): Promise<FoundNode | undefined> {
  for (;;) {
    const node = await findNode(client, { name: settings.nodeName }, { signal });
    const until = node === undefined ? undefined : inWorkUntil(node, new Date(clock.now()));
    if (until === undefined) return node;
    await sleep(clock, Math.max(100, until.getTime() - clock.now()), signal);
  }
}
