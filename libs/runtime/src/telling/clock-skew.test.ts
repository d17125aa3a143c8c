import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { createLogger } from '@node-termination-handler/logger';
import { expect, it } from 'vitest';
import { createAwsClock } from './clock-skew.ts';

it.each([
  [-90_000, 'it is 90 s behind'],
  [3_600_000, 'it is 3599 s ahead'],
])('a machine’s clock that is %s ms ahead is told once, with the advice, and when it is right again', (offMs, off) => {
  const aws = Date.parse('2026-01-02T03:04:05Z');
  const own = new VirtualClock({ startMs: aws + offMs });
  let correctedMs = 0;
  const machine = {
    now: () => own.now() + correctedMs,
    monotonic: () => own.monotonic(),
    startTimer: own.startTimer.bind(own),
  };
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (text: string) => lines.push(JSON.parse(text) as Record<string, unknown>) };
  const clock = createAwsClock(machine, createLogger({ format: 'json', destination }));
  const answered = () => clock.answered(new Date(aws).toUTCString(), own.monotonic());
  answered();
  answered();
  expect(clock.now()).toBe(aws + (offMs < 0 ? 0 : 1000));
  correctedMs = -offMs;
  answered();
  const advice = 'look at the time service of the node (chrony with 169.254.169.123)';
  expect(lines.map(({ level, message, error, advice: todo }) => [level, message, error, todo])).toEqual([
    ['warn', 'the clock of this machine is wrong, and AWS’s is used in its place', off, advice],
    ['info', 'the clock of this machine is right again', undefined, undefined],
  ]);
});
