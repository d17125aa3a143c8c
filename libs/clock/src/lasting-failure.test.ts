import { describe, expect, it } from 'vitest';
import { LastingFailure } from './lasting-failure.ts';
import { VirtualClock } from './virtual-clock.ts';

function setUp() {
  const clock = new VirtualClock();
  return { clock, failure: new LastingFailure(clock) };
}

describe('a failure that lasts', () => {
  it('is news when it begins, and is over with how long it lasted', async () => {
    const { clock, failure } = setUp();
    expect([failure.succeeded(), failure.isFailing]).toEqual([undefined, false]);
    expect(failure.failed('down')).toEqual({ news: 'begins', lastsMs: 0 });
    await clock.advance(20_000);
    expect(failure.failed('down')).toEqual({ news: 'none', lastsMs: 20_000 });
    expect([failure.isFailing, failure.succeeded(), failure.succeeded()]).toEqual([true, 20_000, undefined]);
  });

  it('is news again with each other reason once, but not with another number', () => {
    const { failure } = setUp();
    const reasons = ['no answer in 812 ms', 'no answer in 9 ms', 'refused', 'no answer in 10 ms', 'refused'];
    expect(reasons.map((reason) => failure.failed(reason).news)).toEqual([
      'begins',
      'none',
      'other-reason',
      'none',
      'none',
    ]);
  });

  it('is news every five minutes, for as long as it is tried', async () => {
    const { clock, failure } = setUp();
    const told: number[] = [];
    for (let second = 0; second <= 900; second += 10) {
      const { news, lastsMs } = failure.failed('denied');
      if (news === 'lasts') told.push(lastsMs);
      await clock.advance(10_000);
    }
    expect(told).toEqual([300_000, 600_000, 900_000]);
  });

  it('remembers no more than a few reasons', () => {
    const { failure } = setUp();
    const reasons = Array.from({ length: 100 }, (_, index) => 'x'.repeat((index % 50) + 1));
    expect(reasons.filter((reason) => failure.failed(reason).news !== 'none')).toHaveLength(80);
  });
});
