import { sleep } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import type { InstanceId, InstanceRunning, StateChange } from '@node-termination-handler/event-parsers';
import { isGoing, runningSince, silence } from './describe.ts';
import type { Ec2Answer, Instances } from './describe.ts';

/** A notice younger than this is acted on at once, in milliseconds: EC2's own answer may lag behind it. */
export const FRESH_MS = 60_000;

/** Pauses before the questions, in milliseconds: half a minute in all. */
const PAUSES_MS = [0, 1_000, 2_000, 4_000, 8_000, 15_000];

/** EC2 says otherwise now, which may be an old answer. */
interface Ask {
  readonly status: 'ask';
  readonly reason: string;
}

/** It has been so, and is no more. */
export interface History {
  readonly status: 'history';
  readonly reason: string;
}

/** A notice is acted on. */
export interface Act {
  readonly status: 'act';
  /** Why nobody could confirm it. */
  readonly warning?: string;
}

/** What becomes of the notice that an instance runs. */
type Running =
  /** EC2 says so, too. */
  | { readonly status: 'returned'; readonly launchedAt: Date }
  /** EC2 cannot say: to be asked later. */
  | { readonly status: 'unknown'; readonly reason: string };

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
): Act | Ask {
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
 * Decides whether an instance that is said to run does, and since when: only what was noticed before that can be over. Pure.
 *
 * @param ec2 - Its answer after the notice; absent: it was not asked.
 */
function judgeRunning(
  { instanceId }: InstanceRunning,
  { ec2, region }: { readonly ec2?: Ec2Answer; readonly region: string },
): Running | Ask {
  if (ec2 === undefined) return { status: 'ask', reason: `instance ${instanceId} is said to run` };
  if (ec2.status !== 'described') return { status: 'unknown', reason: silence(ec2, instanceId, region) };
  const launchedAt = runningSince(ec2);
  if (launchedAt !== undefined) return { status: 'returned', launchedAt };
  return {
    status: 'ask',
    reason: `instance ${instanceId} is said to run, and EC2 says that it is ${ec2.instance.state}`,
  };
}

/** What asking EC2 needs. */
export interface StateSources {
  readonly instances: Pick<Instances, 'ask' | 'forget'>;
  /** The region whose EC2 is asked, for messages. */
  readonly region: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Asks EC2 whether an older state change still holds, for half a minute if it says no.
 *
 * @throws the signal's reason.
 */
export function checkStateChange(event: StateChange, sources: StateSources): Promise<Act | History> {
  const { clock, region } = sources;
  return askWhile(event.instanceId, sources, (ec2) =>
    judgeStateChange(event, { now: new Date(clock.now()), region, ...(ec2 && { ec2 }) }),
  );
}

/** EC2's words for an instance that runs nothing any more. */
const SHUT_DOWN: ReadonlySet<string> = new Set(['stopped', 'terminated']);

/**
 * Asks EC2 whether an instance is shut down, as a notice says. An answer kept from before the notice is no answer.
 *
 * @throws the signal's reason.
 */
export async function isShutDown(
  { instanceId, state }: StateChange,
  { instances, signal }: Pick<StateSources, 'instances' | 'signal'>,
): Promise<boolean> {
  if (!SHUT_DOWN.has(state)) return false;
  instances.forget(instanceId);
  const ec2 = await instances.ask(instanceId, signal);
  return ec2.status === 'described' && SHUT_DOWN.has(ec2.instance.state);
}

/** EC2 tells launches in whole seconds, in milliseconds. */
const LAUNCH_PRECISION_MS = 1_000;

/**
 * Asks EC2 whether an instance runs again, launched after a notice about it: an answer from before that cannot say so.
 *
 * @throws the signal's reason.
 */
export async function hasReturned(
  { instanceId, noticedAt }: Pick<InstanceRunning, 'instanceId' | 'noticedAt'>,
  { instances, signal }: Pick<StateSources, 'instances' | 'signal'>,
): Promise<boolean> {
  instances.forget(instanceId);
  const launchedAt = runningSince(await instances.ask(instanceId, signal));
  return launchedAt !== undefined && launchedAt.getTime() - noticedAt.getTime() >= LAUNCH_PRECISION_MS;
}

/**
 * Asks EC2 whether an instance runs, for half a minute if it says no.
 *
 * @throws the signal's reason.
 */
export function checkRunning(event: InstanceRunning, sources: StateSources): Promise<Running | History> {
  const { region } = sources;
  return askWhile(event.instanceId, sources, (ec2) => judgeRunning(event, { region, ...(ec2 && { ec2 }) }));
}

/** Judges, and while that takes an answer of EC2, asks for a new one and judges again. */
async function askWhile<Verdict extends { readonly status: string }>(
  instanceId: InstanceId,
  { instances, clock, signal }: StateSources,
  judge: (ec2?: Ec2Answer) => Verdict | Ask,
): Promise<Verdict | History> {
  let verdict = judge();
  for (const pauseMs of PAUSES_MS) {
    if (!isAsk(verdict)) return verdict;
    await sleep(clock, pauseMs, signal);
    instances.forget(instanceId);
    verdict = judge(await instances.ask(instanceId, signal));
  }
  return isAsk(verdict) ? { status: 'history', reason: verdict.reason } : verdict;
}

function isAsk(verdict: { readonly status: string }): verdict is Ask {
  return verdict.status === 'ask';
}
