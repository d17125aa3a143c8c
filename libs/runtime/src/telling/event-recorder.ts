import { systemClock } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import type { KubernetesClient } from '@node-termination-handler/node-drainer';
import PQueue from 'p-queue';
import type { KubernetesEventText } from './kubernetes-events.ts';

/** How events are written. */
export interface EventRecorderOptions {
  /** Who says it, as `kubectl describe` shows it. Default `aws-node-termination-handler`. */
  readonly component?: string;
  /** Where the program runs: its node or pod. */
  readonly host: string;
  /** Put on every event; where a name is known otherwise, too, this value counts. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Hears why an event could not be written. Default: nobody does. */
  readonly onFailed?: (error: unknown) => void;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
}

/** Writes events in the background. */
export interface EventRecorder {
  /** Takes an event and returns at once; `annotations` are added to the recorder's own. */
  record(event: KubernetesEventText, annotations?: Readonly<Record<string, string>>): void;
  /** Resolves when everything taken is written, or given up. */
  idle(): Promise<void>;
}

/** More than this many waiting are dropped: events are for people, and must not grow without bound. */
const WAITING_LIMIT = 2_000;

/** How long the same event of the same object becomes a series instead of another event. */
const SERIES_MS = 10 * 60_000;

interface Series {
  readonly path: { readonly namespace: string; readonly name: string };
  count: number;
  lastAt: number;
}

/**
 * Records what happens to nodes and pods where people look for it.
 *
 * Written through the core API, which every supported version serves and `kubectl describe` reads; the same event again
 * within ten minutes raises the first one's count instead of adding another.
 *
 * @see https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/
 */
export function createEventRecorder(client: KubernetesClient, options: EventRecorderOptions): EventRecorder {
  const { component = 'aws-node-termination-handler', host, annotations = {}, onFailed, clock = systemClock } = options;
  const queue = new PQueue({ concurrency: 4 });
  const series = new Map<string, Series>();
  let written = 0;
  const secondsNow = (): string => new Date(clock.now()).toISOString().replace(/\.\d+Z$/, 'Z');

  const create = async (
    event: KubernetesEventText,
    extra: Readonly<Record<string, string>>,
    path: Series['path'],
  ): Promise<void> => {
    const at = secondsNow();
    const { subject } = event;
    await client.request({
      verb: 'create',
      resource: 'events',
      namespace: path.namespace,
      body: {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: {
          name: path.name,
          namespace: path.namespace,
          annotations: { ...extra, ...event.annotations, ...annotations },
        },
        involvedObject: {
          apiVersion: 'v1',
          kind: subject.kind,
          name: subject.name,
          uid: subject.uid,
          ...(subject.namespace === undefined ? {} : { namespace: subject.namespace }),
        },
        type: event.type,
        reason: event.reason,
        message: event.message.slice(0, 1024),
        source: { component, host },
        firstTimestamp: at,
        lastTimestamp: at,
        count: 1,
      },
    });
  };

  const again = async ({ path, count }: Series): Promise<void> => {
    await client.request({
      verb: 'patch',
      patchType: 'merge',
      resource: 'events',
      ...path,
      body: {
        count,
        lastTimestamp: secondsNow(),
      },
    });
  };

  return {
    record(event, extra = {}) {
      if (queue.size >= WAITING_LIMIT) return;
      const at = clock.now();
      const key = JSON.stringify([event.subject.uid, event.reason, event.message]);
      const known = series.get(key);
      forgetOld(series, at);
      const write = (): Promise<void> => {
        if (known !== undefined && at - known.lastAt < SERIES_MS) {
          known.count += 1;
          known.lastAt = at;
          return again(known);
        }
        written += 1;
        const name = `${event.subject.name.slice(0, 200)}.${at.toString(16)}${written.toString(16)}`;
        const path = { namespace: event.subject.namespace ?? 'default', name };
        series.set(key, { path, count: 1, lastAt: at });
        return create(event, extra, path);
      };
      queue.add(write).catch((error: unknown) => onFailed?.(error));
    },
    idle: () => queue.onIdle(),
  };
}

function forgetOld(series: Map<string, Series>, at: number): void {
  for (const [key, { lastAt }] of series) {
    if (at - lastAt < SERIES_MS && series.size < WAITING_LIMIT) return;
    series.delete(key);
  }
}
