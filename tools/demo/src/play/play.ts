import { sleep, systemClock } from '@node-termination-handler/clock';
import type { Sandbox } from '@node-termination-handler/sandbox';
import type { Recorder } from '../observe/recorder.ts';
import { deadlineSeconds } from './cast.ts';
import type { Cast } from './cast.ts';

const pauseBetweenScenesMs = 1500;

/** What nobody understands: it has the look of an event, and is none. */
const nonsense = '{"source":"aws.ec2","detail-type":"EC2 Spot Instance Interr';

/**
 * Plays the scenes: (a) a spot notice in the metadata of one node, (b) a rebalance recommendation, (c) a burst of
 * lifecycle terminations and (d), in the midst of it, a message that nobody understands.
 */
export async function play(sandbox: Sandbox, cast: Cast, recorder: Recorder, signal: AbortSignal): Promise<void> {
  const { aws } = sandbox;
  const deadlineFrom = (noticeAt: number): number => noticeAt + deadlineSeconds * 1000;
  for (const { name } of cast.going.filter(({ scene }) => scene === 'spot')) {
    const now = systemClock.now();
    sandbox.imdsOf(name).setSpotInterruption({ action: 'terminate', time: new Date(deadlineFrom(now)) });
    recorder.noticed(name, now, deadlineFrom(now));
  }
  await sleep(systemClock, pauseBetweenScenesMs, signal);

  for (const { name } of cast.going.filter(({ scene }) => scene === 'rebalance')) {
    const { messageId } = await aws.sendRebalanceRecommendation(sandbox.instanceIdOf(name));
    const at = aws.sqs.message(messageId)?.sentAt ?? systemClock.now();
    recorder.noticed(name, at, deadlineFrom(at));
  }
  await sleep(systemClock, pauseBetweenScenesMs, signal);

  const burst = cast.going.filter(({ scene }) => scene === 'lifecycle');
  const sendNonsense = async (): Promise<void> => {
    recorder.poisoned(await aws.sqs.send(nonsense));
  };
  await Promise.all([
    ...burst.map(async ({ name }) => {
      const [sent] = await aws.sendLifecycleTermination(sandbox.instanceIdOf(name));
      if (sent === undefined) throw new Error(`The group of ${name} has no lifecycle hook`);
      recorder.noticed(name, aws.sqs.message(sent.messageId)?.sentAt ?? systemClock.now(), sent.action.deadlineAt);
    }),
    sendNonsense(),
  ]);
}
