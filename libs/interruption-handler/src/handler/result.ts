/** The node is out of service as decided; the event's message can go and its lifecycle hook be completed. */
export interface Done {
  readonly status: 'done';
  readonly action: 'cordon' | 'drain';
  readonly nodeName: string;
  /** Absent when nothing was drained here: cordon only, dry run, or another replica did it. */
  readonly podsEvicted?: number;
  /** Names the process that did the work when it was not this one. */
  readonly doneBy?: string;
}

/** The work did not succeed before its deadline: the event must be tried again. */
export interface Failed {
  readonly status: 'failed';
  readonly reason: string;
  readonly nodeName?: string;
}

/** No node of this cluster belongs to the event's instance, as far as can be seen now. */
export interface NodeNotFound {
  readonly status: 'node-not-found';
}

/** Nothing was to be done. */
export interface Ignored {
  readonly status: 'ignored';
  readonly reason: string;
}

/** The event ended before its work did, and the work was taken back where nothing else asked for it. */
export interface Cancelled {
  readonly status: 'cancelled';
  readonly reason: string;
}

/** This process stops before the work is done: somebody else must take the event over. */
export interface HandedBack {
  readonly status: 'handed-back';
}

/** What became of one event: always a value, never an exception. */
export type HandlingResult = Done | Failed | NodeNotFound | Ignored | Cancelled | HandedBack;

/** Why work on an event was stopped from outside: its event ended, or this process does. */
export class StopReason extends Error {
  override readonly name = 'StopReason';
  readonly kind: 'cancelled' | 'handed-back';

  constructor(kind: 'cancelled' | 'handed-back', message: string) {
    super(message);
    this.kind = kind;
  }
}
