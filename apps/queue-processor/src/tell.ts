import type { EventId, InterruptionEvent } from '@node-termination-handler/event-parsers';
import { isNodeInterruption } from '@node-termination-handler/interruption-handler';
import type { InterruptionProgress } from '@node-termination-handler/interruption-handler';
import type { Logger } from '@node-termination-handler/logger';
import type { NodeIndex } from '@node-termination-handler/node-drainer';
import type { TellContext, Telling } from '@node-termination-handler/runtime';
import type { Completion } from '@node-termination-handler/runtime/lifecycle';
import type { InstanceVerdict } from './instances/judge.ts';
import type { EventEnd } from './process/event-end.ts';
import type { MessageFate } from './process/message-fate.ts';
import type { QueueMessage } from './queue/message.ts';

/** Says what happens to messages, instances and lifecycle actions, and adds to the engine's steps what is known of the instance. */
export interface Teller {
  /** Tells every step until the engine ends. */
  follow(steps: AsyncIterable<InterruptionProgress>): Promise<void>;
  began(message: QueueMessage, events: readonly InterruptionEvent[]): void;
  instance(event: InterruptionEvent, verdict: InstanceVerdict): void;
  ended(message: QueueMessage, ends: readonly EventEnd[]): void;
  lifecycle(event: InterruptionEvent, end: Completion | Error): void;
  settled(message: QueueMessage, fate: MessageFate): void;
  notSettled(message: QueueMessage, error: unknown): void;
}

/** What a teller needs. */
export interface TellerParts {
  readonly telling: Telling;
  readonly nodes: NodeIndex;
  readonly region: string;
  readonly log: Logger;
}

/** Makes the one teller of the program. */
export function createTeller({ telling, nodes, region, log }: TellerParts): Teller {
  const contexts = new Map<EventId, TellContext>();
  const events = new Map<string, readonly InterruptionEvent[]>();
  const unknown: TellContext = { metadata: { region } };
  const tell = (step: InterruptionProgress): void => telling.tell(step, contexts.get(step.event.id) ?? unknown);

  const tellAfter = (
    event: InterruptionEvent,
    step: { type: 'completed'; action: string } | { type: 'completion-failed'; reason: string },
  ): void => {
    if (!isNodeInterruption(event)) return;
    const node = nodes.find({ instanceId: event.instanceId });
    tell({ ...step, event, at: new Date(), ...(node === undefined ? {} : { node }) });
  };
  const forget = (message: QueueMessage): readonly InterruptionEvent[] => {
    const known = events.get(message.id) ?? [];
    events.delete(message.id);
    for (const { id } of known) contexts.delete(id);
    return known;
  };

  return {
    async follow(steps) {
      for await (const step of steps) tell(step);
    },
    began: (message, parsed) => void events.set(message.id, parsed),
    instance(event, verdict) {
      if (verdict.status === 'not-actionable') {
        log.info(
          { 'event-id': event.id, 'instance-id': event.instanceId, reason: verdict.reason },
          'event is not for this cluster',
        );
        return;
      }
      const { instance } = verdict;
      contexts.set(event.id, {
        metadata: {
          accountId: instance.accountId,
          instanceId: instance.id,
          instanceLifeCycle: instance.lifeCycle,
          instanceType: instance.instanceType,
          localHostname: instance.privateDnsName,
          localIp: instance.privateIp,
          publicHostname: instance.publicDnsName,
          publicIp: instance.publicIp,
          availabilityZone: instance.availabilityZone,
          region,
        },
        instanceType: instance.instanceType,
        isManaged: true,
      });
    },
    ended(message, ends) {
      for (const end of ends) {
        if (end.status === 'retry')
          log.warn({ 'message-id': message.id, reason: end.reason }, 'the message will be tried again');
      }
    },
    lifecycle(event, end) {
      const fields = { 'event-id': event.id, 'instance-id': event.instanceId };
      if (end instanceof Error) log.error({ ...fields, err: end }, 'the lifecycle action could not be completed');
      else
        log.info(
          fields,
          end === 'completed' ? 'lifecycle action completed' : 'lifecycle action had been completed already',
        );
    },
    settled(message, fate) {
      const known = events.get(message.id) ?? [];
      if (fate.action === 'delete' && fate.outcome === 'handled') {
        for (const event of known) tellAfter(event, { type: 'completed', action: 'message deleted' });
      }
      forget(message);
    },
    notSettled(message, error) {
      const reason = error instanceof Error ? error.message : String(error);
      log.error(
        { 'message-id': message.id, err: error },
        'a message could not be deleted or returned: it will be received again',
      );
      for (const event of forget(message)) tellAfter(event, { type: 'completion-failed', reason });
    },
  };
}
