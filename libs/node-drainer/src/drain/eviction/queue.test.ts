import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { Deadline, listenersOn, sleep } from '@node-termination-handler/clock';
import { countFollowers } from '../../testing/drain-set-up.ts';
import { createEvictionQueue } from './queue.ts';
import type { EvictionTask, NextLook } from './queue.ts';

function setUp(concurrency = 100) {
  const clock = new VirtualClock({ startMs: 0 });
  const queue = createEvictionQueue({ concurrency, clock });
  const looks: string[] = [];
  const task = (
    uid: string,
    options: {
      node?: string;
      deadline?: Deadline;
      graceSeconds?: number;
      look?: () => NextLook;
      takesMs?: number;
    } = {},
  ) => {
    const controller = new AbortController();
    const entry: EvictionTask = {
      uid,
      deadline: options.deadline ?? new Deadline(60_000),
      node: options.node ?? 'node-1',
      leadMs: (options.graceSeconds ?? 30) * 1000,
      signal: controller.signal,
      look: async () => {
        looks.push(`${uid}@${clock.now()}`);
        await sleep(clock, options.takesMs ?? 100);
        return options.look?.() ?? { next: 'done' };
      },
    };
    queue.add(entry);
    return { ...entry, cancel: () => controller.abort() };
  };
  return { clock, queue, looks, task };
}

describe('the eviction queue', () => {
  it('looks at so many at once and no more', async () => {
    const { clock, queue, looks, task } = setUp(2);
    for (const uid of ['a', 'b', 'c']) task(uid);
    await clock.advance(50);
    expect(looks).toEqual(['a@0', 'b@0']);
    expect([queue.inFlight, queue.waiting]).toEqual([2, 1]);
    await clock.advance(100);
    expect(looks).toEqual(['a@0', 'b@0', 'c@100']);
    await clock.advance(100);
    expect([queue.inFlight, queue.waiting]).toEqual([0, 0]);
    expect(clock.timers).toBe(0);
  });

  it('takes the earliest last graceful moment first, then the longest grace, then the order of coming', async () => {
    const { clock, looks, task } = setUp(1);
    task('late', { deadline: new Deadline(900_000), graceSeconds: 600 });
    task('none', { deadline: new Deadline(Infinity) });
    task('none, long', { deadline: new Deadline(Infinity), graceSeconds: 90 });
    task('short', { graceSeconds: 10, deadline: new Deadline(300_000) });
    task('long', { graceSeconds: 90, deadline: new Deadline(310_000) });
    task('long too', { graceSeconds: 90, deadline: new Deadline(310_000) });
    task('early', { deadline: new Deadline(100_000) });
    await clock.advance(10_000);
    expect(looks.map((look) => look.split('@')[0])).toEqual([
      'early',
      'long',
      'long too',
      'short',
      'late',
      'none, long',
      'none',
    ]);
  });

  it('looks again when it is told to, and not before', async () => {
    const { clock, looks, task } = setUp();
    const answers: NextLook[] = [{ next: 'again', afterMs: 4900 }, { next: 'done' }];
    task('a', { look: () => answers.shift()! });
    await clock.advance(60_000);
    expect(looks).toEqual(['a@0', 'a@5000']);
  });

  it('looks one by one when it is to pause, until one look shows that it need not', async () => {
    const { clock, looks, task } = setUp();
    const paused: NextLook = { next: 'pause', afterMs: 60_000 };
    const answers: NextLook[] = [paused, paused, { next: 'done' }];
    task('a', { look: () => answers.shift()!, graceSeconds: 50, deadline: new Deadline(1e6) });
    await clock.advance(500);
    for (const uid of ['b', 'c', 'd', 'e'])
      task(uid, { look: () => answers.shift() ?? { next: 'done' }, deadline: new Deadline(1e6) });
    await clock.advance(10_000);
    expect(looks).toEqual(['a@0', 'b@1100', 'c@2200', 'd@2300', 'e@2300']);
  });

  it('pauses for five seconds at most, and for no pod whose last graceful moment has come', async () => {
    const { clock, looks, task } = setUp();
    const look = (): NextLook => ({ next: 'pause', afterMs: 60_000 });
    task('a', { look, deadline: new Deadline(1e6) });
    await clock.advance(500);
    task('probe', { takesMs: 60_000, deadline: new Deadline(32_000) });
    task('b', { deadline: new Deadline(2e6) });
    task('due', { look, deadline: new Deadline(33_000), graceSeconds: 30 });
    task('overdue', { look, deadline: new Deadline(20_000), graceSeconds: 30 });
    await clock.advance(10_000);
    expect(looks).toEqual(['a@0', 'overdue@500', 'probe@1600', 'due@3001', 'b@8101']);
  });

  it('looks again and ends its pause in time though the wall clock is set back an hour', async () => {
    const { clock, task } = setUp(1);
    clock.setWallClock(7_200_000);
    const looks: string[] = [];
    const answers: NextLook[] = [{ next: 'pause', afterMs: 2900 }, { next: 'again', afterMs: 1900 }, { next: 'done' }];
    const look = () => {
      looks.push(`a@${clock.monotonic()}`);
      return answers.shift()!;
    };
    task('a', { look, deadline: new Deadline(1e9) });
    await clock.advance(200);
    clock.setWallClock(-3_600_000);
    await clock.advance(60_000);
    expect(looks).toEqual(['a@100', 'a@3100', 'a@5100']);
  });

  it('looks at a pod of two drains for the tighter one, and once at a time', async () => {
    const { clock, queue, looks, task } = setUp();
    task('pod', { deadline: new Deadline(60_000), look: () => ({ next: 'again', afterMs: 49_900 }) });
    await clock.advance(1000);
    task('pod', { deadline: new Deadline(20_000), look: () => ({ next: 'again', afterMs: 8900 }) });
    expect(queue.waiting).toBe(1);
    await clock.advance(9050);
    expect(looks).toEqual(['pod@0', 'pod@1000', 'pod@10000']);
  });

  it('hands a pod over when the drain that looked at it is cancelled or done', async () => {
    const { clock, looks, task } = setUp();
    const tight = task('pod', { deadline: new Deadline(20_000), look: () => ({ next: 'again', afterMs: 14_900 }) });
    task('pod', { deadline: new Deadline(60_000) });
    await clock.advance(1000);
    expect(looks).toEqual(['pod@0']);
    tight.cancel();
    await clock.advance(60_000);
    expect(looks).toEqual(['pod@0', 'pod@15000']);
  });

  it('looks again at once when a deadline moves, also during a look', async () => {
    const { clock, looks, task } = setUp();
    const deadline = new Deadline(60_000);
    const answers: NextLook[] = [
      { next: 'again', afterMs: 49_900 },
      { next: 'again', afterMs: 49_900 },
      { next: 'done' },
    ];
    task('a', { deadline, look: () => answers.shift()! });
    await clock.advance(50);
    deadline.moveTo(50_000);
    await clock.advance(450);
    deadline.moveTo(70_000);
    await clock.advance(60_000);
    expect(looks).toEqual(['a@0', 'a@100', 'a@500']);
  });

  it('puts a deadline that moves nearer in front of those that wait', async () => {
    const { clock, looks, task } = setUp(1);
    const deadline = new Deadline(90_000);
    task('under way');
    await clock.advance(10);
    task('usual');
    task('moved', { deadline });
    deadline.moveTo(50_000);
    await clock.advance(10_000);
    expect(looks).toEqual(['under way@0', 'moved@100', 'usual@200']);
  });

  it('puts a deadline that moves farther, or that is none, behind those that wait', async () => {
    const { clock, looks, task } = setUp(1);
    const deadline = new Deadline(5000);
    task('under way');
    await clock.advance(10);
    task('none', { deadline: new Deadline(Infinity) });
    task('moved', { deadline });
    task('none either', { deadline: new Deadline(Infinity) });
    task('usual');
    deadline.moveTo(600_000);
    await clock.advance(10_000);
    expect(looks).toEqual(['under way@0', 'usual@100', 'moved@200', 'none@300', 'none either@400']);
  });

  it('forgets what is cancelled: waiting, under way, or before it came', async () => {
    const { clock, queue, looks, task } = setUp(1);
    const running = task('running', { look: () => ({ next: 'again', afterMs: 4900 }) });
    await clock.advance(10);
    task('waiting').cancel();
    running.cancel();
    queue.add({ ...task('gone'), signal: AbortSignal.abort() });
    await clock.advance(60_000);
    expect(looks).toEqual(['running@0', 'gone@100']);
    expect([queue.waiting, clock.timers]).toEqual([0, 0]);
  });

  it('takes a pod again that it has forgotten', async () => {
    const { clock, looks, task } = setUp();
    task('a');
    await clock.advance(1000);
    task('a');
    await clock.advance(1000);
    expect(looks).toEqual(['a@0', 'a@1000']);
  });

  it('loses nobody and keeps within its limit, whatever happens', async () => {
    const step = fc.record({
      uid: fc.nat(20).map(String),
      deadline: fc.integer({ min: 2_000_000, max: 2_100_000 }),
      takesMs: fc.nat(500),
      again: fc.array(fc.nat(2000), { maxLength: 3 }),
      isCancelled: fc.boolean(),
      afterMs: fc.nat(300),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 40 }),
        fc.integer({ min: 1, max: 4 }),
        async (steps, concurrency) => {
          const { clock, queue, task } = setUp(concurrency);
          let most = 0;
          let settled = 0;
          let expected = 0;
          for (const { again, isCancelled, afterMs, uid, ...options } of steps) {
            const waits = [...again];
            const added = task(uid, {
              takesMs: options.takesMs,
              deadline: new Deadline(options.deadline),
              look: () => {
                most = Math.max(most, queue.inFlight);
                const wait = waits.shift();
                if (wait !== undefined) return { next: 'again', afterMs: wait };
                if (!isCancelled) settled += 1;
                return { next: 'done' };
              },
            });
            if (!isCancelled) expected += 1;
            await clock.advance(afterMs);
            if (isCancelled) added.cancel();
          }
          await clock.advance(1_000_000);
          expect(settled).toBe(expected);
          expect(most).toBeLessThanOrEqual(concurrency);
          expect([queue.waiting, queue.inFlight, clock.timers]).toEqual([0, 0, 0]);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('holds up no node for the requests of another that hang', async () => {
    const { clock, queue, looks, task } = setUp();
    const deadline = new Deadline(1e9);
    for (let index = 0; index < 500; index += 1) task(`hangs-${index}`, { node: 'slow', takesMs: 1e6, deadline });
    await clock.advance(10);
    expect(queue.inFlight).toBeLessThanOrEqual(50);
    for (let index = 0; index < 8; index += 1) task(`plain-${index}`, { node: 'quick', deadline: new Deadline(2e9) });
    await clock.advance(0);
    expect(looks.filter((look) => look.startsWith('plain')).map((look) => look.split('@')[1])).toEqual(
      Array(8).fill('10'),
    );
    // What hangs is asked less and less, and never holds more than a few times the places.
    await clock.advance(60_000);
    expect(queue.inFlight).toBeLessThan(150);
    expect(looks.filter((look) => look.startsWith('hangs')).length).toBeGreaterThan(30);
  });

  it('holds up nobody though the requests of ten nodes hang, nor a pod of theirs whose moment has come', async () => {
    const { clock, looks, task } = setUp(10);
    for (let index = 0; index < 1000; index += 1)
      task(`hangs-${index}`, { node: `slow-${index % 10}`, takesMs: 1e6, deadline: new Deadline(1e9) });
    await clock.advance(5000);
    task('plain', { node: 'quick', deadline: new Deadline(Infinity) });
    task('due', { node: 'slow-1', deadline: new Deadline(30_000), graceSeconds: 30 });
    await clock.advance(0);
    expect(looks).toContain('plain@5000');
    expect(looks).toContain('due@5000');
  });

  it('has more under way for a node that is answered quickly', async () => {
    const { clock, queue, task } = setUp();
    for (let index = 0; index < 200; index += 1) task(`pod-${index}`, { deadline: new Deadline(1e9) });
    await clock.advance(50);
    expect(queue.inFlight).toBe(8);
    await clock.advance(200);
    expect(queue.inFlight).toBe(16);
  });

  describe('of a thousand nodes', () => {
    const put = ({ task }: ReturnType<typeof setUp>, look?: () => NextLook) => {
      for (let index = 0; index < 8000; index += 1)
        task(`pod-${index}`, { node: `node-${index % 1000}`, deadline: new Deadline(1e9), ...(look && { look }) });
    };

    it('has a few requests under way, and one more after each round of answers, up to its concurrency', async () => {
      const set = setUp();
      put(set);
      await set.clock.advance(50);
      expect(set.queue.inFlight).toBe(32);
      await set.clock.advance(1000);
      expect(set.queue.inFlight).toBeGreaterThanOrEqual(41);
      expect(set.queue.inFlight).toBeLessThanOrEqual(43);
      await set.clock.advance(7000);
      expect(set.queue.inFlight).toBe(100);
    });

    it('has half as many when the server has no seat for some, once for all that were under way, and not fewer than four', async () => {
      const set = setUp();
      let seats = 8;
      let most = 0;
      put(set, () => (set.queue.inFlight > seats ? { next: 'pause', afterMs: 1 } : { next: 'done' }));
      await set.clock.advance(150);
      expect(set.queue.inFlight).toBe(16);
      for (let index = 0; index < 50; index += 1) {
        await set.clock.advance(100);
        most = Math.max(most, set.queue.inFlight);
      }
      expect(most).toBeLessThanOrEqual(16);
      seats = 0;
      await set.clock.advance(5000);
      expect(set.queue.inFlight).toBeLessThanOrEqual(4);
    });
  });

  it('looks at once at a pod that is woken, and at none that it does not know', async () => {
    const { clock, queue, looks, task } = setUp();
    const answers: NextLook[] = [{ next: 'again', afterMs: 49_900 }, { next: 'done' }];
    task('a', { look: () => answers.shift()! });
    await clock.advance(1000);
    queue.wake('a');
    queue.wake('b');
    await clock.advance(60_000);
    expect(looks).toEqual(['a@0', 'a@1000']);
  });

  it('leaves nothing behind on a signal and a deadline that outlive their pods', async () => {
    const clock = new VirtualClock({ startMs: 0, turns: 1 });
    const queue = createEvictionQueue({ clock });
    const { signal } = new AbortController();
    const deadline = new Deadline(60_000);
    const followers = countFollowers(deadline);
    for (let index = 0; index < 5000; index += 1) {
      let left = index % 3;
      const look = (): Promise<NextLook> => {
        left -= 1;
        return Promise.resolve(left < 0 ? { next: 'done' } : { next: 'again', afterMs: 10 });
      };
      queue.add({ uid: `pod-${index}`, node: 'node-1', deadline, leadMs: 30_000, signal, look });
    }
    expect([listenersOn(signal), followers()]).toEqual([5000, 5000]);
    await clock.advance(10_000);
    expect([listenersOn(signal), followers(), clock.timers]).toEqual([0, 0, 0]);
  });

  it('does no more for a pod among two hundred nodes than among fifty', async () => {
    const costOfPod = async (nodes: number): Promise<number> => {
      let reads = 0;
      class CountingDeadline extends Deadline {
        override get atMs(): number {
          reads += 1;
          return super.atMs;
        }
      }
      const { clock, queue, task } = setUp(10);
      for (let index = 0; index < nodes * 10; index += 1) {
        const answers: NextLook[] = [{ next: 'again', afterMs: 5000 }];
        const look = (): NextLook => answers.shift() ?? { next: 'done' };
        task(`pod-${index}`, { look, node: `node-${index % nodes}`, deadline: new CountingDeadline(1e9 + index) });
        if (index % 3 === 0) queue.wake(`pod-${index}`);
      }
      await clock.advance(300_000);
      expect([queue.waiting, queue.inFlight]).toEqual([0, 0]);
      return reads / nodes / 10;
    };
    expect(await costOfPod(200)).toBeLessThanOrEqual((await costOfPod(50)) * 1.1);
  });

  it('refuses a concurrency that is none', () => {
    expect(() => createEvictionQueue({ concurrency: 0 })).toThrow('concurrency: must be at least 1');
  });
});
