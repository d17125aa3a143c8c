import { getEventListeners } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

// Loaded into a program before it starts (--import): its time passes faster, and at SIGUSR2 it says what it holds.

/** Time between polls passes so many times as fast. */
const FACTOR = 50;
/** The waits between polls are this short; limits of requests are longer, and stay. */
const SHORT_MS = 100;

const { setTimeout: wait } = globalThis;
const hurried = (callback: () => void, ms = 0): NodeJS.Timeout => wait(callback, ms <= SHORT_MS ? ms / FACTOR : ms);
globalThis.setTimeout = Object.defineProperties(hurried, Object.getOwnPropertyDescriptors(wait)) as typeof setTimeout;
const now = performance.now.bind(performance);
performance.now = () => now() * FACTOR;

/** Every signal that somebody ever listened to, while it lives. */
const signals = new Set<WeakRef<AbortSignal>>();
const known = new WeakSet<AbortSignal>();
const listen: unknown = Reflect.get(EventTarget.prototype, 'addEventListener');
EventTarget.prototype.addEventListener = function (this: EventTarget, ...args: readonly unknown[]) {
  if (this instanceof AbortSignal && !known.has(this)) {
    known.add(this);
    signals.add(new WeakRef(this));
  }
  if (typeof listen === 'function') Reflect.apply(listen, this, args);
};

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Counts listeners, and forgets signals that are gone. */
function countListeners(): number {
  let listeners = 0;
  for (const reference of signals) {
    const signal = reference.deref();
    if (signal === undefined) signals.delete(reference);
    else listeners += getEventListeners(signal, 'abort').length;
  }
  return listeners;
}

process.on('SIGUSR2', () => {
  // Twice, in turns of their own: what a WeakRef was asked for stays to the end of the turn.
  collect();
  setImmediate(() => {
    collect();
    const timers = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const heapKiB = Math.round(process.memoryUsage().heapUsed / 1024);
    console.error(JSON.stringify({ held: { heapKiB, listeners: countListeners(), signals: signals.size, timers } }));
  });
});
