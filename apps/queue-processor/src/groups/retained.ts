import { abortable, sleep } from '@node-termination-handler/clock';
import type { InterruptionHandler } from '@node-termination-handler/interruption-handler';
import { createLastingFailure } from '@node-termination-handler/runtime';
import type { Runtime } from '@node-termination-handler/runtime';
import { lacksRight } from '@node-termination-handler/runtime/aws';
import type { QueueProcessorSettings } from '@node-termination-handler/settings';
import type { StateInGroup } from './lifecycle-state.ts';

/** How often groups are asked, in milliseconds: what they retain waits for people. */
const EVERY_MS = 300_000;

/** For how many instances groups are asked at once: one call after the other, as nothing waits for this, and what is urgent asks, too. */
const ASKED_AT_ONCE = 50;

/** A name in a warning costs room: beyond so many they are counted. */
const MOST_NAMED = 20;

/**
 * Counts the instances that their groups retain, and names them whenever others are: nobody but a person ends them. Asked are the groups of
 * instances whose nodes are held for a lifecycle action. Until the signal aborts.
 *
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/manage-retained-instances.html
 */
export async function watchRetained(
  stateInGroup: StateInGroup,
  handler: Pick<InterruptionHandler, 'instancesOfGroups'>,
  { clock, log, metrics }: Pick<Runtime<QueueProcessorSettings>, 'clock' | 'log' | 'metrics'>,
  signal: AbortSignal,
): Promise<void> {
  const failure = createLastingFailure({
    ...{ log, clock },
    failing: 'retained instances cannot be counted',
    over: 'retained instances are counted again',
    advice: 'the way to Auto Scaling (docs/networks.md)',
  });
  const isOver = (): boolean => signal.aborted;
  let isRightTold = false;
  let known: ReadonlySet<string> = new Set();
  while (!isOver()) {
    try {
      const asked = handler.instancesOfGroups;
      const states: (string | undefined)[] = [];
      while (states.length < asked.length) {
        const some = asked.slice(states.length, states.length + ASKED_AT_ONCE);
        states.push(...(await abortable(Promise.all(some.map(stateInGroup)), signal)));
      }
      const retained = new Set(asked.filter((_id, index) => states[index]?.endsWith(':Retained')));
      metrics.setRetainedInstances(retained.size);
      if (!retained.isSubsetOf(known)) {
        const instances = [...retained].slice(0, MOST_NAMED).join(', ');
        const text =
          'groups retain instances whose termination was abandoned: they run on until somebody terminates them';
        log.warn({ instances, count: retained.size }, text);
      }
      known = retained;
      failure.succeeded();
    } catch (error) {
      if (isOver()) return;
      if (!lacksRight(error)) failure.failed(error);
      else if (!isRightTold) {
        isRightTold = true;
        const text =
          'the role lacks autoscaling:DescribeAutoScalingInstances (docs/install.md): retained instances are not counted';
        log.warn({ err: error }, text);
      }
    }
    await sleep(clock, EVERY_MS, signal, { keepsProcessAlive: false }).catch(() => undefined);
  }
}
