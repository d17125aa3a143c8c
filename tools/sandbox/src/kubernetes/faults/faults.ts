import { expired } from '../status.ts';
import type { Store } from '../store/store.ts';
import type { WatchHub } from '../watch/hub.ts';
import type { Watcher } from '../watch/watcher.ts';
import { meetsRequest } from './fault.ts';
import type {
  KubernetesFault,
  KubernetesFaultEffect,
  KubernetesFaultHandle,
  RequestFacts,
  KubernetesRequestMatch,
} from './fault.ts';
import { seededRandom } from '../../faults/seeded-random.ts';

/** The knobs that make the simulated API server fail; all off at the start. */
export class KubernetesFaults {
  readonly #store: Store;
  readonly #hub: WatchHub;
  readonly #random: () => number;
  readonly #active = new Set<{ readonly fault: KubernetesFault; seen: number; hits: number }>();
  #maxInFlight = Infinity;
  #retryAfterSeconds = 1;

  constructor(store: Store, hub: WatchHub, seed: number) {
    this.#store = store;
    this.#hub = hub;
    this.#random = seededRandom(seed);
  }

  /** Puts a fault in force until it has struck `times` times or is removed. */
  add(fault: KubernetesFault): KubernetesFaultHandle {
    const entry = { fault, seen: 0, hits: 0 };
    this.#active.add(entry);
    const remove = (): void => {
      this.#active.delete(entry);
    };
    return {
      get hits() {
        return entry.hits;
      },
      remove,
      [Symbol.dispose]: remove,
    };
  }

  /** Ends every fault and the throttle. Watches that were muted speak again. */
  clear(): void {
    this.#active.clear();
    this.throttle(undefined);
    for (const watcher of this.#hub.watchers) watcher.isMuted = false;
  }

  /** Answers 429 to requests beyond so many at once, watches not counted; undefined lifts the limit. */
  throttle(maxInFlight: number | undefined, retryAfterSeconds = 1): void {
    this.#maxInFlight = maxInFlight ?? Infinity;
    this.#retryAfterSeconds = retryAfterSeconds;
  }

  /** Ends open watches without a word, as a load balancer or a restart does. Answers how many. */
  dropWatches(match: KubernetesRequestMatch = {}): number {
    return this.#eachWatcher(match, (watcher) => {
      watcher.end();
    });
  }

  /** Lets open watches fall silent without closing them. Answers how many. */
  muteWatches(match: KubernetesRequestMatch = {}): number {
    return this.#eachWatcher(match, (watcher) => {
      watcher.isMuted = true;
    });
  }

  /** Forgets the history: lists and watches that go on from before answer 410, and open watches end with it. */
  expireHistory(options: { readonly openWatches?: boolean } = {}): void {
    this.#store.compact();
    if (options.openWatches === false) return;
    this.#eachWatcher({}, (watcher) => {
      watcher.fail(expired('The resourceVersion for the provided watch is too old.'));
    });
  }

  /** Counts a matching request, and says what is to be done to it. */
  strike(facts: RequestFacts): readonly KubernetesFaultEffect[] {
    const effects: KubernetesFaultEffect[] = [];
    for (const entry of this.#active) {
      const { match = {}, effect, times = Infinity, skip = 0, probability = 1 } = entry.fault;
      if (!meetsRequest(match, facts) || entry.seen++ < skip) continue;
      if (probability < 1 && this.#random() >= probability) continue;
      entry.hits++;
      effects.push(effect);
      if (entry.hits >= times) this.#active.delete(entry);
    }
    return effects;
  }

  /** The `Retry-After` for a request that comes while so many are in flight, undefined when it may come in. */
  throttled(inFlight: number): number | undefined {
    return inFlight > this.#maxInFlight ? this.#retryAfterSeconds : undefined;
  }

  /** A latency with its jitter, in milliseconds. */
  latencyMs(effect: Extract<KubernetesFaultEffect, { kind: 'latency' }>): number {
    return effect.ms + (effect.jitterMs ?? 0) * this.#random();
  }

  #eachWatcher(match: KubernetesRequestMatch, act: (watcher: Watcher) => void): number {
    const watchers = [...this.#hub.watchers].filter(({ selection, user, objectName }) =>
      meetsRequest(match, {
        verb: 'watch',
        group: selection.definition.group,
        resource: selection.definition.resource,
        subresource: '',
        namespace: selection.namespace ?? '',
        name: objectName ?? '',
        user,
      }),
    );
    for (const watcher of watchers) act(watcher);
    return watchers.length;
  }
}
