import { sleep } from '@node-termination-handler/clock';
import { judgeClaim, readClaim } from '../claim.ts';
import type { ClusterNode, NodeTarget } from '../cluster/cluster.ts';
import type { NodeInterruption } from '../kinds.ts';
import { markFor } from '../marks.ts';
import type { TakeOut } from '../policy/decide.ts';
import { LOOK_AGAIN_MS, ownClaim, retryUntil } from './engine.ts';
import type { Engine } from './engine.ts';
import type { NodeWork } from './node-work.ts';

/** What taking the node of an event came to. */
export type Taken =
  | { readonly status: 'taken'; readonly work: NodeWork }
  | { readonly status: 'done-elsewhere'; readonly work: NodeWork; readonly holder: string }
  | { readonly status: 'still-held-elsewhere'; readonly work: NodeWork; readonly holder: string }
  | { readonly status: 'not-found' };

/**
 * Finds the node of an event, claims it and marks it: cordon, taint and labels.
 *
 * @throws when the API server does not let it happen before the deadline, or the signal aborts.
 */
export async function takeNode(
  engine: Engine,
  event: NodeInterruption,
  decision: TakeOut,
  target: NodeTarget,
  signal: AbortSignal,
): Promise<Taken> {
  const { cluster, works, cordonFirst, feed, clock, now, dryRun } = engine;
  const retry = <T>(step: 'find' | 'mark', attempt: () => Promise<T>, node?: ClusterNode): Promise<T> =>
    retryUntil(decision.deadline, signal, engine, attempt, (reason) =>
      feed.tell({ type: 'retrying', step, reason, event, ...(node === undefined ? {} : { node }) }),
    );
  let toldHolder: string | undefined;
  for (;;) {
    const node = await retry('find', () => cluster.find(target, signal));
    if (node === undefined) return { status: 'not-found' };
    const work = works.of(node);
    work.hold(event.id);

    const claim = decision.action === 'drain' ? ownClaim(engine, 'draining', engine.claimTtlMs) : undefined;
    const found = claim === undefined ? undefined : readClaim(node.annotations);
    if (claim !== undefined && found !== undefined) {
      const verdict = judgeClaim(found, claim.holder, now());
      if (verdict === 'drained') return { status: 'done-elsewhere', work, holder: found.holder };
      if (verdict === 'held') {
        if (now() >= decision.deadline) return { status: 'still-held-elsewhere', work, holder: found.holder };
        if (toldHolder !== found.holder) feed.tell({ type: 'held-elsewhere', holder: found.holder, event, node });
        toldHolder = found.holder;
        await sleep(clock, LOOK_AGAIN_MS, signal);
        continue;
      }
    }

    const mark = markFor(event, claim, now());
    const marked = await retry('mark', () => cordonFirst.cordon(() => work.mark(mark, signal)), node);
    if (marked.status === 'node-gone') return { status: 'not-found' };
    // Somebody was faster by a moment: look again at what the node says now.
    if (marked.status === 'claim-lost') continue;
    feed.tell({
      type: 'cordoned',
      changed: marked.changed,
      wasCordoned: node.unschedulable,
      final: decision.action === 'cordon',
      dryRun,
      event,
      node: marked.node,
    });
    return { status: 'taken', work };
  }
}
