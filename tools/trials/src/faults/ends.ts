import type { Sandbox } from '@node-termination-handler/sandbox';

/** How a node's instance is told to go: by an event on the queue, or in its own metadata. */
export type Way = 'spot' | 'lifecycle' | 'state-change' | 'capacity-reservation' | 'rebalance' | 'metadata';

/** An interruption that was sent, and what must become of it. */
export interface Interruption {
  readonly node: string;
  readonly way: Way;
  /** In ms since the epoch. */
  readonly at: number;
  /** The message on the queue; it must be deleted, and not before the drain is done. */
  readonly messageId: string | undefined;
  /** The lifecycle action; it must be completed, and not before the drain is done. */
  readonly token: string | undefined;
  /** When the instance goes, and nobody can move that, in ms since the epoch; undefined where nobody has said. */
  readonly deadlineAt: number | undefined;
}

/** When instances go after they were told of. */
export interface Ends {
  /** How long after a notice the instance goes, in ms, where the kind of event says it. Default: two minutes, as AWS warns. */
  readonly goesAfterMs?: number;
  /** How long the hook waits, in seconds. Default 300. */
  readonly hookSeconds?: number;
  /** Whether heartbeats are sent, so that the hook waits as long as the service lets it. Default false. */
  readonly beats?: boolean;
}

/** What AWS warns by; a state change gives as much by `NODE_TERMINATION_GRACE_PERIOD`. */
const WARNING_MS = 120_000;

/** Interrupts a node's instance. */
export async function interrupt(sandbox: Sandbox, node: string, way: Way, ends: Ends): Promise<Interruption> {
  const { aws } = sandbox;
  const { goesAfterMs = WARNING_MS, beats = false } = ends;
  const id = sandbox.instanceIdOf(node);
  const at = Date.now();
  const deadlineAt = at + goesAfterMs;
  const sent = (messageId?: string): Interruption => ({ node, way, at, messageId, token: undefined, deadlineAt });
  // A notice that is on its way for so long that no more is left of its two minutes.
  const time = new Date(deadlineAt - WARNING_MS);
  switch (way) {
    case 'spot':
      return sent((await aws.sendSpotInterruption(id, { time })).messageId);
    case 'capacity-reservation':
      return sent((await aws.sendCapacityReservationInterruption(id, { time })).messageId);
    case 'state-change': {
      const { messageId } = await aws.sendStateChange(id, 'shutting-down');
      return { ...sent(messageId), deadlineAt: at + WARNING_MS };
    }
    case 'rebalance':
      return { ...sent((await aws.sendRebalanceRecommendation(id)).messageId), deadlineAt: undefined };
    case 'lifecycle': {
      const [begun] = await aws.sendLifecycleTermination(id);
      if (begun === undefined) throw new Error(`${node} is in no group with a hook`);
      const { token, startedAt, hook } = begun.action;
      const waitsMs = hook.heartbeatTimeoutSeconds * 1000 * (beats ? 100 : 1);
      return { ...sent(begun.messageId), token, deadlineAt: startedAt + waitsMs };
    }
    case 'metadata':
      sandbox.imdsOf(node).setSpotInterruption({ action: 'terminate', time: new Date(deadlineAt) });
      return sent();
  }
}
