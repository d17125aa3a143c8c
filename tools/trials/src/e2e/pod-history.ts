import { sleep, systemClock } from '@node-termination-handler/clock';
import type { ApiClient } from '@node-termination-handler/control-plane';
import type { PodObject } from '../kube.ts';

/** What became of a pod, by this process' clock in milliseconds. */
interface PodLife {
  readonly name: string;
  readonly uid: string;
  readonly nodeName: string | undefined;
  readonly isDaemon: boolean;
  /** When it was first told to end. */
  readonly toldToEndAt: number | undefined;
  readonly goneAt: number | undefined;
  /** The grace of the first order to end, in seconds; a kubelet orders another end with none when the pod has ended. */
  readonly graceSeconds: number | undefined;
  /** Why it was told to end, as its DisruptionTarget condition says; undefined for a plain deletion. */
  readonly disruption: string | undefined;
}

/** Watches the pods of a namespace from its beginning to the end of the scenario. */
export interface PodHistory extends AsyncDisposable {
  /** The oldest pod of that name. */
  of(name: string): PodLife | undefined;
  all(): readonly PodLife[];
}

/** Starts watching; every change from now on is in the history. */
export function watchPods(api: ApiClient, namespace: string): PodHistory {
  const stop = new AbortController();
  const lives = new Map<string, PodLife>();
  const path = `/api/v1/namespaces/${namespace}/pods`;

  function note(pod: PodObject & { metadata: { deletionGracePeriodSeconds?: number } }): void {
    const { uid, name, deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata;
    const before = lives.get(uid);
    lives.set(uid, {
      name,
      uid,
      nodeName: pod.spec.nodeName,
      isDaemon: pod.metadata.ownerReferences?.some(({ kind }) => kind === 'DaemonSet') === true,
      goneAt: before?.goneAt,
      toldToEndAt: before?.toldToEndAt ?? (deletionTimestamp === undefined ? undefined : Date.now()),
      graceSeconds: before?.graceSeconds ?? deletionGracePeriodSeconds,
      disruption: pod.status?.conditions?.find(({ type }) => type === 'DisruptionTarget')?.reason ?? before?.disruption,
    });
  }
  function gone(uid: string): void {
    const life = lives.get(uid);
    if (life !== undefined) lives.set(uid, { ...life, goneAt: life.goneAt ?? Date.now() });
  }

  async function follow(): Promise<void> {
    const { signal } = stop;
    const { body } = await api.request('GET', path, { signal });
    const list = body as { metadata: { resourceVersion: string }; items: readonly PodObject[] };
    const present = new Set(list.items.map(({ metadata }) => metadata.uid));
    list.items.forEach(note);
    for (const uid of lives.keys()) if (!present.has(uid)) gone(uid);
    const { events } = await api.watch(`${path}?watch=1&resourceVersion=${list.metadata.resourceVersion}`, { signal });
    for await (const event of events) {
      const { type, object } = event as { type: string; object: PodObject };
      if (type === 'ERROR') return;
      note(object);
      if (type === 'DELETED') gone(object.metadata.uid);
    }
  }

  const following = (async () => {
    while (!stop.signal.aborted) {
      // A restart of the server ends the watch; the list that follows tells what was missed.
      await follow().catch(() => undefined);
      await sleep(systemClock, 100, stop.signal).catch(() => undefined);
    }
  })();
  return {
    of: (name) => [...lives.values()].find((life) => life.name === name),
    all: () => [...lives.values()],
    async [Symbol.asyncDispose]() {
      stop.abort();
      await following;
    },
  };
}
