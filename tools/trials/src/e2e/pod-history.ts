import type { ApiClient } from '@node-termination-handler/control-plane';
import type { PodObject } from '../kube.ts';
import { eventually } from '../wait.ts';
import { follow } from './follow.ts';

/** What became of a pod, by this process' clock in milliseconds. */
export interface PodLife {
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
  /** Resolves when all that is so at the API server now is in the history: a watch may be behind what others have seen. */
  caughtUp(): Promise<void>;
}

/** How long a watch may be behind, in ms. */
const BEHIND_MS = 30_000;

/** Starts watching; every change from now on is in the history. */
export function watchPods(api: ApiClient, namespace: string): PodHistory {
  const lives = new Map<string, PodLife>();

  function note(pod: PodObject & { metadata: { deletionGracePeriodSeconds?: number } }): void {
    const { uid, name, deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata;
    const before = lives.get(uid);
    lives.set(uid, {
      name,
      uid,
      nodeName: pod.spec.nodeName,
      isDaemon: pod.metadata.ownerReferences?.some(({ kind }) => kind === 'DaemonSet') === true,
      // One that is seen again has come back with a restored state.
      goneAt: undefined,
      toldToEndAt: deletionTimestamp === undefined ? undefined : (before?.toldToEndAt ?? Date.now()),
      graceSeconds: before?.graceSeconds ?? deletionGracePeriodSeconds,
      disruption: pod.status?.conditions?.find(({ type }) => type === 'DisruptionTarget')?.reason ?? before?.disruption,
    });
  }
  function gone({ metadata: { uid } }: PodObject): void {
    const life = lives.get(uid);
    if (life !== undefined) lives.set(uid, { ...life, goneAt: life.goneAt ?? Date.now() });
  }

  async function caughtUp(): Promise<void> {
    const before = [...lives.values()];
    const { body } = await api.request('GET', collection);
    const { items } = body as { readonly items: readonly PodObject[] };
    const there = new Set(items.map(({ metadata }) => metadata.uid));
    const ending = items.filter(({ metadata }) => metadata.deletionTimestamp !== undefined);
    const isTold = () =>
      before.every(({ uid }) => there.has(uid) || lives.get(uid)?.goneAt !== undefined) &&
      ending.every(({ metadata: { uid } }) => lives.get(uid)?.toldToEndAt !== undefined);
    await eventually('the watch of pods to have told all', isTold, BEHIND_MS);
  }

  const collection = `/api/v1/namespaces/${namespace}/pods`;
  const following = follow<PodObject>(api, collection, {}, { set: note, gone });
  return {
    of: (name) => [...lives.values()].find((life) => life.name === name),
    all: () => [...lives.values()],
    caughtUp,
    [Symbol.asyncDispose]: () => following[Symbol.asyncDispose](),
  };
}
