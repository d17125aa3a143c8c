import type { Sandbox } from '@node-termination-handler/sandbox';

/** How a node's instance is told to go: by an event on the queue, or in its own metadata. */
export const WAYS = ['spot', 'lifecycle', 'state-change', 'capacity-reservation', 'metadata'] as const;
export type Way = (typeof WAYS)[number];

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
}

/** Interrupts a node's instance. */
export async function interrupt(sandbox: Sandbox, node: string, way: Way): Promise<Interruption> {
  const { aws } = sandbox;
  const id = sandbox.instanceIdOf(node);
  const at = Date.now();
  const sent = (messageId?: string, token?: string): Interruption => ({ node, way, at, messageId, token });
  switch (way) {
    case 'spot':
      return sent((await aws.sendSpotInterruption(id)).messageId);
    case 'state-change':
      return sent((await aws.sendStateChange(id, 'shutting-down')).messageId);
    case 'capacity-reservation':
      return sent((await aws.sendCapacityReservationInterruption(id)).messageId);
    case 'lifecycle': {
      const [action] = await aws.sendLifecycleTermination(id);
      if (action === undefined) throw new Error(`${node} is in no group with a hook`);
      return sent(action.messageId, action.action.token);
    }
    case 'metadata':
      sandbox.imdsOf(node).setSpotInterruption({ action: 'terminate', time: new Date(at + 120_000) });
      return sent();
  }
}
