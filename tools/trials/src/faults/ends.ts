import type { Sandbox } from '@node-termination-handler/sandbox';

/** How a node's instance is told to go: by an event on the queue, or in its own metadata. */
export type Way =
  | ('spot' | 'lifecycle' | 'state-change' | 'capacity-reservation' | 'rebalance' | 'health' | 'metadata')
  /** The instance is stopped, and may be started again. */
  | ('stopping' | 'stopped')
  /** The metadata tell of a reboot in a minute. */
  | 'reboot'
  /** The metadata tell that the group takes the instance back into its warm pool. */
  | 'warmed';

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
  /** Whether its source has taken it back. */
  isTakenBack?: boolean;
  /** The message that took it back. */
  endingId?: string;
}

/** When instances go after they were told of. */
export interface Ends {
  /** How long after a notice the instance goes, in ms, where the kind of event says it. Default: two minutes, as AWS warns. */
  readonly goesAfterMs?: number;
  /** How long the hook waits, in seconds. Default: {@link HOOK_SECONDS}. */
  readonly hookSeconds?: number;
  /** How long another hook of the same instance waits, in seconds. Default: there is none. */
  readonly otherHookSeconds?: number;
  /** Whether heartbeats are sent, so that the hook waits as long as the service lets it. Default false. */
  readonly beats?: boolean;
}

/** How long a hook waits where nothing else is said, in seconds. */
export const HOOK_SECONDS = 300;

/** When AWS Health has a planned event begin, after it tells of it. */
const PLANNED_MS = 2 * 3_600_000;

/** When a reboot begins, after the metadata have told of it, in ms. */
export const REBOOT_MS = 60_000;

/** What AWS warns by; a state change gives as much by `NODE_TERMINATION_GRACE_PERIOD`. */
const WARNING_MS = 120_000;

/** How long after its notice an instance goes, in ms; `Infinity` where nobody says. */
export function lastsMs(
  way: Way,
  { goesAfterMs = WARNING_MS, hookSeconds = HOOK_SECONDS, beats = false }: Ends,
): number {
  switch (way) {
    case 'rebalance':
    case 'stopping':
    case 'stopped':
    case 'reboot':
    case 'warmed':
      return Infinity;
    case 'lifecycle':
      // Heartbeats keep a hook waiting for a hundred times its timeout, and no longer.
      return hookSeconds * 1000 * (beats ? 100 : 1);
    case 'health':
      return PLANNED_MS;
    case 'state-change':
      return WARNING_MS;
    case 'spot':
    case 'capacity-reservation':
    case 'metadata':
      return goesAfterMs;
  }
}

/** Interrupts a node's instance. */
export async function interrupt(sandbox: Sandbox, node: string, way: Way, ends: Ends): Promise<Interruption> {
  const { aws } = sandbox;
  const id = sandbox.instanceIdOf(node);
  const at = Date.now();
  const lasts = lastsMs(way, ends);
  const endOf = (since: number): number | undefined => (lasts === Infinity ? undefined : since + lasts);
  const told = { node, way, at, token: undefined, deadlineAt: endOf(at) };
  const sent = (messageId?: string): Interruption => ({ ...told, messageId });
  // A notice that is on its way for so long that no more is left of its two minutes.
  const time = new Date(at + lasts - WARNING_MS);
  switch (way) {
    case 'spot':
      return sent((await aws.sendSpotInterruption(id, { time })).messageId);
    case 'capacity-reservation':
      return sent((await aws.sendCapacityReservationInterruption(id, { time })).messageId);
    case 'state-change':
      return sent((await aws.sendStateChange(id, 'shutting-down')).messageId);
    case 'stopping':
    case 'stopped':
      aws.ec2.setState(id, way);
      return sent((await aws.sendStateChange(id, way)).messageId);
    case 'health':
      return sent((await aws.sendHealthEvent([id], planned(node, at))).messageId);
    case 'rebalance':
      return sent((await aws.sendRebalanceRecommendation(id)).messageId);
    case 'lifecycle': {
      const [begun] = await aws.sendLifecycleTermination(id);
      if (begun === undefined) throw new Error(`${node} is in no group with a hook`);
      const { token, startedAt } = begun.action;
      return { ...sent(begun.messageId), token, deadlineAt: endOf(startedAt) };
    }
    case 'reboot':
      sandbox.imdsOf(node).setScheduledEvents([
        {
          EventId: 'instance-event-0d59937288b749b32',
          Code: 'system-reboot',
          State: 'active',
          NotBefore: new Date(at + REBOOT_MS),
          Description: 'scheduled reboot',
        },
      ]);
      return sent();
    case 'warmed':
      sandbox.imdsOf(node).setLifecycleState('Warmed:Stopped');
      return sent();
    case 'metadata':
      sandbox.imdsOf(node).setSpotInterruption({ action: 'terminate', time: new Date(at + lasts) });
      return sent();
  }
}

/** The planned event of a node, the same in each message about it. */
function planned(node: string, at: number): { readonly eventArn: string; readonly startTime: Date } {
  const eventTypeCode = 'AWS_EC2_INSTANCE_REBOOT_MAINTENANCE_SCHEDULED';
  return {
    eventArn: `arn:aws:health:us-east-1::event/EC2/${eventTypeCode}/${node}`,
    startTime: new Date(at + PLANNED_MS),
  };
}

/**
 * What an interruption was told for is over: AWS Health closes a planned event, a group launches an instance out of its warm pool, EC2
 * starts one again, or reboots it. The metadata list a reboot for a while after that.
 */
export async function takeBack(sandbox: Sandbox, interruption: Interruption): Promise<void> {
  const { node, at, way } = interruption;
  const { aws } = sandbox;
  const id = sandbox.instanceIdOf(node);
  interruption.isTakenBack = true;
  switch (way) {
    case 'health': {
      const closed = { ...planned(node, at), statusCode: 'closed' } as const;
      interruption.endingId = (await aws.sendHealthEvent([id], closed)).messageId;
      return;
    }
    case 'lifecycle': {
      const [launched] = await aws.sendLifecycleLaunch(id);
      if (launched !== undefined) interruption.endingId = launched.messageId;
      return;
    }
    case 'reboot':
      aws.ec2.reboot(id);
      return;
    default:
      aws.ec2.setState(id, 'running');
      interruption.endingId = (await aws.sendStateChange(id, 'running')).messageId;
  }
}
