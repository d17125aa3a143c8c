import type { Clock, Timer } from '@node-termination-handler/clock';
import { KubernetesApiError } from '@node-termination-handler/node-drainer';
import type { KubernetesClient } from '@node-termination-handler/node-drainer';
import PQueue from 'p-queue';
import type { KubernetesEventText } from './drain-steps.ts';

/** How events are written. */
export interface EventRecorderOptions {
  /** Where the program runs: its node or pod. */
  readonly host: string;
  /** Put on every event; where a name is known otherwise, too, this value counts. */
  readonly annotations: Readonly<Record<string, string>>;
  /** Hears why one could not be written. */
  readonly onFailed: (error: unknown) => void;
  /** Hears that one was written, and no other waits for its turn: in a flood some are left out while others are written. */
  readonly onWritten: () => void;
  readonly clock: Clock;
}

/** Writes events in the background. */
export interface EventRecorder {
  /** Takes an event and returns at once; `annotations` are added to the recorder's own. */
  record(event: KubernetesEventText, annotations?: Readonly<Record<string, string>>): void;
  /** Resolves when everything taken is written, or given up. */
  idle(): Promise<void>;
}

/** More than this many waiting are left out, warnings last: events are for people, and must not grow without bound. */
const WAITING_LIMIT = 2_000;

/** How long the same event of the same object becomes a series instead of another event, in milliseconds. */
const SERIES_MS = 10 * 60_000;

/** So many texts one reason may have on one object in that time; what more there is becomes one event. */
const TEXTS_LIMIT = 10;

/** The count of a series is written once in so long, in milliseconds, the more seldom the longer it goes on, and at the end. */
const COUNTED_EVERY_MS = { least: 10_000, most: 300_000 };

/** One event object, and what is still to be written to it. */
interface Series {
  readonly path: { readonly namespace: string; readonly name: string };
  readonly annotations: Readonly<Record<string, string>>;
  event: KubernetesEventText;
  count: number;
  firstAt: number;
  lastAt: number;
  isWritten: boolean;
  /** When it was last sent, by the monotonic clock. */
  sentAtMs: number;
  /** Whether there is more to write than was sent. */
  isNews: boolean;
  /** Also while it waits for its turn. */
  isSending: boolean;
  timer?: Timer;
}

/** All events of one reason on one object, by their text. */
type Texts = Map<string, Series>;

/**
 * Records what happens to nodes and pods where people look for it.
 *
 * Written through the core API, which every supported version serves and `kubectl describe` reads. As client-go's recorder does it, the same
 * event again within ten minutes raises the first one's count, and more than ten texts of one reason on one object become one event, `(combined
 * from similar events)`: a flood costs a write each ten seconds at first, and each five minutes in the end.
 *
 * @see https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/
 * @see https://github.com/kubernetes/client-go/blob/master/tools/record/events_cache.go
 */
export function createEventRecorder(client: KubernetesClient, options: EventRecorderOptions): EventRecorder {
  const { host, clock, onFailed, onWritten } = options;
  const queue = new PQueue({ concurrency: 4 });
  const known = new Map<string, Texts>();
  const waiting = new Set<Series>();
  let named = 0;

  const post = ({ path, event, annotations, count, firstAt, lastAt }: Series): Promise<unknown> => {
    const { kind, name, uid, namespace } = event.subject;
    return client.request({
      verb: 'create',
      resource: 'events',
      namespace: path.namespace,
      body: {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { ...path, annotations: { ...annotations, ...event.annotations, ...options.annotations } },
        involvedObject: { apiVersion: 'v1', kind, name, uid, ...(namespace === undefined ? {} : { namespace }) },
        type: event.type,
        reason: event.reason,
        message: event.message,
        source: { component: 'aws-node-termination-handler', host },
        firstTimestamp: secondsOf(firstAt),
        lastTimestamp: secondsOf(lastAt),
        count,
      },
    });
  };

  const patch = ({ path, event, count, lastAt }: Series): Promise<unknown> => {
    const body = { count, lastTimestamp: secondsOf(lastAt), message: event.message };
    return client.request({ verb: 'patch', patchType: 'merge', resource: 'events', ...path, body });
  };

  const write = async (series: Series): Promise<void> => {
    const [first, other, unless] = series.isWritten ? [patch, post, 'NotFound'] : [post, patch, 'AlreadyExists'];
    try {
      await first(series);
    } catch (error) {
      // The API server keeps events for an hour by default, and less where somebody says so; and it may have one whose answer was lost.
      if (!(error instanceof KubernetesApiError && error.reason === unless)) throw error;
      await other(series);
    }
  };

  const send = (series: Series): void => {
    series.timer?.stop();
    waiting.delete(series);
    series.isSending = true;
    const writeNews = async (): Promise<void> => {
      series.isNews = false;
      series.sentAtMs = clock.monotonic();
      await write(series);
      series.isWritten = true;
      if (queue.size === 0) onWritten();
    };
    const isWarning = series.event.type === 'Warning';
    void queue
      .add(writeNews, { priority: isWarning ? 1 : 0 })
      .catch((error: unknown) => onFailed(error))
      .then(() => {
        series.isSending = false;
        if (series.isNews) sendInTime(series);
      });
  };

  const sendInTime = (series: Series): void => {
    const { firstAt, isWritten, lastAt, sentAtMs } = series;
    const everyMs = Math.min(COUNTED_EVERY_MS.most, Math.max(COUNTED_EVERY_MS.least, (lastAt - firstAt) / 10));
    const inMs = isWritten ? sentAtMs + everyMs - clock.monotonic() : 0;
    if (inMs <= 0) {
      send(series);
      return;
    }
    waiting.add(series);
    series.timer = clock.startTimer(inMs, () => send(series), { keepsProcessAlive: false });
  };

  /** The event object that an event belongs to: that of its text, or of all further texts of its reason. */
  const seriesOf = (event: KubernetesEventText, annotations: Readonly<Record<string, string>>): Series => {
    const { subject, type, reason } = event;
    const at = clock.now();
    const key = JSON.stringify([subject.uid, type, reason]);
    const texts = known.get(key) ?? (new Map() as Texts);
    for (const [text, { lastAt }] of texts) if (at - lastAt >= SERIES_MS) texts.delete(text);
    // The one that was used last stands last.
    known.delete(key);
    known.set(key, texts);
    const [oldest] = known.keys();
    if (oldest !== undefined && known.size > WAITING_LIMIT) known.delete(oldest);
    const isCombined = !texts.has(event.message) && texts.size >= TEXTS_LIMIT;
    const text = isCombined ? '' : event.message;
    const series = texts.get(text) ?? {
      path: {
        namespace: subject.namespace ?? 'default',
        name: `${subject.name.slice(0, 200)}.${at.toString(16)}${(named += 1).toString(16)}`,
      },
      ...{ annotations, event, count: 0, firstAt: at, lastAt: at, sentAtMs: 0 },
      ...{ isWritten: false, isNews: false, isSending: false },
    };
    texts.set(text, series);
    const message = isCombined ? `(combined from similar events): ${event.message}` : event.message;
    series.event = { ...event, message: message.slice(0, MESSAGE_LIMIT) };
    return series;
  };

  return {
    record(event, annotations = {}) {
      if (queue.size >= (event.type === 'Warning' ? 2 : 1) * WAITING_LIMIT) {
        onFailed(new Error(`${queue.size} events wait to be written already: more are left out`));
        return;
      }
      const series = seriesOf(event, annotations);
      series.count += 1;
      series.lastAt = clock.now();
      series.isNews = true;
      if (!series.isSending && !waiting.has(series)) sendInTime(series);
    },
    async idle() {
      while (waiting.size > 0 || queue.size > 0 || queue.pending > 0) {
        for (const series of [...waiting]) send(series);
        await queue.onIdle();
        // What came to a series while it was sent follows in the next turn.
        await Promise.resolve();
      }
    },
  };
}

/** As much of a message as every version of the API takes, in characters. */
const MESSAGE_LIMIT = 1_000;

function secondsOf(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
}
