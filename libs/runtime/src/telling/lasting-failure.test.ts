import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { createLogger } from '@node-termination-handler/logger';
import { describe, expect, it } from 'vitest';
import { createLastingFailure } from './lasting-failure.ts';

function setUp(options: { readonly reasonOf?: (error: unknown) => string } = {}) {
  const clock = new VirtualClock();
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (text: string) => lines.push(JSON.parse(text) as Record<string, unknown>) };
  const log = createLogger({ format: 'json', destination });
  const words = { failing: 'fails', over: 'works again', advice: 'look there', fields: { queue: 'q' } };
  const failure = createLastingFailure({ log, clock, ...words, ...options });
  return { clock, failure, said: () => lines.splice(0).map(({ time: _time, ...line }) => line) };
}

describe('a failure that lasts', () => {
  it('is told when it begins and when it is over, with how long it lasted', async () => {
    const { clock, failure, said } = setUp();
    failure.succeeded();
    failure.failed(new Error('down', { cause: new Error('no route') }));
    await clock.advance(20_000);
    failure.failed(new Error('down', { cause: new Error('no route') }));
    expect(said()).toEqual([
      { level: 'warn', queue: 'q', advice: 'look there', error: 'down: no route', message: 'fails' },
    ]);
    failure.succeeded();
    failure.succeeded();
    expect(said()).toEqual([{ level: 'info', queue: 'q', 'lasts-seconds': 20, message: 'works again' }]);
  });

  it('is told again when its reason changes, and each reason once', () => {
    const { failure, said } = setUp();
    for (const reason of ['no answer in 812 ms', 'no answer in 9 ms', 'refused', 'no answer in 10 ms', 'refused'])
      failure.failed(new Error(reason));
    expect(said().map(({ error }) => error)).toEqual(['no answer in 812 ms', 'refused']);
  });

  it('is told once for all that its owner takes for one reason', () => {
    const { failure, said } = setUp({ reasonOf: (error) => (error as Error).name });
    failure.failed(new Error('node-a is forbidden'));
    failure.failed(new Error('node-b is forbidden'));
    failure.failed(new TypeError('node-b is none'));
    expect(said().map(({ error }) => error)).toEqual(['node-a is forbidden', 'node-b is none']);
  });

  it('is told every five minutes, for as long as it is tried', async () => {
    const { clock, failure, said } = setUp();
    for (let second = 0; second <= 900; second += 10) {
      failure.failed(new Error('denied'));
      await clock.advance(10_000);
    }
    expect(said().map((line) => line['lasts-seconds'])).toEqual([undefined, 300, 600, 900]);
  });
});
