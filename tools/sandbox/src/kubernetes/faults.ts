import { seededRandom } from '../fault-book.ts';
import type { Admission } from './server/admission.ts';
import { expired } from './status.ts';
import type { Store } from './store/store.ts';
import type { WatchHub } from './watch/hub.ts';
import type { Watcher } from './watch/watcher.ts';

/** Which requests a fault meets; a field that is left out meets all, a list meets each of its values. */
export interface KubernetesRequestMatch {
  /** `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`. */
  readonly verb?: string | readonly string[];
  readonly group?: string | readonly string[];
  /** The plural: `pods`. */
  readonly resource?: string | readonly string[];
  /** `eviction`, `status`; empty for the resource itself. */
  readonly subresource?: string | readonly string[];
  readonly namespace?: string | readonly string[];
  readonly name?: string | readonly string[] | RegExp;
  readonly user?: string | readonly string[];
}

/** What is done to a request. */
export type KubernetesFaultEffect =
  /** Wait before it is handled, in milliseconds; up to `jitterMs` more. */
  | { readonly kind: 'latency'; readonly ms: number; readonly jitterMs?: number }
  /** Answer 500, 503 or 504 with the Status of the real server instead of handling it. */
  | {
      readonly kind: 'status';
      readonly code: 500 | 503 | 504;
      readonly message?: string;
      readonly retryAfterSeconds?: number;
    }
  /** Answer 429 as API Priority and Fairness does: plain text and `Retry-After`. */
  | { readonly kind: 'flow-control'; readonly retryAfterSeconds?: number }
  /** Close the connection: before anything is written to the store, or after. */
  | { readonly kind: 'drop'; readonly when: 'before-write' | 'after-write' }
  /** Handle it, send half of the answer, close the connection. */
  | { readonly kind: 'truncate' }
  /** Take the request and never answer. */
  | { readonly kind: 'hang' }
  /** Handle it, send the head of the answer and a piece of its body; then nothing, or a byte a second. Open watches are left alone. */
  | { readonly kind: 'stall' | 'trickle' }
  /** Refuse it as an admission webhook or a policy does, once it is known who asks and that he may. */
  | { readonly kind: 'admission'; readonly refusal: Admission }
  /** Answer a write as if it were done, and write nothing. */
  | { readonly kind: 'forget' }
  /** Let another writer change the object just before, so that a write that names a version answers 409. */
  | { readonly kind: 'contend' }
  /** Answer reads with what was true so many revisions ago. */
  | { readonly kind: 'stale'; readonly revisions: number };

/** A fault, and how often it strikes. */
export interface KubernetesFault {
  readonly match?: KubernetesRequestMatch;
  readonly effect: KubernetesFaultEffect;
  /** How many requests it meets before it is over; all by default. */
  readonly times?: number;
  /** How many matching requests pass before it begins; none by default. */
  readonly skip?: number;
  /** The share of matching requests that it meets, from 0 to 1; all by default. */
  readonly probability?: number;
}

/** A fault that is in force. */
export interface KubernetesFaultHandle extends Disposable {
  /** How many requests it has met so far. */
  readonly hits: number;
  /** Ends it. */
  remove(): void;
}

/** What a fault is matched with. */
export interface RequestFacts {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly user: string;
}

/** Does a fault of this match meet the request? */
function meetsRequest(match: KubernetesRequestMatch, facts: RequestFacts): boolean {
  const fields = ['verb', 'group', 'resource', 'subresource', 'namespace', 'name', 'user'] as const;
  return fields.every((field) => meetsText(match[field], facts[field]));
}

function meetsText(wanted: string | readonly string[] | RegExp | undefined, actual: string): boolean {
  if (wanted === undefined) return true;
  if (wanted instanceof RegExp) return wanted.test(actual);
  return typeof wanted === 'string' ? wanted === actual : wanted.includes(actual);
}

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
    const remove = (): void => void this.#active.delete(entry);
    return {
      get hits() {
        return entry.hits;
      },
      remove,
      [Symbol.dispose]: remove,
    };
  }

  /** Ends every fault and the throttle. Watches that were muted stay so: what they have missed never comes. */
  clear(): void {
    this.#active.clear();
    this.throttle(undefined);
  }

  /** Answers 429 to requests beyond so many at once, watches not counted; undefined lifts the limit. */
  throttle(maxInFlight: number | undefined, retryAfterSeconds = 1): void {
    this.#maxInFlight = maxInFlight ?? Infinity;
    this.#retryAfterSeconds = retryAfterSeconds;
  }

  /** Ends open watches without a word, as a load balancer or a restart does. Answers how many. */
  dropWatches(match: KubernetesRequestMatch = {}): number {
    return this.#eachWatcher(match, (watcher) => watcher.end());
  }

  /** Lets open watches fall silent without closing them. Answers how many. */
  muteWatches(match: KubernetesRequestMatch = {}): number {
    return this.#eachWatcher(match, (watcher) => void (watcher.isMuted = true));
  }

  /** Forgets the history: lists and watches that go on from before answer 410, and open watches end with it. */
  expireHistory(options: { readonly openWatches?: boolean } = {}): void {
    this.#store.compact();
    if (options.openWatches === false) return;
    const error = expired('The resourceVersion for the provided watch is too old.');
    this.#eachWatcher({}, (watcher) => watcher.fail(error));
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
