import { timeLimit } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import type { LifecycleLaunch } from '@node-termination-handler/event-parsers';
import type { NodeIndex } from '@node-termination-handler/node-drainer';
import { isGoing } from '../instances/describe.ts';
import type { Instances } from '../instances/describe.ts';

/** How often the instance is looked at while its node is waited for, in milliseconds. */
const LOOK_EVERY_MS = 60_000;

/**
 * The longest that a lifecycle action can wait, in milliseconds.
 *
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/lifecycle-hooks.html
 */
const LONGEST_WAIT_MS = 48 * 3_600_000;

/** What waiting for a node needs. */
export interface LaunchParts {
  readonly nodes: Pick<NodeIndex, 'whenReady'>;
  readonly instances: Pick<Instances, 'ask'>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Waits until the node of a launched instance is `Ready`; the message stays invisible meanwhile.
 *
 * @returns the node's name; `undefined` when the instance has ended, or nothing can wait for it any more.
 * @throws the signal's reason when it aborts first.
 */
export async function launchedNode(event: LifecycleLaunch, parts: LaunchParts): Promise<string | undefined> {
  const { nodes, clock, signal } = parts;
  const until = event.noticedAt.getTime() + LONGEST_WAIT_MS;
  for (;;) {
    using look = timeLimit({ clock, limitMs: LOOK_EVERY_MS, signals: [signal] });
    try {
      const node = await nodes.whenReady({ instanceId: event.instanceId }, look.signal);
      return node.name;
    } catch (error) {
      if (signal.aborted || !look.signal.aborted) throw error;
    }
    if (clock.now() > until || (await hasEnded(parts, event.instanceId))) return undefined;
  }
}

/** An EC2 that cannot be asked for a moment says nothing about the instance. */
async function hasEnded({ instances, signal }: LaunchParts, id: string): Promise<boolean> {
  const answer = await instances.ask(id, signal);
  return answer.status === 'unknown-id' || (answer.status === 'described' && isGoing(answer.instance));
}
