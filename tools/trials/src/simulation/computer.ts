import { AsyncLocalStorage } from 'node:async_hooks';
import { seededRandom } from '@node-termination-handler/sandbox';
import type { Planned, Timeline } from './timeline.ts';

/** When every play begins, in milliseconds since the epoch. */
const BEGINNING_MS = Date.parse('2026-01-02T03:04:05Z');

/** How long hosts have been up by then, in milliseconds. */
const UP_FOR_MS = 3_600_000;

/** A stream of numbers of one's own: what one part draws changes nothing for the others. */
export function randomOf(seed: number, name: string): () => number {
  let hash = 2166136261 ^ seed;
  for (let index = 0; index < name.length; index += 1) hash = Math.imul(hash ^ name.charCodeAt(index), 16777619);
  return seededRandom(hash);
}

const running = new AsyncLocalStorage<Computer>();

/** Whose code runs now; undefined outside of a play. */
export function currentComputer(): Computer | undefined {
  return running.getStore();
}

/** What a computer is made of. */
export interface ComputerOptions {
  readonly timeline: Timeline;
  readonly seed: number;
  readonly name: string;
  /** By how much its timers ring late at the most, in ms, as on a machine that is busy. Default: not at all. */
  readonly lateMs?: number;
}

/** Where a program runs, or the world around: with a clock and random numbers of its own. What has crashed never does anything again. */
export class Computer {
  readonly name: string;
  readonly random: () => number;
  /** Calls into the environment so far: timers, connections. */
  calls = 0;
  /** At which of these calls it crashes; the call is not made. Default: at none. */
  crashAtCall = Infinity;
  /** Told when it crashes. */
  onCrash: () => void = () => undefined;
  isDown = false;
  /** When its host was booted, in ms since the begin of the play. */
  bootedMs = -UP_FOR_MS;
  readonly #timeline: Timeline;
  /** By how much the next timer rings late, in ms. */
  readonly #lateness: () => number;
  #isFrozen = false;
  #backlog: (() => void)[] = [];
  #wallAheadMs = BEGINNING_MS;
  #rate = 1;
  #sinceMs = 0;
  #elapsedMs = 0;

  constructor({ timeline, seed, name, lateMs = 0 }: ComputerOptions) {
    this.name = name;
    this.random = randomOf(seed, name);
    this.#timeline = timeline;
    const chance = randomOf(seed, `lateness of ${name}`);
    this.#lateness = () => (lateMs === 0 ? 0 : chance() * lateMs);
  }

  /** The wall clock, in milliseconds since the epoch. */
  now(): number {
    return Math.floor(this.#wallAheadMs + this.monotonic());
  }

  monotonic(): number {
    return this.#elapsedMs + (this.#timeline.nowMs - this.#sinceMs) * this.#rate;
  }

  /** How long its host has been up, in seconds. */
  uptime(): number {
    return (this.#timeline.nowMs - this.bootedMs) / 1000;
  }

  /** Sets the wall clock by so many milliseconds. */
  jump(byMs: number): void {
    this.#wallAheadMs += byMs;
  }

  /** Lets its clocks run at another speed from now on; timers that run keep their moment. */
  drift(rate: number): void {
    this.#elapsedMs = this.monotonic();
    this.#sinceMs = this.#timeline.nowMs;
    this.#rate = rate;
  }

  /** Runs code of this computer, now or when it goes on; never once it is down. */
  run(code: () => void): void {
    if (this.isDown) return;
    if (this.#isFrozen) this.#backlog.push(code);
    else running.run(this, code);
  }

  /** Notes a call into the environment; false where it must not be made. */
  call(): boolean {
    if (this.isDown) return false;
    this.calls += 1;
    if (this.calls < this.crashAtCall) return true;
    this.crash();
    return false;
  }

  startTimer(afterMs: number, onRing: () => void): Planned | undefined {
    if (!this.call()) return undefined;
    return this.#timeline.plan(afterMs / this.#rate + this.#lateness(), () => this.run(onRing));
  }

  crash(): void {
    if (this.isDown) return;
    this.isDown = true;
    this.#backlog = [];
    this.onCrash();
  }

  /** Stands still, as a virtual machine that is moved, until it is thawed. */
  freeze(): void {
    this.#isFrozen = true;
  }

  thaw(): void {
    this.#isFrozen = false;
    for (const code of this.#backlog.splice(0)) this.run(code);
  }
}
