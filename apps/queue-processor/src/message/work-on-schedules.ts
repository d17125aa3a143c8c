import { abortable, retry } from '@node-termination-handler/clock';
import type { ScheduledEvent } from '@node-termination-handler/event-parsers';
import { readSchedules } from '../instances/scheduled-events.ts';
import type { ScheduleSources } from '../instances/scheduled-events.ts';
import { processEvent } from './process-event.ts';
import type { EventProcessing } from './process-event.ts';

/** How the pauses grow after which an event that could not be processed is tried again. */
const AGAIN = { firstMs: 5_000, maxMs: 300_000 };

/**
 * Takes what EC2 has scheduled for the nodes' instances to its end, once at the start: the messages of such events may be long gone. As with
 * a message: whose instance → the record on the node → and so on. Ends with the signal, quietly.
 */
export async function workOnSchedules(
  sources: Pick<ScheduleSources, 'ec2' | 'log' | 'nodes'>,
  parts: Omit<EventProcessing, 'place' | 'onWait'>,
  signal: AbortSignal,
): Promise<void> {
  const { clock } = parts;
  const work = async (event: ScheduledEvent): Promise<void> => {
    // It is the record on the node that carries it: nothing is kept in hand for it.
    const place: EventProcessing['place'] = { wait: (until, look) => look(until) };
    const end = await processEvent(event, { ...parts, source: 'ec2', place, onWait: () => undefined });
    if (end.status === 'left' && end.isUnknown) throw new Error(end.reason);
    if (end.status === 'retry' && end.outcome === 'failed') throw new Error(end.reason);
  };
  try {
    const schedules = await readSchedules({ ...sources, clock }, signal);
    const events = schedules.flatMap((schedule) => schedule.events);
    const works = events.map((event) => retry({ clock, backoff: AGAIN, signal }, () => work(event)));
    // The engine stops after this, and settles only then what it has in hand.
    await abortable(Promise.all(works), signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
