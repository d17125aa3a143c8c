import type { LifecycleTermination } from '@node-termination-handler/event-parsers';
import type { InterruptionProgress } from '@node-termination-handler/interruption-handler';
import type { Logger } from '@node-termination-handler/logger';

/** How long completing may take, in milliseconds: the group's own timeout goes on meanwhile. */
const COMPLETE_FOR_MS = 60_000;

/** What completing needs. */
export interface CompleteAfterDrain {
  readonly instanceId: string;
  readonly region: string;
  /** Default: the service's own. */
  readonly endpoint: string | undefined;
  readonly tell: (step: InterruptionProgress) => void;
  readonly log: Logger;
}

/** Lets the group go on after the drain of its instance. Never throws: what is not completed ends by the group's timeout. */
export async function completeAfterDrain(
  event: LifecycleTermination,
  { instanceId, region, endpoint, tell, log }: CompleteAfterDrain,
): Promise<void> {
  try {
    // Loaded for this alone: an agent that completes nothing must not carry the AWS SDK in its memory.
    const { completeOwnActions } = await import('./complete-own-actions.ts');
    const signal = AbortSignal.timeout(COMPLETE_FOR_MS);
    const done = await completeOwnActions({ instanceId, region, endpoint, signal });
    if (done.length === 0) log.warn({ 'instance-id': instanceId }, 'no lifecycle hook waits for the instance');
    for (const { hook, completion } of done) {
      const action = `lifecycle action of hook ${hook} ${completion === 'completed' ? 'completed' : 'had been completed already'}`;
      tell({ type: 'completed', action, event, at: new Date() });
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    tell({ type: 'completion-failed', reason, event, at: new Date() });
  }
}
