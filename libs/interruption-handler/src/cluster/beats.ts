import { backoffMs, repeat, sleep } from '@node-termination-handler/clock';
import type { Clock, Timer } from '@node-termination-handler/clock';
import { followOne, isOlderVersion } from '@node-termination-handler/node-drainer';
import type { KubernetesClient, ObjectMeta, ResourceRef } from '@node-termination-handler/node-drainer';
import { beatsUnreadable, NO_BEATS, seeBeats } from '../record/claims.ts';
import type { Beats, HolderName, Self } from '../record/claims.ts';
import { beatAnnotation, readBeats, serialiseBeat } from './beat-annotation.ts';

/** How often a process beats while it holds claims: three times until it would be taken for dead. */
const BEAT_EVERY_MS = 5_000;
/**
 * A Lease of which nothing was heard for so long is read: a watch says nothing when nobody beats, and nothing when it is dead. Longer
 * than from beat to beat, of which each tells enough.
 */
const READ_AFTER_MS = 6_000;
/** A Lease that was not heard of for so long can't be read. */
const UNREADABLE_AFTER_MS = 10_000;
/** How long a read may take with all its tries. */
const READ_WITHIN_MS = UNREADABLE_AFTER_MS - READ_AFTER_MS;
/** How the pauses between reads grow while none works. */
const READ_AGAIN = { firstMs: READ_AFTER_MS, maxMs: 60_000 };
/** Beats that have stood still for so long, and could be read all the while, are of pods that are gone. */
const FORGOTTEN_AFTER_MS = 3_600_000;

const WATCH_SECONDS = 300;
/** Bookmarks come about once a minute; two that fail to come are a dead watch. */
const QUIET_MS = 130_000;

const UNHURRIED = { keepsProcessAlive: false };

/** Options of {@link watchBeats}. */
export interface BeatsOptions {
  readonly client: KubernetesClient;
  /** The namespace of the release. */
  readonly namespace: string;
  /** The name of the release's Lease. It has to be there: the chart makes it. */
  readonly lease: string;
  /** Who beats. */
  readonly self: Self;
  readonly clock: Clock;
  /** Told about each read or beat that failed; it goes on. */
  readonly onTrouble?: (error: unknown) => void;
  /** Told once when another incarnation beats under this process's name; this one beats no more. */
  readonly onReplaced?: () => void;
}

/** As much of a Lease as is looked at. */
interface Lease {
  readonly metadata?: ObjectMeta;
}

/**
 * Follows the beats in the Lease of a release, and beats there.
 *
 * Each replica has an annotation of its own, so that no beat is ever lost to another's. The Lease is followed by a watch, and read whenever
 * nothing was heard of it for 6 s.
 *
 * @see https://kubernetes.io/docs/concepts/architecture/leases/
 */
export function watchBeats(options: BeatsOptions): BeatsOfRelease {
  return new BeatsOfRelease(options);
}

/** What this process sees of its release's beats, and its own beat while it holds claims. Disposing takes its beat off. */
export class BeatsOfRelease implements AsyncDisposable {
  readonly #options: BeatsOptions;
  readonly #lease: ResourceRef & { readonly name: string };
  readonly #ownKey: string;
  readonly #end = new AbortController();
  readonly #listeners = new Set<() => void>();
  readonly #reading: Promise<unknown>;
  #beats = NO_BEATS;
  #newest: string | undefined;
  #heardAtMs: number;
  #silence: Timer | undefined;
  #holds = false;
  #count = 0;
  #beating: Timer | undefined;
  /** One write after the other, so that none overtakes the one before. */
  #writes: Promise<void> = Promise.resolve();

  constructor(options: BeatsOptions) {
    const { clock, lease, namespace, self } = options;
    this.#options = options;
    this.#lease = { group: 'coordination.k8s.io', resource: 'leases', namespace, name: lease };
    this.#ownKey = beatAnnotation(self.holder);
    this.#heardAtMs = clock.monotonic();
    this.#reading = Promise.all([this.#follow(), this.#readInSilence()].map((work) => this.#untilEnd(work)));
  }

  /** As they are seen now; without `readableSince` while the Lease can't be read. */
  get beats(): Beats {
    // A process that was stopped for a while comes here before its timers ring.
    this.#lookAtSilence();
    return this.#beats;
  }

  /**
   * Whether this process holds claims: while it does, it beats every 5 s. Resolves when its first beat was written, or was taken off; a write
   * that failed is told as trouble, and so ends the wait as well.
   */
  hold(holds: boolean): Promise<void> {
    if (holds === this.#holds || this.#beats.isReplaced || this.#end.signal.aborted) return this.#writes;
    this.#holds = holds;
    this.#beating?.stop();
    if (holds) this.#beating = repeat(this.#options.clock, BEAT_EVERY_MS, () => this.#write(), UNHURRIED);
    return this.#write();
  }

  /** Told when another's beat changed, when the Lease became unreadable or readable, and when this process was replaced. */
  onChange(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) };
  }

  /** Beats no more, and ends the watch. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.hold(false);
    this.#end.abort(new Error('the beats are followed no more'));
    await this.#reading;
    this.#silence?.stop();
    this.#listeners.clear();
  }

  // Reading

  async #follow(): Promise<void> {
    const { client, clock } = this.#options;
    const changes = followOne<Lease>(client, {
      resource: this.#lease,
      watchSeconds: WATCH_SECONDS,
      quietMs: QUIET_MS,
      signal: this.#end.signal,
      clock,
      onTrouble: (error) => this.#options.onTrouble?.(error),
    });
    for await (const change of changes) {
      if (change.type === 'present') this.#see(change.object);
      // A bookmark says that nothing has changed, to who knows what there was.
      else if (change.type === 'alive' && this.#beats.readableSince !== undefined) this.#hear();
    }
  }

  async #readInSilence(): Promise<void> {
    const { client, clock, onTrouble } = this.#options;
    const { signal } = this.#end;
    let failures = 0;
    for (;;) {
      const untilSilentMs = this.#heardAtMs + READ_AFTER_MS - clock.monotonic();
      const pauseMs = failures === 0 ? 0 : backoffMs(failures, READ_AGAIN);
      await sleep(clock, Math.max(untilSilentMs, pauseMs), signal, UNHURRIED);
      if (clock.monotonic() - this.#heardAtMs < READ_AFTER_MS) {
        failures = 0;
        continue;
      }
      try {
        const lease = await client.request<Lease>({ ...this.#lease, verb: 'get', deadlineMs: READ_WITHIN_MS, signal });
        failures = this.#see(lease) ? 0 : failures + 1;
      } catch (error) {
        signal.throwIfAborted();
        failures += 1;
        onTrouble?.(error);
      }
    }
  }

  /** Reading ends with the signal, and that is no failure. */
  async #untilEnd(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      if (!this.#end.signal.aborted) this.#options.onTrouble?.(error);
    }
  }

  /** Takes in what was read, unless something newer was read before. */
  #see({ metadata }: Lease): boolean {
    const version = metadata?.resourceVersion;
    // The watch tells of a beat after the beat was answered; what it tells until then would look like a change back.
    if (isOlderVersion(version, this.#newest)) return false;
    this.#lookAtSilence();
    this.#newest = version;
    this.#hear();
    const { clock, self } = this.#options;
    const before = this.#beats;
    this.#beats = seeBeats(before, readBeats(metadata?.annotations), self, clock.monotonic());
    if (this.#beats.isReplaced && !before.isReplaced) this.#stopBeating();
    if (isNews(before, this.#beats, self.holder)) this.#tell();
    return true;
  }

  #hear(): void {
    const { clock } = this.#options;
    this.#heardAtMs = clock.monotonic();
    this.#silence?.stop();
    this.#silence = clock.startTimer(UNREADABLE_AFTER_MS, () => this.#lookAtSilence(), UNHURRIED);
  }

  #lookAtSilence(): void {
    const silentMs = this.#options.clock.monotonic() - this.#heardAtMs;
    if (this.#beats.readableSince === undefined || silentMs < UNREADABLE_AFTER_MS) return;
    this.#beats = beatsUnreadable(this.#beats);
    this.#newest = undefined;
    this.#tell();
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  // Beating

  #write(): Promise<void> {
    this.#writes = this.#writes.then(() => this.#writeNow());
    return this.#writes;
  }

  async #writeNow(): Promise<void> {
    if (this.beats.isReplaced) return;
    const { client, self, onTrouble } = this.#options;
    this.#count += 1;
    const own = this.#holds ? serialiseBeat(self, this.#count) : null;
    const annotations = { ...this.#forgotten(), [this.#ownKey]: own };
    try {
      const lease = await client.request<Lease>({
        ...this.#lease,
        verb: 'patch',
        patchType: 'merge',
        body: { metadata: { annotations } },
        // The same beat a second time says nothing else.
        retry: true,
        deadlineMs: BEAT_EVERY_MS,
      });
      this.#see(lease);
    } catch (error) {
      onTrouble?.(error);
    }
  }

  /** The annotations of pods that are gone, each to be removed. */
  #forgotten(): Readonly<Record<string, null>> {
    const { readableSince, seen } = this.#beats;
    if (readableSince === undefined) return {};
    const untilMs = this.#options.clock.monotonic() - FORGOTTEN_AFTER_MS;
    const dead = [...seen].filter(([, { changedAt }]) => Math.max(changedAt, readableSince) <= untilMs);
    return Object.fromEntries(dead.map(([holder]) => [beatAnnotation(holder), null]));
  }

  #stopBeating(): void {
    this.#holds = false;
    this.#beating?.stop();
    this.#options.onReplaced?.();
  }
}

/** Whether anybody but this process is seen otherwise than before. */
function isNews(before: Beats, now: Beats, own: HolderName): boolean {
  if (before.readableSince !== now.readableSince || before.isReplaced !== now.isReplaced) return true;
  const others = [...before.seen.keys(), ...now.seen.keys()].filter((holder) => holder !== own);
  return others.some((holder) => before.seen.get(holder) !== now.seen.get(holder));
}
