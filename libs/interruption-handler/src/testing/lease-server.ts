import { onAbort, withTimeLimit } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import { KubernetesApiError } from '@node-termination-handler/node-drainer';
import type { ApiCall, KubernetesClient, WatchCall, WatchEvent } from '@node-termination-handler/node-drainer';

interface StoredLease {
  readonly metadata: {
    readonly name: string;
    readonly resourceVersion: string;
    readonly annotations: Readonly<Record<string, string>>;
  };
}

/** An API server with one Lease, whose answers a test can hold up or refuse. */
export class LeaseServer implements KubernetesClient {
  readonly calls: ApiCall[] = [];
  /** What calls of a verb end with in place of an answer; `silence`: with nothing, until they are given up. */
  readonly watched: WatchCall[] = [];
  readonly refuses: Partial<Record<'get' | 'list' | 'patch' | 'watch', number | 'silence'>> = {};
  /** How many watches are open. */
  watches = 0;
  readonly #clock: Clock;
  /** While true, watches are told nothing; what came meanwhile is told when it is over. */
  #isMute = false;
  #waiting: (() => void)[] = [];
  #history: { readonly type: 'MODIFIED' | 'BOOKMARK'; readonly object: StoredLease }[] = [];
  #version = 100;
  #annotations: Readonly<Record<string, string>> | undefined = {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get annotations(): Readonly<Record<string, string>> {
    return this.#annotations ?? {};
  }

  count(verb: ApiCall['verb']): number {
    return this.calls.filter((call) => call.verb === verb).length;
  }

  /** Somebody else writes annotations; undefined takes one off. */
  write(annotations: Readonly<Record<string, string | null>>): void {
    const merged = Object.entries({ ...this.annotations, ...annotations });
    this.#annotations = Object.fromEntries(merged.filter((entry): entry is [string, string] => entry[1] !== null));
    this.#tell('MODIFIED');
  }

  /** Watches are told that nothing has changed. */
  bookmark(): void {
    this.#tell('BOOKMARK');
  }

  /** The store is put back to an older day, with what it says now. */
  restore(): void {
    this.#history = [];
    this.#version = 50;
  }

  remove(): void {
    this.#annotations = undefined;
  }

  muteWatches(isMute: boolean): void {
    this.#isMute = isMute;
    this.#wake();
  }

  async request<T>(call: ApiCall): Promise<T> {
    this.calls.push(call);
    await Promise.resolve();
    const refusal = call.verb in this.refuses ? this.refuses[call.verb as 'get'] : undefined;
    if (refusal === 'silence') {
      const { deadlineMs: limitMs = 30_000, signal } = call;
      return withTimeLimit({ clock: this.#clock, limitMs, signals: [signal] }, new Promise<never>(() => undefined));
    }
    if (refusal !== undefined) throw new KubernetesApiError(call, refusal, undefined);
    return this.#answer(call) as T;
  }

  async *watch<T>(call: WatchCall): AsyncGenerator<WatchEvent<T>> {
    if (typeof this.refuses.watch === 'number') {
      throw new KubernetesApiError({ verb: 'watch', ...call }, this.refuses.watch, undefined);
    }
    this.watches += 1;
    this.watched.push(call);
    const { signal } = call;
    using _wakes = onAbort(signal, () => this.#wake());
    try {
      let from = Number(call.resourceVersion ?? this.#version);
      if (call.query?.sendInitialEvents === true) yield* this.#state() as WatchEvent<T>[];
      for (;;) {
        signal?.throwIfAborted();
        const next = this.#history.find(({ object }) => Number(object.metadata.resourceVersion) > from);
        if (next === undefined || this.#isMute) {
          await new Promise<void>((resolve) => this.#waiting.push(resolve));
          continue;
        }
        from = Number(next.object.metadata.resourceVersion);
        yield next as WatchEvent<T>;
      }
    } finally {
      this.watches -= 1;
    }
  }

  close(): void {
    // Nothing is open.
  }

  /** What a watch begins with, and the bookmark that ends it. */
  #state(): unknown[] {
    const annotations = { 'k8s.io/initial-events-end': 'true' };
    const end = { type: 'BOOKMARK', object: { metadata: { resourceVersion: String(this.#version), annotations } } };
    return this.#annotations === undefined ? [end] : [{ type: 'ADDED', object: this.#lease() }, end];
  }

  #tell(type: 'MODIFIED' | 'BOOKMARK'): void {
    this.#version += 1;
    this.#history.push({ type, object: this.#lease() });
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #lease(): StoredLease {
    return { metadata: { name: 'nth', resourceVersion: String(this.#version), annotations: this.annotations } };
  }

  #answer(call: ApiCall): unknown {
    if (call.resource !== 'leases') throw new Error(`not asked for: ${call.verb} ${call.resource}`);
    if (call.verb === 'list') {
      const items = this.#annotations === undefined ? [] : [this.#lease()];
      return { metadata: { resourceVersion: String(this.#version) }, items };
    }
    if (this.#annotations === undefined || call.name !== 'nth') {
      throw new KubernetesApiError(call, 404, { reason: 'NotFound' });
    }
    if (call.verb === 'patch') {
      const { metadata } = call.body as { metadata: { annotations: Record<string, string | null> } };
      this.write(metadata.annotations);
    }
    return this.#lease();
  }
}
