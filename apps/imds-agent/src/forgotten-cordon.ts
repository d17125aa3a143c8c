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
import type { FoundNode, KubernetesClient } from '@node-termination-handler/node-drainer';
import { setTimeout as delay } from 'node:timers/promises';

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
  const wished = labels[ACTION_LABEL] === UNCORDON_AFTER_REBOOT ? labels[EVENT_ID_LABEL] : undefined;
  const notice = annotations[CORDONED_FOR_ANNOTATION] ?? wished;
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

/** What came of the look at the own node. */
export type ForgottenCordon =
  | { readonly status: 'none' }
  | { readonly status: 'uncordoned'; readonly notice: string }
  | { readonly status: 'failed'; readonly error: unknown };

/** What the look at the own node needs. */
export interface ForgottenCordonOptions {
  readonly nodeName: string;
  readonly present: () => Present;
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
}

/** Takes the node back into service when its notice was taken back while no program looked. Never throws. */
export async function uncordonForgotten(
  client: KubernetesClient,
  { nodeName: name, present, dryRun, signal }: ForgottenCordonOptions,
): Promise<ForgottenCordon> {
  try {
    const node = await freeNode(client, name, signal);
    const notice = node === undefined ? undefined : forgottenNotice(node, present(), new Date());
    if (node === undefined || notice === undefined) return { status: 'none' };
    const annotations = { [CLAIM_ANNOTATION]: null, [CORDONED_FOR_ANNOTATION]: null };
    const result = await unmarkNode(client, node, { uncordon: true, annotations }, { signal, dryRun });
    return result.outcome === 'unmarked' ? { status: 'uncordoned', notice } : { status: 'none' };
  } catch (error) {
    return { status: 'failed', error };
  }
}

/** The node once no claim stands on it. */
async function freeNode(client: KubernetesClient, name: string, signal: AbortSignal): Promise<FoundNode | undefined> {
  for (;;) {
    const node = await findNode(client, { name }, { signal });
    const until = node === undefined ? undefined : inWorkUntil(node, new Date());
    if (until === undefined) return node;
    await delay(Math.max(100, until.getTime() - Date.now()), undefined, { signal });
  }
}
