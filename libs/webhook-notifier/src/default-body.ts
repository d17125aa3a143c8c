import type { WebhookNotification } from './notification.ts';

/**
 * The template that existing users have when they set none.
 *
 * {@link defaultBody} writes the same without the template engine, which a program with no template of its own then never loads.
 */
export const DEFAULT_TEMPLATE =
  '{"text":"[NTH][Instance Interruption] EventID: {{ .EventID }} - Kind: {{ .Kind }} - Instance: {{ .InstanceID }} - Node: {{ .NodeName | default "not known yet" }} - Description: {{ .Description }} - Start Time: {{ .StartTime }}{{ with .Summary }} - {{ . }}{{ end }}"}';

/**
 * Writes the default body: one JSON object with a `text`, as Slack and its kin take it.
 *
 * Always valid JSON, whatever quotes or control characters an event's fields hold; {@link DEFAULT_TEMPLATE} gives the same bytes when they hold none.
 */
export function defaultBody(notification: WebhookNotification): string {
  const { event, summary = '' } = notification;
  const text = [
    `[NTH][Instance Interruption] EventID: ${event.eventId}`,
    `Kind: ${event.kind}`,
    `Instance: ${instanceIdOf(notification)}`,
    `Node: ${firstNonEmpty(event.nodeName, 'not known yet')}`,
    `Description: ${oneLine(event.description ?? '')}`,
    `Start Time: ${utcText(event.startTime)}`,
    ...(summary === '' ? [] : [oneLine(summary)]),
  ].join(' - ');
  return JSON.stringify({ text: text.toWellFormed() });
}

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

/**
 * Turns each run of line breaks into one blank and drops those at the ends.
 *
 * Existing users' templates put the description into a JSON string as it is, where a line break would spoil the document.
 */
export function oneLine(text: string): string {
  return text.replace(/^[\r\n\u2028\u2029]+|[\r\n\u2028\u2029]+$/g, '').replace(/[\r\n\u2028\u2029]+/g, ' ');
}

/**
 * Writes a time the way Go prints a `time.Time` in UTC: `2026-01-02 03:04:05.67 +0000 UTC`, without the zeros at a fraction's end.
 *
 * Absent is Go's zero time.
 *
 * @see https://pkg.go.dev/time#Time.String
 */
function utcText(time: Date | undefined): string {
  if (time === undefined || Number.isNaN(time.getTime())) return '0001-01-01 00:00:00 +0000 UTC';
  // Years of five digits have a sign and six digits in ISO 8601, and those before the year 0 too.
  const [isoDate = '', clock = ''] = time.toISOString().slice(0, -1).split('T');
  const date = isoDate.replace(/^\+0?/, '').replace(/^-0?0?(?=\d{4})/, '-');
  const [seconds = '', fraction = ''] = clock.split('.');
  const significant = fraction.replace(/0+$/, '');
  return `${date} ${significant === '' ? seconds : `${seconds}.${significant}`} +0000 UTC`;
}
