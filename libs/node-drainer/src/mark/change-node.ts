import { sleep, systemClock, withTimeLimit } from '@node-termination-handler/clock';
import { pauseMs } from '../connection/call.ts';
import { isNotFound, KubernetesApiError, KubernetesConnectionError } from '../connection/errors.ts';
import type { KubernetesClient } from '../connection/client.ts';
import type { Node } from '../connection/wire.ts';
import { getNode } from '../find/find-node.ts';
import type { FoundNode } from '../find/found-node.ts';
import { toFoundNode } from '../find/found-node.ts';
import type { NodeChange } from './node-change.ts';
import { applied } from './node-change.ts';
import type { JsonPatch } from './patch.ts';
import { buildChangePatch } from './patch.ts';

const DEFAULT_TIMEOUT_MS = 30_000;
/** A server that accepts and stays silent costs this much, then another is tried. */
const PATCH_TIMEOUT_MS = 10_000;
const BACKOFF = { firstMs: 20, maxMs: 1000 };

/** Options of {@link changeNode}. */
export interface ChangeOptions {
  /** Works the change out and sends nothing. */
  dryRun?: boolean;
  /**
   * The node given was just read, or is what the last change of it returned. Default false: that there is nothing to do
   * is believed only after it has been read once more.
   */
  isFresh?: boolean;
  /** How long conflicts and lost connections are tried again, in milliseconds. Default 30,000. */
  timeoutMs?: number;
  signal?: AbortSignal;
}

/** What became of {@link changeNode}. */
export type ChangeResult =
  | {
      outcome: 'changed';
      /** As the change left it; in a dry run, as it would have. */
      node: FoundNode;
      /** As it was when the change was worked out; when an answer was lost on the way, as it was at first. */
      before: FoundNode;
      /** False when all was as wanted already and nothing was sent. */
      changed: boolean;
      /** What was sent, or in a dry run would have been. */
      patch: JsonPatch;
      /** The node has no room for more annotations: all but these was written. */
      withoutAnnotations?: true;
    }
  /** No node of that name. */
  | { outcome: 'not-found'; name: string }
  /** A node of that name, but another one: it is not touched. */
  | { outcome: 'replaced'; name: string; found: FoundNode };

/** A node changed under every attempt to change it, or did not answer, until the time was up. */
export class ChangeConflictError extends Error {
  override readonly name = 'ChangeConflictError';
}

/**
 * Changes a node in one patch, which applies to the node as it is known or not at all. When somebody was quicker, the
 * node is read again and the change worked out anew, until it applies or the time is up. Nothing that the change does
 * not name is touched, nor is another node that has taken the name.
 *
 * A patch that is refused because all annotations together would be longer than 256 KiB is sent without them.
 *
 * @param node - as found, or its name alone (one request more, and no check of its identity).
 * @param change - what the node is to carry; a pure function, called anew for each node that is read.
 * @throws {@link ChangeConflictError} when it could not be done in time.
 * @throws {@link KubernetesApiError} when the server refuses.
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#patch-and-apply
 */
export async function changeNode(
  client: KubernetesClient,
  node: FoundNode | string,
  change: (node: FoundNode) => NodeChange,
  options: ChangeOptions = {},
): Promise<ChangeResult> {
  const name = typeof node === 'string' ? node : node.name;
  const limitMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  let lastError: unknown;
  const reason = () => new ChangeConflictError(`node ${name}: not changed within ${limitMs} ms`, { cause: lastError });

  const limit = { clock: systemClock, limitMs, signals: [options.signal], reason };
  return withTimeLimit(limit, async (signal): Promise<ChangeResult> => {
    const expectedUid = typeof node === 'string' ? undefined : node.uid;
    let known = typeof node === 'string' ? undefined : { node, isFresh: options.isFresh === true };
    let lost: { before: FoundNode; patch: JsonPatch } | undefined;
    let refused: string | undefined;
    let leftOut: { withoutAnnotations?: true } = {};
    for (let attempt = 1; ; attempt += 1) {
      const isFresh = known?.isFresh ?? true;
      const before = known?.node ?? (await getNode(client, name, signal));
      known = undefined;
      if (before === undefined) return { outcome: 'not-found', name };
      if (expectedUid !== undefined && before.uid !== expectedUid) {
        return { outcome: 'replaced', name, found: before };
      }
      const { annotations, ...rest } = change(before);
      const wanted = leftOut.withoutAnnotations || annotations === undefined ? rest : { ...rest, annotations };
      const patch = buildChangePatch(before, wanted);
      if (options.dryRun) {
        return { outcome: 'changed', node: applied(before, wanted), before, changed: patch.length > 0, patch };
      }
      if (patch.length === 0) {
        // When an answer was lost but its patch was not, it is this change that has made the node what it is.
        if (lost) return { outcome: 'changed', node: before, changed: true, ...lost, ...leftOut };
        // "Nothing to do" holds for a node just read, not for one that was known before.
        if (isFresh) return { outcome: 'changed', node: before, before, changed: false, patch, ...leftOut };
        continue;
      }
      // Read again, worked out again, and the same: reading it once more won't change the server's mind.
      const text = JSON.stringify(patch);
      if (text === refused) throw lastError;
      try {
        const after = await sendPatch(client, name, patch, signal);
        return { outcome: 'changed', node: after, before, changed: true, patch, ...leftOut };
      } catch (error) {
        signal.throwIfAborted();
        if (isNotFound(error)) return { outcome: 'not-found', name };
        if (!mayPass(error)) throw error;
        lastError = error;
        if (hasNoRoomForAnnotations(error) && !leftOut.withoutAnnotations) {
          leftOut = { withoutAnnotations: true };
          known = { node: before, isFresh };
          continue;
        }
        if (isUnknownOutcome(error)) lost ??= { before, patch };
        refused = error instanceof KubernetesApiError && error.status === 422 && isFresh ? text : undefined;
        await sleep(systemClock, pauseMs(error, attempt, BACKOFF), signal);
      }
    }
  });
}

async function sendPatch(
  client: KubernetesClient,
  name: string,
  patch: JsonPatch,
  signal: AbortSignal,
): Promise<FoundNode> {
  const deadlineMs = PATCH_TIMEOUT_MS;
  return toFoundNode(
    await client.request<Node>({ verb: 'patch', resource: 'nodes', name, body: patch, deadlineMs, signal }),
  );
}

/** See https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/#syntax-and-character-set */
function hasNoRoomForAnnotations(error: unknown): boolean {
  return (
    error instanceof KubernetesApiError &&
    error.status === 422 &&
    error.causes.some(({ reason, field }) => reason === 'FieldValueTooLong' && field === 'metadata.annotations')
  );
}

function isUnknownOutcome(error: unknown): boolean {
  return error instanceof KubernetesConnectionError || (error instanceof KubernetesApiError && error.status >= 500);
}

/**
 * A conflict (409), a test that failed (422), flow control (429), a fault of the server's, a lost connection; not what an admission webhook or
 * a policy says, whatever its code: whoever asks has more to do meanwhile.
 */
function mayPass(error: unknown): boolean {
  if (error instanceof KubernetesConnectionError) return true;
  if (!(error instanceof KubernetesApiError) || error.refusedBy !== undefined) return false;
  return error.status === 409 || error.status === 422 || error.status === 429 || error.status >= 500;
}
