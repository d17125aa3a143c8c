import { judgeClaim, readClaim } from '../claim/claim-record.ts';
import type { TakeOut } from '../policy/decide.ts';
import type { NodeInterruption } from '../kinds.ts';
import type { ClusterNode, NodeTarget } from './cluster.ts';
import { ownClaim, retryUntil } from './engine.ts';
import type { Engine } from './engine.ts';
import { markFor } from '../marks.ts';
import type { NodeWork } from './node-work.ts';
import { pause } from './pause.ts';

/** How long to wait before looking again at a node that another process works on, in milliseconds. */
const LOOK_AGAIN_MS = 500;

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
  const retry = <T>(step: 'find' | 'mark', attempt: () => Promise<T>, node?: ClusterNode): Promise<T> =>
    retryUntil(decision.deadline, signal, engine, attempt, (reason) =>
      engine.feed.tell({ type: 'retrying', step, reason, event, ...(node === undefined ? {} : { node }) }),
    );
  let toldHolder: string | undefined;
  for (;;) {
    const node = await retry('find', () => engine.cluster.find(target, signal));
    if (node === undefined) return { status: 'not-found' };
    const work = engine.works.of(node);
    work.hold(event.id);

    const claim = decision.action === 'drain' ? ownClaim(engine, 'draining', engine.claimTtlMs) : undefined;
    const found = claim === undefined ? undefined : readClaim(node.annotations);
    if (claim !== undefined && found !== undefined) {
      const verdict = judgeClaim(found, claim.holder, engine.now());
      if (verdict === 'drained') return { status: 'done-elsewhere', work, holder: found.holder };
      if (verdict === 'held') {
        if (engine.now() >= decision.deadline) return { status: 'still-held-elsewhere', work, holder: found.holder };
        if (toldHolder !== found.holder)
          engine.feed.tell({ type: 'held-elsewhere', holder: found.holder, event, node });
        toldHolder = found.holder;
        await pause(LOOK_AGAIN_MS, signal);
        continue;
      }
    }

    const mark = markFor(event, claim, engine.now());
    const marked = await retry('mark', () => engine.cordonFirst.cordon(() => work.mark(mark, signal)), node);
    switch (marked.status) {
      case 'marked':
        engine.feed.tell({
          type: 'cordoned',
          changed: marked.changed,
          wasCordoned: node.unschedulable,
          final: decision.action === 'cordon',
          dryRun: engine.dryRun,
          event,
          node: marked.node,
        });
        return { status: 'taken', work };
      case 'node-gone':
        return { status: 'not-found' };
      case 'claim-lost':
        // Somebody was faster by a moment: look again at what the node says now.
        break;
    }
  }
}
