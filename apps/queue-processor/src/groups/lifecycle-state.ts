import { DescribeAutoScalingInstancesCommand } from '@aws-sdk/client-auto-scaling';
import type { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { abortable } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import type { LifecycleTermination } from '@node-termination-handler/event-parsers';
import { errorText } from '@node-termination-handler/logger';
import { lacksRight } from '@node-termination-handler/runtime/aws';
import DataLoader from 'dataloader';
import { FRESH_MS } from '../instances/state-change.ts';
import type { Act, History } from '../instances/state-change.ts';

/** How many ids one call may have. @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeAutoScalingInstances.html */
const IDS_PER_CALL = 50;

/** For so long a question waits for others to join its call, in milliseconds. */
const GATHER_MS = 20;

/**
 * What state its group sees an instance in now: `InService`, `Terminating:Wait`, `Warmed:Stopped`, …; `undefined` where it is in no group.
 *
 * @throws when Auto Scaling refuses, or cannot be reached.
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-lifecycle.html
 */
export type StateInGroup = (instanceId: string) => Promise<string | undefined>;

/** Asks groups about their instances, many to a call. */
export function createStateInGroup(autoScaling: Pick<AutoScalingClient, 'send'>, clock: Clock): StateInGroup {
  const ask = async (ids: readonly string[]): Promise<(string | undefined)[]> => {
    const command = new DescribeAutoScalingInstancesCommand({ InstanceIds: [...new Set(ids)] });
    const { AutoScalingInstances = [] } = await autoScaling.send(command);
    const states = new Map(AutoScalingInstances.map((instance) => [instance.InstanceId, instance.LifecycleState]));
    return ids.map((id) => states.get(id));
  };
  const loader = new DataLoader(ask, {
    cache: false,
    maxBatchSize: IDS_PER_CALL,
    batchScheduleFn: (send) => void clock.startTimer(GATHER_MS, send),
  });
  return (instanceId) => loader.load(instanceId);
}

/** What asking about a termination needs. */
export interface TerminationSources {
  readonly stateInGroup: StateInGroup;
  readonly clock: Pick<Clock, 'now'>;
  readonly signal: AbortSignal;
}

/**
 * Asks its group whether an older termination of an instance goes on: a copy of its message may come when the instance is in service again,
 * without ever having stopped, out of a warm pool or with another root volume. A termination less than a minute old goes on.
 *
 * @param options.isDoubted - It is asked about however young it is: the record of its node says that it is over.
 * @throws the signal's reason.
 */
export async function checkTermination(
  { instanceId, noticedAt }: Pick<LifecycleTermination, 'instanceId' | 'noticedAt'>,
  { clock, signal, stateInGroup }: TerminationSources,
  { isDoubted = false } = {},
): Promise<Act | History> {
  const ageMs = clock.now() - noticedAt.getTime();
  if (ageMs < FRESH_MS && !isDoubted) return { status: 'act' };
  const notice = `the termination of instance ${instanceId} began ${Math.round(ageMs / 1000)} s ago, and`;
  try {
    const state = (await abortable(stateInGroup(instanceId), signal)) ?? '';
    if (!/^(?:Pending|InService|EnteringStandby|Standby)\b/.test(state)) return { status: 'act' };
    return { status: 'history', reason: `${notice} its group sees it in ${state}` };
  } catch (error) {
    signal.throwIfAborted();
    // A right that is missing is named once for all that would need it; see `watchRetained`.
    if (lacksRight(error)) return { status: 'act' };
    return { status: 'act', warning: `${notice} is acted on: its group cannot be asked (${errorText(error)})` };
  }
}
