import type { WebhookNotification } from '../notification.ts';

/** The instance a notification is about: the event's own id, else the node's, since both have one. */
export function instanceIdOf({ event, metadata }: WebhookNotification): string {
  return firstNonEmpty(event.instanceId, metadata.instanceId);
}

/** The type of that instance, found in the same order. */
export function instanceTypeOf({ event, metadata }: WebhookNotification): string {
  return firstNonEmpty(event.instanceType, metadata.instanceType);
}

function firstNonEmpty(first: string | undefined, second: string | undefined): string {
  return first === undefined || first === '' ? (second ?? '') : first;
}
