import type { Clock } from '@node-termination-handler/clock';
import type {
  EventId,
  InterruptionEvent,
  LifecycleLaunch,
  LifecycleTermination,
} from '@node-termination-handler/event-parsers';
import { isNodeInterruption } from '@node-termination-handler/interruption-handler';
import type { InterruptionProgress } from '@node-termination-handler/interruption-handler';
import { errorText } from '@node-termination-handler/logger';
import type { Logger } from '@node-termination-handler/logger';
import type { NodeIndex } from '@node-termination-handler/node-drainer';
import { createLastingFailure } from '@node-termination-handler/runtime';
import type { TellContext, Telling } from '@node-termination-handler/runtime';
import type { Completion } from '@node-termination-handler/runtime/aws';
import type { InstanceVerdict } from './instances/judge-instance.ts';
import type { EventEnd, Settlement } from './message/settlement.ts';
import type { QueueMessage } from './queue/queue.ts';

/** What a teller needs. */
export interface TellerParts {
  readonly telling: Pick<Telling, 'tell'>;
  readonly nodes: Pick<NodeIndex, 'find'>;
  readonly region: string;
  readonly log: Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  /** Nothing is done: what is told is what would be. Default `false`. */
  readonly dryRun?: boolean;
}

/** What is known of an event while messages about it are in work. */
interface Known {
  context: TellContext;
  /** How many messages tell of it: the first that is settled takes nothing from the others. */
  messages: number;
}

/** See {@link createTeller}. */
export type Teller = ReturnType<typeof createTeller>;

/**
 * Makes the one teller of the program: it says what happens to messages, instances and lifecycle actions, and adds to the engine's steps what
 * is known of the instance.
 */
export function createTeller({ telling, nodes, region, log, clock, dryRun = false }: TellerParts) {
  const unknown: TellContext = { metadata: { region } };
  const known = new Map<EventId, Known>();
  const eventsOf = new Map<string, readonly InterruptionEvent[]>();
  const tell = (step: InterruptionProgress): void => telling.tell(step, known.get(step.event.id)?.context ?? unknown);

  const tellAfter = (
    event: InterruptionEvent,
    step: { type: 'completed'; action: string; podsLeft?: boolean } | { type: 'completion-failed'; reason: string },
  ): void => {
    if (!isNodeInterruption(event)) return;
    const node = nodes.find({ instanceId: event.instanceId });
    tell({ ...step, event, at: new Date(clock.now()), ...(node === undefined ? {} : { node }) });
  };
  const completing = createLastingFailure({
    ...{ log, clock },
    level: 'error',
    failing: 'the lifecycle action could not be completed',
    over: 'lifecycle actions can be completed again',
    advice:
      'autoscaling:CompleteLifecycleAction in the role, or the way to Auto Scaling (docs/networks.md); until then the group waits for the timeout of its hook',
  });
  const forget = (message: QueueMessage): void => {
    for (const { id } of eventsOf.get(message.id) ?? []) {
      const entry = known.get(id);
      if (entry !== undefined && (entry.messages -= 1) === 0) known.delete(id);
    }
    eventsOf.delete(message.id);
  };

  return {
    step: tell,
    began(message: QueueMessage, events: readonly InterruptionEvent[]): void {
      eventsOf.set(message.id, events);
      for (const { id } of events) {
        const entry = known.get(id);
        if (entry === undefined) known.set(id, { context: unknown, messages: 1 });
        else entry.messages += 1;
      }
    },
    /** The first of a message's events begins to wait for its node. */
    waits(message: QueueMessage, event: InterruptionEvent, reason: string): void {
      log.warn(
        { 'message-id': message.id, 'event-id': event.id, 'instance-id': event.instanceId, reason },
        'no node to act on yet: the message stays in hand, and the node is looked for again',
      );
    },
    instance(event: InterruptionEvent, verdict: InstanceVerdict): void {
      if (verdict.status !== 'ours' && verdict.status !== 'no-node-yet') return;
      const entry = known.get(event.id);
      if (entry !== undefined && verdict.instance !== undefined)
        entry.context = { metadata: { ...verdict.instance.metadata, region }, isManaged: true };
      if (verdict.status === 'ours' && verdict.nodes.length > 1) {
        const names = verdict.nodes.map(({ name }) => name).join(', ');
        const fields = { 'event-id': event.id, 'instance-id': event.instanceId, nodes: names };
        log.warn(fields, 'several nodes claim to be the instance: all of them are acted on');
      }
    },
    /** What an event tells of is over. */
    history(event: InterruptionEvent, reason: string): void {
      log.debug({ 'event-id': event.id, 'instance-id': event.instanceId, reason }, 'event is history');
    },
    /** All of a message's events are at their end, each by its own; in the order of the events. */
    ended(message: QueueMessage, events: readonly InterruptionEvent[], ends: readonly EventEnd[]): void {
      const told = new Map<
        string,
        { readonly level: 'info' | 'warn'; reason: string; event: InterruptionEvent; count: number }
      >();
      for (const [index, end] of ends.entries()) {
        const event = events[index];
        const line = lineOf(end);
        if (event === undefined || line === undefined) continue;
        const first = told.get(line.text);
        if (first === undefined) told.set(line.text, { level: line.level, reason: line.reason, event, count: 1 });
        else first.count += 1;
      }
      for (const [text, { level, reason, event, count }] of told) {
        const about = count === 1 ? { 'event-id': event.id, 'instance-id': event.instanceId } : { events: count };
        log[level]({ 'message-id': message.id, ...about, reason }, text);
      }
    },
    lifecycle(event: InterruptionEvent, end: Completion | Error): void {
      const fields = { 'event-id': event.id, 'instance-id': event.instanceId };
      if (end instanceof Error) {
        completing.failed(end, fields);
        return;
      }
      completing.succeeded();
      log.info(
        fields,
        end === 'completed' ? 'lifecycle action completed' : 'lifecycle action had been completed already',
      );
    },
    /** Its hook was given a result when its end came, though pods are left. */
    forced(event: InterruptionEvent, result: string): void {
      tellAfter(event, {
        type: 'completed',
        action: `lifecycle hook given ${result} though pods are left`,
        podsLeft: true,
      });
    },
    /** Its hook is another owner's, who completes it. */
    left({ id, instanceId, hook }: LifecycleTermination | LifecycleLaunch): void {
      const fields = { 'event-id': id, 'instance-id': instanceId, hook: hook?.lifecycleHookName };
      log.info(fields, 'the lifecycle action is left to its owner: LIFECYCLE_HOOK_NAMES does not name its hook');
    },
    warning: (message: string): void => log.warn(message),
    settled(message: QueueMessage, settlement: Settlement): void {
      if (settlement.action === 'delete' && settlement.outcome === 'handled') {
        for (const event of eventsOf.get(message.id) ?? [])
          tellAfter(event, { type: 'completed', action: dryRun ? 'message would be deleted' : 'message deleted' });
      }
      if (settlement.action === 'delete' && settlement.outcome === 'carried')
        log.info(
          { 'message-id': message.id },
          dryRun
            ? 'message would be deleted: the record on its node would carry what is still to be done'
            : 'message deleted: the record on its node carries what is still to be done',
        );
      forget(message);
    },
    notSettled(message: QueueMessage, error: unknown): void {
      log.error(
        { 'message-id': message.id, err: error },
        'a message could not be deleted or returned: it will be received again',
      );
      for (const event of eventsOf.get(message.id) ?? [])
        tellAfter(event, { type: 'completion-failed', reason: errorText(error) });
      forget(message);
    },
  };
}

/** What is said of an event's end, one line for all events of a message that ended so; nothing where the engine has said it. */
function lineOf(
  end: EventEnd,
): { readonly level: 'info' | 'warn'; readonly text: string; readonly reason: string } | undefined {
  switch (end.status) {
    case 'retry':
      return { level: 'warn', text: 'the message will be tried again', reason: end.reason };
    case 'left':
      return {
        level: 'warn',
        text: 'no node was found within fifteen minutes: the message is left to the queue',
        reason: end.reason,
      };
    case 'no-room':
      return undefined;
    case 'handed-back':
      return undefined;
    case 'finished':
      if (end.reason === undefined) return undefined;
      return end.outcome === 'not_managed'
        ? { level: 'info', text: 'event is not for this cluster', reason: end.reason }
        : { level: 'info', text: 'event is about an instance that is no node any more', reason: end.reason };
  }
}
