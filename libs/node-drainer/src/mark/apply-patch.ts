import { KubernetesApiError, KubernetesConnectionError } from '../connection/errors.ts';
import type { KubernetesClient } from '../connection/client.ts';
import type { Node } from '../connection/wire.ts';
import { getNode } from '../find/find-node.ts';
import type { FoundNode } from '../find/found-node.ts';
import { slimNode } from '../find/slim-node.ts';
import { backoffMs } from '../time/backoff.ts';
import { systemClock } from '../time/clock.ts';
import { withTimeLimit } from '../time/time-limit.ts';
import { MarkConflictError } from './errors.ts';
import type { JsonPatch } from './json-patch.ts';
import type { MarkOptions } from './node-mark.ts';

const DEFAULT_TIMEOUT_MS = 30_000;
/** A server that accepts and stays silent costs this much, then another is tried. */
const PATCH_TIMEOUT_MS = 10_000;
const BACKOFF = { firstMs: 20, maxMs: 1000 };

/** A change to a node as a function of what the node is. */
export interface NodeChange {
  /** What the change rests on, when that does not hold. */
  readonly isClaimed: (node: FoundNode) => boolean;
  readonly build: (node: FoundNode) => JsonPatch;
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
export async function applyNodeChange(
  client: KubernetesClient,
  target: FoundNode | string,
  change: NodeChange,
  options: MarkOptions,
): Promise<Applied> {
  const name = typeof target === 'string' ? target : target.name;
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  let lastError: unknown;
  const outOfTime = () =>
    new MarkConflictError(`node ${name}: not patched within ${timeoutMs} ms`, { cause: lastError });

  return withTimeLimit(timeoutMs, [options.signal], outOfTime, async (signal) => {
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
      if (change.isClaimed(node)) {
        if (isFresh) return { outcome: 'claimed', node };
        continue;
      }
      const patch = change.build(node);
      // When an answer was lost but its patch was not, it is this change that has made the node what it is.
      if (patch.length === 0 && lost) return { outcome: 'applied', ...lost, after: node };
      // "Nothing to do" is believed of a node just read, not of one that was known before.
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
        return { outcome: 'applied', before: node, after: slimNode(after), patch };
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof KubernetesApiError && error.status === 404) return { outcome: 'not-found', name };
        if (!mayPass(error)) throw error;
        if (isUnknownOutcome(error)) lost ??= { before: node, patch };
        refused = error instanceof KubernetesApiError && error.status === 422 && isFresh ? text : undefined;
        lastError = error;
        await systemClock.sleep(waitMs(error, attempt), signal);
      }
    }
  });
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

function waitMs(error: unknown, attempt: number): number {
  const wait = backoffMs(attempt, BACKOFF);
  const asked = error instanceof KubernetesApiError ? error.retryAfterSeconds : undefined;
  return asked === undefined ? wait : Math.max(wait, asked * 1000);
}
