import { sleep, withTimeLimit } from '@node-termination-handler/clock';
import type { LifecycleTermination } from '@node-termination-handler/event-parsers';
import type { NodeMetadata } from '@node-termination-handler/imds-client';
import type {
  InterruptionHandler,
  InterruptionProgress,
  NodeInterruption,
} from '@node-termination-handler/interruption-handler';
import { errorText } from '@node-termination-handler/logger';
import type { Runtime } from '@node-termination-handler/runtime';
import type { ImdsAgentSettings } from '@node-termination-handler/settings';
import type { CompletedHook } from './complete-own-actions.ts';
import type { Notices } from './listed-notices.ts';
import { isAboutPool } from './own-node/in-service.ts';
import type { InService } from './own-node/in-service.ts';

/** The pause before a notice whose work failed is tried again, in milliseconds: the notice is there until the instance is gone. */
const TRY_AGAIN_MS = 2_000;

/** How long completing a lifecycle action may take, in milliseconds: the group's own timeout goes on meanwhile. */
const COMPLETE_FOR_MS = 60_000;

/** What the work on notices needs. */
export interface NoticeWork {
  readonly handler: Pick<InterruptionHandler, 'handle'>;
  readonly instance: Pick<NodeMetadata, 'instanceId' | 'region'>;
  readonly notices: Pick<Notices, 'has'>;
  readonly inService: Pick<InService, 'wasBefore'>;
  readonly tell: (step: InterruptionProgress) => void;
  readonly runtime: Pick<Runtime<ImdsAgentSettings>, 'awsClock' | 'clock' | 'log' | 'metrics' | 'settings' | 'stop'>;
}

/**
 * Hands one notice to the engine: decide → mark → drain → after; again until the record on the node has it, or the notice is taken back.
 * Never rejects.
 */
export async function workOnNotice(event: NodeInterruption, work: NoticeWork): Promise<void> {
  const { handler, notices, runtime } = work;
  const { clock, settings, stop } = runtime;
  const target = { name: settings.nodeName, instanceId: event.instanceId };
  const completes =
    event.kind === 'ASG_LIFECYCLE' && settings.completeLifecycleActionFromAgent && !settings.dryRun
      ? { complete: () => completeActions(event, work) }
      : {};
  while (notices.has(event.id) && !stop.aborted) {
    const isOurs = await isForUs(event, work);
    if (isOurs === false) return;
    const { status } = isOurs === true ? await handler.handle(event, { target, ...completes }) : { status: 'failed' };
    if (status !== 'failed' && status !== 'node-not-found') return;
    await sleep(clock, TRY_AGAIN_MS, stop).catch(() => undefined);
  }
}

/** Whether a notice asks for anything: an instance that was launched into the warm pool is not taken out of service. `undefined`: unknown now. */
async function isForUs(event: NodeInterruption, { inService, runtime }: NoticeWork): Promise<boolean | undefined> {
  if (!isAboutPool(event)) return true;
  const { log, stop } = runtime;
  const fields = { 'event-id': event.id, 'instance-id': event.instanceId, state: event.state };
  try {
    const wasInService = await inService.wasBefore();
    if (!wasInService) log.info(fields, 'the instance is in the warm pool and has not been in service yet');
    return wasInService;
  } catch (err) {
    if (!stop.aborted)
      log.warn({ ...fields, err }, 'whether the instance has been in service is not known, asking again');
    return undefined;
  }
}

/** Lets the group go on after the drain of its instance. @throws when that failed; it has been told then. */
async function completeActions(event: LifecycleTermination, { instance, tell, runtime }: NoticeWork): Promise<void> {
  const { clock, log } = runtime;
  const { instanceId, region } = instance;
  const now = (): Date => new Date(clock.now());
  try {
    // Loaded for this alone: an agent that completes nothing must not carry the AWS SDK in its memory.
    const { completeOwnActions } = await import('./complete-own-actions.ts');
    const onCompleted = ({ hook, completion }: CompletedHook): void => {
      const action = `lifecycle action of hook ${hook} ${completion === 'completed' ? 'completed' : 'had been completed already'}`;
      tell({ type: 'completed', action, event, at: now() });
    };
    const hooks = await withTimeLimit({ clock, limitMs: COMPLETE_FOR_MS }, (signal) =>
      completeOwnActions({ instanceId, region, runtime, signal, onCompleted }),
    );
    if (hooks === 0) log.warn({ 'instance-id': instanceId }, 'no lifecycle hook of ours waits for the instance');
  } catch (error) {
    tell({ type: 'completion-failed', reason: errorText(error), event, at: now() });
    throw error;
  }
}
