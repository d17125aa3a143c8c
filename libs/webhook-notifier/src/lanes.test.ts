import { describe, expect, it } from 'vitest';
import { createLanes } from './lanes.ts';

/** Lanes over texts such as `a1`, whose lane is their first letter, and whose work ends when the test says so. */
function lanesOf(concurrency: number, limit = 100) {
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  const lanes = createLanes<string>({
    limit,
    concurrency,
    laneOf: (item) => item.slice(0, 1),
    work: (item) => {
      started.push(item);
      return new Promise((resolve) => ends.set(item, resolve));
    },
  });
  const end = async (item: string): Promise<void> => {
    ends.get(item)?.();
    await new Promise(setImmediate);
  };
  return { lanes, started, end };
}

describe('lanes', () => {
  it('keep the order of one lane and let others pass', async () => {
    const { lanes, started, end } = lanesOf(2);
    for (const item of ['a1', 'a2', 'b1', 'c1']) lanes.add(item);
    expect(started).toEqual(['a1', 'b1']);
    await end('b1');
    expect(started).toEqual(['a1', 'b1', 'c1']);
    await end('a1');
    expect(started).toEqual(['a1', 'b1', 'c1', 'a2']);
  });

  it('refuse what is beyond their limit', () => {
    const { lanes } = lanesOf(1, 2);
    expect(['a1', 'a2', 'a3', 'a4'].map((item) => lanes.add(item))).toEqual([true, true, true, false]);
  });

  it('are idle at first, and again when all is done', async () => {
    const { lanes, end } = lanesOf(1);
    await lanes.idle();
    lanes.add('a1');
    lanes.add('a2');
    let isIdle = false;
    const idle = lanes.idle().then(() => (isIdle = true));
    await end('a1');
    expect(isIdle).toBe(false);
    await end('a2');
    await idle;
    expect(isIdle).toBe(true);
  });

  it('give back what waits', async () => {
    const { lanes, started, end } = lanesOf(1);
    for (const item of ['a1', 'a2', 'b1']) lanes.add(item);
    expect(lanes.takeWaiting()).toEqual(['a2', 'b1']);
    await end('a1');
    await lanes.idle();
    expect(started).toEqual(['a1']);
  });
});
