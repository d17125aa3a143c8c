import { expect } from 'vitest';
import type { ApiCall } from '../connection/client.ts';
import { drainNode } from '../drain/drain.ts';
import type { DrainOptions } from '../drain/options.ts';
import type { DrainFinished, DrainProgress } from '../drain/progress.ts';
import { Deadline } from '@node-termination-handler/clock';
import { ScriptedCluster } from './scripted-cluster.ts';
import { VirtualClock } from '@node-termination-handler/clock/virtual';

/** Picks evictions out of all calls. */
export const isEviction = (call: ApiCall) => call.subresource === 'eviction';

/** Picks deletions of pods out of all calls. */
export const isDeletion = ({ verb, resource }: ApiCall) => verb === 'delete' && resource === 'pods';

/** A cluster, a clock, and a way to drain its node to the end and look back at all that was told. */
export function setUp() {
  const clock = new VirtualClock();
  const cluster = new ScriptedCluster(clock);
  const deadlineIn = (seconds: number) => Deadline.after(seconds * 1000, clock.now());
  async function drain(options: DrainOptions = {}, onProgress?: (progress: DrainProgress) => void) {
    const seen: DrainProgress[] = [];
    const work = (async () => {
      for await (const progress of drainNode(cluster, 'node-1', { clock, ...options })) {
        seen.push(progress);
        onProgress?.(progress);
      }
    })();
    await clock.run(work);
    const of = <Type extends DrainProgress['type']>(type: Type) =>
      seen.filter((progress): progress is Extract<DrainProgress, { type: Type }> => progress.type === type);
    const finished = seen.at(-1) as DrainFinished;
    expect(finished.type).toBe('finished');
    expect(of('finished')).toHaveLength(1);
    return { seen, of, finished };
  }
  return { clock, cluster, drain, deadlineIn };
}

/** Counts who follows a deadline from now on. */
export function countFollowers(deadline: Deadline): () => number {
  const followers = new Set<symbol>();
  const onMove = deadline.onMove.bind(deadline);
  deadline.onMove = (listener) => {
    const follower = Symbol();
    followers.add(follower);
    const unfollow = onMove(listener);
    return () => {
      followers.delete(follower);
      unfollow();
    };
  };
  return () => followers.size;
}
