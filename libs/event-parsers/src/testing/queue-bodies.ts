import type { InterruptionEvent, InterruptionKind } from '../event.ts';
import type { ParseOutcome } from '../outcome.ts';

/** The clock of the tests, later than every sample's time. */
export const NOW = new Date('2026-01-02T03:05:00Z');

/** Writes a sample as a body, with some of its fields and some of its detail's fields changed; `undefined` takes a field away. */
export function bodyOf(
  sample: Readonly<Record<string, unknown>>,
  changes: Readonly<Record<string, unknown>> = {},
  detailChanges: Readonly<Record<string, unknown>> = {},
): string {
  const { detail } = sample;
  const changed = typeof detail === 'object' ? { ...detail, ...detailChanges } : detail;
  return JSON.stringify({ ...sample, ...(changed !== undefined && { detail: changed }), ...changes });
}

/** Wraps a body as an SNS topic does. */
export function wrapInSns(message: string): string {
  return JSON.stringify({ Type: 'Notification', MessageId: '22b80b92', Message: message });
}

/** Takes the events out of an outcome that must have some of one kind. */
export function eventsOf<K extends InterruptionKind>(
  outcome: ParseOutcome,
  kind: K,
): Extract<InterruptionEvent, { kind: K }>[] {
  if (outcome.status !== 'events') throw new Error(`${outcome.status}: ${outcome.reason}`);
  return outcome.events.map((event) => {
    if (!isOfKind(event, kind)) throw new Error(`expected ${kind}, found ${event.kind}`);
    return event;
  });
}

/** Takes the only event out of an outcome. */
export function eventOf<K extends InterruptionKind>(
  outcome: ParseOutcome,
  kind: K,
): Extract<InterruptionEvent, { kind: K }> {
  const [event, ...more] = eventsOf(outcome, kind);
  if (event === undefined || more.length > 0) throw new Error(`expected one event, found ${more.length + 1}`);
  return event;
}

function isOfKind<K extends InterruptionKind>(
  event: InterruptionEvent,
  kind: K,
): event is Extract<InterruptionEvent, { kind: K }> {
  return event.kind === kind;
}
