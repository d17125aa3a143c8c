import type { NotificationEvent, NotificationMetadata, WebhookNotification } from '../notification.ts';

/** Builds a notification of a Spot interruption; each field can be set otherwise. */
export function aNotification(
  changes: Partial<Omit<WebhookNotification, 'event'>> & {
    readonly event?: Partial<NotificationEvent>;
    readonly metadata?: NotificationMetadata;
  } = {},
): WebhookNotification {
  return {
    phase: 'drained',
    ...changes,
    metadata: { instanceId: 'i-0123456789abcdef0', instanceType: 'm5.large', region: 'eu-west-1', ...changes.metadata },
    event: {
      eventId: 'spot-itn-6b1f',
      kind: 'SPOT_ITN',
      monitor: 'SPOT_ITN_MONITOR',
      description: 'Spot ITN received. Instance will be interrupted at 2026-01-02T03:04:05Z',
      nodeName: 'ip-10-0-0-1.eu-west-1.compute.internal',
      startTime: new Date('2026-01-02T03:04:05Z'),
      ...changes.event,
    },
  };
}
