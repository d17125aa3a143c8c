import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { NO_BEATS, holderName } from '../record/claims.ts';
import type { Beats, HolderName, Self } from '../record/claims.ts';
import type { InterruptionHandlerOptions, SeenBeats } from '../work/engine.ts';
import { InterruptionHandler } from '../work/handler.ts';
import type { InterruptionProgress } from '../work/progress.ts';
import { ScriptedCluster } from './scripted-cluster.ts';
import type { ScriptedDrain } from './scripted-cluster.ts';

/** One process: its engine, and all that it has told. */
export interface Process {
  readonly handler: InterruptionHandler;
  readonly steps: readonly InterruptionProgress[];
  /** The types of the steps, in order. */
  readonly told: () => readonly string[];
  /** The steps of a type. */
  readonly toldOf: <T extends InterruptionProgress['type']>(
    type: T,
  ) => readonly Extract<InterruptionProgress, { type: T }>[];
  /** The process is gone at once: it reads nothing more, and beats no more. */
  readonly kill: () => void;
}

/** A cluster with the node `node-1` of the instance `i-1`, processes that work on it, and a time that tests let pass. */
export class Scene {
  readonly clock = new VirtualClock({ turns: 4 });
  readonly cluster: ScriptedCluster;
  readonly lease = new SharedLease();

  constructor({ isWatched = true } = {}) {
    this.cluster = new ScriptedCluster({ isWatched });
    this.cluster.add('node-1', 'i-1');
  }

  /** Starts a process, named `a` unless it is told otherwise. */
  start({
    name = 'a',
    lease,
    ...options
  }: InterruptionHandlerOptions & { name?: string; lease?: string } = {}): Process {
    const stop = new AbortController();
    const handler = new InterruptionHandler(this.cluster, {
      clock: this.clock,
      holder: { name: holderName('kube-system', name), ...(lease === undefined ? {} : { lease }) },
      ...(lease === undefined ? {} : { beats: (self: Self) => this.lease.seenBy(self, this.clock) }),
      ...options,
    });
    const steps: InterruptionProgress[] = [];
    void (async () => {
      for await (const step of handler.progress(stop.signal)) steps.push(step);
    })();
    const unwatch = this.cluster.watch((node) => handler.seen({ type: 'set', node }));
    return {
      handler,
      steps,
      told: () => steps.map(({ type }) => type),
      toldOf: <T extends InterruptionProgress['type']>(type: T) =>
        steps.filter((step): step is Extract<InterruptionProgress, { type: T }> => step.type === type),
      kill: () => {
        unwatch();
        this.lease.die(holderName('kube-system', name));
      },
    };
  }

  pass(ms: number): Promise<void> {
    return this.clock.advance(ms);
  }

  /** How many patches were sent. */
  get patches(): number {
    return this.cluster.log.filter((line) => line.startsWith('patch')).length;
  }

  /** Ends the newest drain, and lets what follows from it happen. */
  async finish(...how: Parameters<ScriptedDrain['finish']>): Promise<void> {
    this.cluster.drains.at(-1)?.finish(...how);
    await this.pass(10);
  }

  /** Whether `node-1` takes pods, and carries no mark. */
  get isGivenBack(): boolean {
    const { unschedulable, taints, labels } = this.cluster.node('node-1');
    return !unschedulable && taints.length === 0 && Object.keys(labels).length === 0;
  }

  /** The host of `node-1` restarts. */
  async boots(): Promise<void> {
    this.cluster.edit('node-1', { bootId: 'boot-2' });
    await this.pass(100);
  }

  /** `key:progress` of each entry of the node's record; keys of many are cut to their cause. */
  entries(name = 'node-1'): readonly string[] {
    return this.cluster.record(name).entries.map(({ key, progress }) => `${key.replace(/\/.*/, '')}:${progress}`);
  }
}

/** The Lease of a release, in which who holds claims beats all the time until it dies. */
class SharedLease {
  readonly #beating = new Map<HolderName, { readonly self: Self; diedAtMs?: number }>();
  readonly #listeners = new Set<() => void>();
  /** Whether it can be read. */
  isReadable = true;
  #now: () => number = () => 0;

  /** The Lease as one process sees it. */
  seenBy(self: Self, clock: VirtualClock): SeenBeats {
    this.#now = () => clock.monotonic();
    let isHolding = false;
    const beats = (): Beats => this.#beats(self, isHolding);
    return {
      get beats() {
        return beats();
      },
      hold: (holds) => {
        if (holds === isHolding) return;
        isHolding = holds;
        if (holds) this.#beating.set(self.holder, { self });
        else if (this.#beating.get(self.holder)?.self === self) this.#beating.delete(self.holder);
      },
      onChange: (listener) => {
        this.#listeners.add(listener);
        return { [Symbol.dispose]: () => this.#listeners.delete(listener) };
      },
    };
  }

  /** How many listen. */
  get listeners(): number {
    return this.#listeners.size;
  }

  /** Who beats. */
  get holders(): readonly HolderName[] {
    return [...this.#beating.keys()];
  }

  /** A holder beats no more, and its last beat stands. */
  die(holder: HolderName): void {
    const beat = this.#beating.get(holder);
    if (beat !== undefined) beat.diedAtMs ??= this.#now();
  }

  /** Something else is seen. */
  tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  #beats(self: Self, isHolding: boolean): Beats {
    if (!this.isReadable) return NO_BEATS;
    const seen = [...this.#beating].map(
      ([
        holder,
        {
          self: { incarnation },
          diedAtMs,
        },
      ]) => {
        const changedAt = diedAtMs ?? this.#now();
        return [holder, { incarnation, count: changedAt, changedAt }] as const;
      },
    );
    const isReplaced = isHolding && this.#beating.get(self.holder)?.self !== self;
    return { readableSince: 0, seen: new Map(seen), isReplaced };
  }
}
