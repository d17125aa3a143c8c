import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createEventLoopLag } from './event-loop-lag.ts';

function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

it('shows a blocked event loop', { timeout: 30_000 }, async () => {
  const lag = createEventLoopLag();
  expect(lag.p99SecondsSinceLastCall()).toBe(0);
  let measured = 0;
  // How many ticks come between two blocks is the system's choice, so block until it shows.
  while (measured === 0) {
    for (let times = 0; times < 3; times++) {
      block(300);
      await wait(1);
    }
    measured = lag.p99SecondsSinceLastCall();
  }
  expect(measured).toBeGreaterThan(0);
  lag.stop();
});

it('starts again after a stop', () => {
  const lag = createEventLoopLag();
  lag.stop();
  expect(lag.p99SecondsSinceLastCall()).toBe(0);
  expect(lag.p99SecondsSinceLastCall()).toBe(0);
  lag.stop();
  expect(lag.p99SecondsSinceLastCall()).toBe(0);
  lag.stop();
});
