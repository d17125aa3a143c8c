import { sleep } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import type { StateChange } from '@node-termination-handler/event-parsers';
import { isGoing, silence } from './describe.ts';
import type { Ec2Answer, Instances } from './describe.ts';

/** A notice younger than this is acted on at once, in milliseconds: EC2's own answer may lag behind it. */
const FRESH_MS = 60_000;

/** Pauses before the questions, in milliseconds: half a minute in all. */
const PAUSES_MS = [0, 1_000, 2_000, 4_000, 8_000, 15_000];

/** What becomes of a notice about the state of an instance. */
export type StateChangeVerdict =
  | { readonly status: 'act'; readonly warning?: string }
  /** EC2 says otherwise now, which may be an old answer. */
  | { readonly status: 'ask'; readonly reason: string }
  /** It has been so, and is no more. */
  | { readonly status: 'history'; readonly reason: string };

/**
 * Decides whether a state change is acted on: a late one, or one that is delivered again, may tell of an instance that runs again. Pure.
 *
 * | the notice | EC2 | verdict |
 * | --- | --- | --- |
 * | is less than a minute old | any | act |
 * | is older | was not asked | ask |
 * | is older | says that the instance goes or is gone | act |
 * | is older | cannot say anything about it | act, with a warning |
 * | is older | says anything else | ask again |
 */
export function judgeStateChange(
  { instanceId, noticedAt, state }: StateChange,
  { now, ec2, region }: { readonly now: Date; readonly ec2?: Ec2Answer; readonly region: string },
): Exclude<StateChangeVerdict, { status: 'history' }> {
  const ageMs = now.getTime() - noticedAt.getTime();
  if (ageMs < FRESH_MS) return { status: 'act' };
  const notice = `the notice that instance ${instanceId} is ${state} is ${Math.round(ageMs / 1000)} s old`;
  if (ec2 === undefined) return { status: 'ask', reason: notice };
  if (ec2.status !== 'described')
    return { status: 'act', warning: `${notice}, and is acted on: ${silence(ec2, instanceId, region)}` };
  if (isGoing(ec2.instance)) return { status: 'act' };
  return { status: 'ask', reason: `${notice}, and EC2 says that it is ${ec2.instance.state}` };
}

/**
 * Asks EC2 whether an older state change still holds, for half a minute if it says no.
 *
 * @throws the signal's reason.
 */
export async function checkStateChange(
  event: StateChange,
  parts: {
    readonly instances: Pick<Instances, 'ask' | 'forget'>;
    readonly region: string;
    readonly clock: Clock;
    readonly signal: AbortSignal;
  },
): Promise<Exclude<StateChangeVerdict, { status: 'ask' }>> {
  const { instances, region, clock, signal } = parts;
  const { instanceId } = event;
  let verdict = judgeStateChange(event, { now: new Date(clock.now()), region });
  for (const pauseMs of PAUSES_MS) {
    if (verdict.status !== 'ask') return verdict;
    await sleep(clock, pauseMs, signal);
    instances.forget(instanceId);
    const ec2 = await instances.ask(instanceId, signal);
    verdict = judgeStateChange(event, { now: new Date(clock.now()), ec2, region });
  }
  return verdict.status === 'ask' ? { status: 'history', reason: verdict.reason } : verdict;
}
