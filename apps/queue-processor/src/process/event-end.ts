import type { HandlingResult } from '@node-termination-handler/interruption-handler';

/** What one event means for the message it came in. */
export type EventEnd =
  /** All is done, or nothing was to be done. */
  | { readonly status: 'finished'; readonly outcome: 'handled' | 'not_actionable' | 'not_managed' | 'node_not_found' }
  /** Must be tried again, after a while. */
  | { readonly status: 'retry'; readonly outcome: 'failed' | 'node_not_found'; readonly reason: string }
  /** This process stops; another takes over. */
  | { readonly status: 'handed-back' };

/** Says what the engine's result means for the message. Pure. */
export function eventEnd(result: HandlingResult, deleteIfNodeNotFound: boolean): EventEnd {
  switch (result.status) {
    case 'done':
      return { status: 'finished', outcome: 'handled' };
    case 'ignored':
    case 'cancelled':
      return { status: 'finished', outcome: 'not_actionable' };
    case 'node-not-found':
      return deleteIfNodeNotFound
        ? { status: 'finished', outcome: 'node_not_found' }
        : { status: 'retry', outcome: 'node_not_found', reason: 'no node of this cluster belongs to the instance' };
    case 'failed':
      return { status: 'retry', outcome: 'failed', reason: result.reason };
    case 'handed-back':
      return { status: 'handed-back' };
  }
}
