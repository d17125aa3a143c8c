/** What is known of an event that a log line is about. */
export interface LoggedEvent {
  readonly id: string;
  readonly kind: string;
  readonly monitor: string;
  readonly nodeName?: string | undefined;
  readonly instanceId?: string | undefined;
  readonly providerId?: string | undefined;
}

/** The fields of a line about an event, under the names that the Go handler gives them. */
export interface EventFields {
  readonly 'event-id': string;
  readonly kind: string;
  /** Left out in format version 1. */
  readonly monitor: string;
  readonly 'node-name': string;
  readonly 'instance-id': string;
  readonly 'provider-id': string;
}

/** The fields of a line about an event; what is not known is empty, as the Go handler has it. */
export function eventFields(event: LoggedEvent): EventFields {
  return {
    'event-id': event.id,
    kind: event.kind,
    monitor: event.monitor,
    'node-name': event.nodeName ?? '',
    'instance-id': event.instanceId ?? '',
    'provider-id': event.providerId ?? '',
  };
}
