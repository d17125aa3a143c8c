import type { InterruptionEvent, LifecycleLaunch } from '@node-termination-handler/event-parsers';

/** An event that takes a node out of service; the launch of an instance is none. */
export type NodeInterruption = Exclude<InterruptionEvent, LifecycleLaunch>;

/** Tells whether an event takes a node out of service. */
export function isNodeInterruption(event: InterruptionEvent): event is NodeInterruption {
  return event.kind !== 'ASG_LAUNCH_LIFECYCLE';
}
