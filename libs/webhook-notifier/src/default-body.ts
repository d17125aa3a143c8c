import { instanceIdOf } from './data/instance.ts';
import { oneLine } from './data/one-line.ts';
import { utcText } from './data/utc-text.ts';
import type { WebhookNotification } from './notification.ts';

/**
 * The template that existing users have when they set none.
 *
 * {@link defaultBody} writes the same without the template engine, which a program with no template of its own then never loads.
 */
export const DEFAULT_TEMPLATE =
  '{"text":"[NTH][Instance Interruption] EventID: {{ .EventID }} - Kind: {{ .Kind }} - Instance: {{ .InstanceID }} - Node: {{ .NodeName }} - Description: {{ .Description }} - Start Time: {{ .StartTime }}"}';

/**
 * Writes the default body: one JSON object with a `text`, as Slack and its kin take it.
 *
 * Always valid JSON, whatever quotes or control characters an event's fields hold; {@link DEFAULT_TEMPLATE} gives the same bytes when they hold none.
 */
export function defaultBody(notification: WebhookNotification): string {
  const { event } = notification;
  const text = [
    `[NTH][Instance Interruption] EventID: ${event.eventId}`,
    `Kind: ${event.kind}`,
    `Instance: ${instanceIdOf(notification)}`,
    `Node: ${event.nodeName ?? ''}`,
    `Description: ${oneLine(event.description ?? '')}`,
    `Start Time: ${utcText(event.startTime)}`,
  ].join(' - ');
  return JSON.stringify({ text: text.toWellFormed() });
}
