import { isTombstone } from '../record/entry.ts';
import type { Interruption } from '../record/entry.ts';
import type { PodCounts } from './pod-outcomes.ts';

/** What is known of a node's drain. */
export interface DrainSummary {
  readonly nodeName: string;
  /** What became of the node's pods; absent when nothing was drained here: cordon only, or another process did it. */
  readonly pods?: PodCounts;
  /** Names the process that has the claim on the node, when it is not this one. */
  readonly doneBy?: string;
}

/** What became of one event: always a value, never an exception. */
export type HandlingResult =
  /** The node is out of service as decided, the event's hook completed: its message can go. */
  | ({ readonly status: 'done'; readonly action: 'cordon' | 'drain' } & DrainSummary)
  /** The record on the node carries what is still to be done, through every restart: the event's message can go. */
  | { readonly status: 'carried'; readonly nodeName: string }
  /** The node could not be found or marked before the deadline: the event must be tried again. */
  | { readonly status: 'failed'; readonly reason: string; readonly nodeName?: string }
  /** No node of this cluster belongs to the event's instance, as far as can be seen now. */
  | { readonly status: 'node-not-found' }
  /** Nothing was to be done. */
  | { readonly status: 'ignored'; readonly reason: string }
  /** The event ended before its work did; what was done for it is taken back where nothing else asks for it. */
  | { readonly status: 'cancelled'; readonly reason: string }
  /** This process stops before the work is done: somebody else must take the event over. */
  | { readonly status: 'handed-back' };

/** What becomes of a message whose interruption the record of its node tells of; `undefined`: the record has none. */
export function resultOf(entry: Interruption | undefined, summary: DrainSummary): HandlingResult {
  if (entry === undefined) return { status: 'ignored', reason: 'it is history: the instance has started since' };
  if (isTombstone(entry)) {
    const reason = entry.progress === 'dismissed' ? 'a person has given the node back' : 'it is over';
    return { status: entry.progress === 'dismissed' ? 'ignored' : 'cancelled', reason };
  }
  const { action } = entry.decision;
  if (entry.progress !== 'settled') return { status: 'carried', nodeName: summary.nodeName };
  return action === 'drain'
    ? { status: 'done', action, ...summary }
    : { status: 'done', action, nodeName: summary.nodeName };
}
