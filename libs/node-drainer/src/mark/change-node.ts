import { sleep, systemClock, withTimeLimit } from '@node-termination-handler/clock';
import { pauseMs } from '../connection/call.ts';
import { KubernetesApiError, KubernetesConnectionError } from '../connection/errors.ts';
import type { KubernetesClient } from '../connection/client.ts';
import type { Node } from '../connection/wire.ts';
import { getNode } from '../find/find-node.ts';
import type { FoundNode } from '../find/found-node.ts';
import { toFoundNode } from '../find/found-node.ts';
import type { MarkOptions, NodeMark } from './marks.ts';
import type { JsonPatch } from './patch.ts';

const DEFAULT_TIMEOUT_MS = 30_000;
/** A server that accepts and stays silent costs this much, then another is tried. */
const PATCH_TIMEOUT_MS = 10_000;
const BACKOFF = { firstMs: 20, maxMs: 1000 };

/** A node changed under every attempt to mark it, or did not answer, until the time was up. */
export class MarkConflictError extends Error {
  override readonly name = 'MarkConflictError';
}

/** What became of a change. */
export type Applied =
  | {
      outcome: 'applied';
      /** As it was when the change was worked out; when an answer was lost on the way, as it was at first. */
      before: FoundNode;
      after: FoundNode;
      patch: JsonPatch;
    }
  | { outcome: 'not-found'; name: string }
  | { outcome: 'replaced'; name: string; expectedUid: string; foundUid: string }
  | { outcome: 'claimed'; node: FoundNode };

/**
 * Patches a node, and when it has changed meanwhile reads it again and works out the patch anew, until it applies or
 * the time is up.
 *
 * @throws {@link MarkConflictError} when it never applied, {@link KubernetesApiError} when the server refuses.
 */
export async function applyChange(
  client: KubernetesClient,
  target: FoundNode | string,
  claim: Claim,
  build: (node: FoundNode) => JsonPatch,
  options: MarkOptions,
): Promise<Applied> {
  const name = typeof target === 'string' ? target : target.name;
  const limitMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  let lastError: unknown;
  const reason = () => new MarkConflictError(`node ${name}: not patched within ${limitMs} ms`, { cause: lastError });

  const limit = { clock: systemClock, limitMs, signals: [options.signal], reason };
  return withTimeLimit(limit, async (signal) => {
    let known = typeof target === 'string' ? undefined : target;
    const expectedUid = known?.uid;
    let lost: { before: FoundNode; patch: JsonPatch } | undefined;
    let refused: string | undefined;
    for (let attempt = 1; ; attempt += 1) {
      const isFresh = known === undefined;
      const node = known ?? (await getNode(client, name, signal));
      known = undefined;
      if (node === undefined) return { outcome: 'not-found', name };
      if (expectedUid !== undefined && node.uid !== expectedUid) {
        return { outcome: 'replaced', name, expectedUid, foundUid: node.uid };
      }
      if (isClaimedByOther(node, claim)) {
        if (isFresh) return { outcome: 'claimed', node };
        continue;
      }
      const patch = build(node);
      // When an answer was lost but its patch was not, it is this change that has made the node what it is.
      if (patch.length === 0 && lost) return { outcome: 'applied', ...lost, after: node };
      // "Nothing to do" holds for a node just read, not for one that was known before.
      if (patch.length === 0 && !isFresh) continue;
      if (patch.length === 0 || options.dryRun) return { outcome: 'applied', before: node, after: node, patch };
      // Read again, worked out again, and the same: reading it once more won't change the server's mind.
      const text = JSON.stringify(patch);
      if (text === refused) throw lastError;
      try {
        const after = await client.request<Node>({
          verb: 'patch',
          resource: 'nodes',
          name,
          body: patch,
          deadlineMs: PATCH_TIMEOUT_MS,
          signal,
        });
        return { outcome: 'applied', before: node, after: toFoundNode(after), patch };
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof KubernetesApiError && error.status === 404) return { outcome: 'not-found', name };
        if (!mayPass(error)) throw error;
        if (isUnknownOutcome(error)) lost ??= { before: node, patch };
        refused = error instanceof KubernetesApiError && error.status === 422 && isFresh ? text : undefined;
        lastError = error;
        await sleep(systemClock, pauseMs(error, attempt, BACKOFF), signal);
      }
    }
  });
}

/** By which annotations replicas claim a node. */
type Claim = Pick<NodeMark, 'annotations' | 'expectAnnotations'>;

/**
 * Whether what a claim expects of a node's annotations does not hold. A node that has the claim's own annotations
 * already is its own: the answer to an earlier try was lost.
 */
function isClaimedByOther(node: FoundNode, claim: Claim): boolean {
  if (holds(node, claim.expectAnnotations)) return false;
  return claim.annotations === undefined || !holds(node, claim.annotations);
}

function holds(node: FoundNode, annotations: Readonly<Record<string, string | null>> = {}): boolean {
  return Object.entries(annotations).every(([key, value]) => (node.annotations[key] ?? null) === value);
}

function isUnknownOutcome(error: unknown): boolean {
  return error instanceof KubernetesConnectionError || (error instanceof KubernetesApiError && error.status >= 500);
}

/** A conflict (409), a test that failed (422), flow control (429), a fault of the server's, a lost connection. */
function mayPass(error: unknown): boolean {
  if (error instanceof KubernetesConnectionError) return true;
  if (!(error instanceof KubernetesApiError)) return false;
  return error.status === 409 || error.status === 422 || error.status === 429 || error.status >= 500;
}
