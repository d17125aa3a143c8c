import { sleep } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EntryKey } from '../record/entry.ts';
import { emptyBook, holderName, incarnation, seeClaim, whoseTurn } from '../record/claims.ts';
import type { Self } from '../record/claims.ts';
import { LeaseServer } from '../testing/lease-server.ts';
import { beatAnnotation, serialiseBeat } from './beat-annotation.ts';
import { watchBeats } from './beats.ts';
import type { BeatsOfRelease } from './beats.ts';

function process(pod: string, random: string): Self {
  return { holder: holderName('kube-system', pod), incarnation: incarnation(random), lease: 'nth' };
}

const me = process('nth-queue-processor-a', 'one');
const other = process('nth-queue-processor-b', 'two');
const [ownKey, otherKey] = [beatAnnotation(me.holder), beatAnnotation(other.holder)];
const hour = 3_600_000;

let clock: VirtualClock;
let server: LeaseServer;
let opened: AsyncDisposableStack;
beforeEach(() => {
  clock = new VirtualClock();
  server = new LeaseServer(clock);
  opened = new AsyncDisposableStack();
});
afterEach(async () => {
  await clock.run(opened.disposeAsync());
  expect([clock.timers, server.watches]).toEqual([0, 0]);
});

function watch(self = me, time: Clock = clock) {
  const told = { troubles: [] as unknown[], changes: 0, replaced: 0 };
  const beats = opened.use(
    watchBeats({
      client: server,
      namespace: 'kube-system',
      lease: 'nth',
      self,
      clock: time,
      onTrouble: (error) => told.troubles.push(error),
      onReplaced: () => (told.replaced += 1),
    }),
  );
  beats.onChange(() => (told.changes += 1));
  return { beats, told };
}

/** Another replica beats every 5 s for so long. */
async function letOtherBeat(forMs: number, self = other): Promise<void> {
  for (let count = 1; count * 5_000 <= forMs; count += 1) {
    server.write({ [beatAnnotation(self.holder)]: serialiseBeat(self, count) });
    await clock.advance(5_000);
  }
}

function isReadable({ beats }: BeatsOfRelease): boolean {
  return beats.readableSince !== undefined;
}

describe('a process that holds no claims', () => {
  it('writes nothing, and reads by one watch and a look whenever nothing is heard of the Lease for 6 s', async () => {
    const { beats, told } = watch();
    await clock.advance(60_000);
    expect(isReadable(beats)).toBe(true);
    expect([server.count('patch'), server.count('list'), server.watches]).toEqual([0, 0, 1]);
    expect(server.count('get')).toBe(10);
    expect(server.watched[0]).toMatchObject({
      group: 'coordination.k8s.io',
      resource: 'leases',
      namespace: 'kube-system',
      fieldSelector: 'metadata.name=nth',
    });
    expect(told).toEqual({ troubles: [], changes: 1, replaced: 0 });
  });

  it('needs no look while others beat', async () => {
    const { beats, told } = watch();
    await clock.advance(0);
    await letOtherBeat(60_000);
    expect(server.count('get')).toBe(0);
    expect(beats.beats.seen.get(other.holder)).toMatchObject({ incarnation: 'two', count: 12, changedAt: 55_000 });
    expect(told.changes).toBe(13);
  });
});

describe('a process that holds claims', () => {
  it('beats at once and every 5 s in its own annotation, and takes it off at the end', async () => {
    server.write({ note: 'of somebody else' });
    const { beats, told } = watch();
    await clock.advance(0);
    await clock.run(beats.hold(true));
    expect(server.annotations).toEqual({ note: 'of somebody else', [ownKey]: serialiseBeat(me, 1) });
    await clock.advance(60_000);
    expect(server.count('patch')).toBe(13);
    expect(server.count('get')).toBe(0);
    expect(beats.beats.seen.get(me.holder)?.count).toBe(13);
    await clock.run(beats.hold(false));
    await clock.advance(60_000);
    expect(server.annotations).toEqual({ note: 'of somebody else' });
    expect(server.count('patch')).toBe(14);
    expect(server.calls.find(({ verb }) => verb === 'patch')).toEqual({
      group: 'coordination.k8s.io',
      resource: 'leases',
      namespace: 'kube-system',
      name: 'nth',
      verb: 'patch',
      patchType: 'merge',
      body: { metadata: { annotations: { [ownKey]: serialiseBeat(me, 1) } } },
      retry: true,
      deadlineMs: 5_000,
    });
    // Its own beats are no news.
    expect(told.changes).toBe(1);
  });

  it('writes once however often it is told so, and in the end what was said last', async () => {
    const { beats } = watch();
    await clock.run(Promise.all([beats.hold(true), beats.hold(true), beats.hold(false), beats.hold(false)]));
    expect(server.count('patch')).toBe(2);
    expect(server.annotations).toEqual({});
  });

  it('goes on after a beat that failed, and says so', async () => {
    const { beats, told } = watch();
    server.refuses.patch = 500;
    await clock.run(beats.hold(true));
    expect(told.troubles).toEqual([expect.objectContaining({ status: 500 })]);
    delete server.refuses.patch;
    await clock.advance(5_000);
    expect(server.annotations).toEqual({ [ownKey]: serialiseBeat(me, 2) });
  });

  it('takes its beat off when it is disposed, and beats no more', async () => {
    const { beats } = watch();
    await clock.run(beats.hold(true));
    await beats[Symbol.asyncDispose]();
    expect(server.annotations).toEqual({});
    const { length } = server.calls;
    await beats.hold(true);
    await clock.advance(60_000);
    expect(server.calls).toHaveLength(length);
  });

  it('removes what pods that are gone for an hour have left, and only that', async () => {
    const gone = process('nth-queue-processor-gone', 'three');
    server.write({ [beatAnnotation(gone.holder)]: serialiseBeat(gone, 7), note: 'of somebody else' });
    const { beats } = watch();
    await clock.advance(hour / 2);
    server.write({ [otherKey]: serialiseBeat(other, 1) });
    await clock.advance(hour / 2 - 5_000);
    await clock.run(beats.hold(true));
    expect(Object.keys(server.annotations)).toContain(beatAnnotation(gone.holder));
    await clock.advance(10_000);
    expect(Object.keys(server.annotations).sort()).toEqual([ownKey, otherKey, 'note'].sort());
    expect(beats.beats.seen.has(gone.holder)).toBe(false);
  });

  it('removes nothing that it could not read for an hour', async () => {
    server.write({ [otherKey]: serialiseBeat(other, 7) });
    const { beats } = watch();
    await clock.advance(0);
    Object.assign(server.refuses, { get: 500, list: 500, watch: 500 });
    server.muteWatches(true);
    await clock.advance(hour);
    Object.assign(server.refuses, { get: undefined, list: undefined, watch: undefined });
    await clock.advance(75_000);
    expect(isReadable(beats)).toBe(true);
    await clock.run(beats.hold(true));
    expect(server.annotations).toHaveProperty([otherKey]);
  });
});

describe('a Lease that cannot be read', () => {
  it('is unreadable after 10 s, and is readable anew, as from now, when it can again', async () => {
    const { beats, told } = watch();
    await clock.advance(0);
    server.muteWatches(true);
    server.refuses.get = 503;
    await clock.advance(9_000);
    expect(isReadable(beats)).toBe(true);
    await clock.advance(1_000);
    expect(isReadable(beats)).toBe(false);
    expect(told.changes).toBe(2);
    expect(told.troubles[0]).toMatchObject({ status: 503 });
    server.muteWatches(false);
    await clock.advance(50_000);
    server.write({ [otherKey]: serialiseBeat(other, 1) });
    await clock.advance(0);
    expect(beats.beats).toMatchObject({ readableSince: 60_000 });
    expect(told.changes).toBe(3);
  });

  it('is unreadable also when reads hang', async () => {
    const { beats } = watch();
    await clock.advance(0);
    server.muteWatches(true);
    server.refuses.get = 'silence';
    await clock.advance(10_000);
    expect(isReadable(beats)).toBe(false);
  });

  it('is read all the same while only the watch is dead', async () => {
    const { beats } = watch();
    await clock.advance(0);
    server.muteWatches(true);
    await letOtherBeat(60_000);
    expect(isReadable(beats)).toBe(true);
    expect(clock.monotonic() - (beats.beats.seen.get(other.holder)?.changedAt ?? 0)).toBeLessThanOrEqual(10_000);
    server.muteWatches(false);
  });

  it.each([
    ['forbidden', 403],
    ['not there', 404],
  ])('is asked for less and less often while it is %s, and seen when it comes', async (_what, status) => {
    if (status === 404) server.remove();
    else Object.assign(server.refuses, { get: status, list: status, patch: status });
    const { beats, told } = watch();
    await clock.run(beats.hold(true));
    await clock.run(beats.hold(false));
    await clock.advance(hour);
    expect(isReadable(beats)).toBe(false);
    expect(server.count('get')).toBeLessThan(90);
    expect(told.troubles[0]).toMatchObject({ status });
    Object.assign(server.refuses, { get: undefined, list: undefined });
    server.write({});
    await clock.advance(75_000);
    expect(isReadable(beats)).toBe(true);
  });

  it('is heard of by a bookmark, and known by it to nobody who could not read it', async () => {
    const { beats } = watch();
    await clock.advance(0);
    server.refuses.get = 503;
    const tick = async () => {
      server.bookmark();
      await clock.advance(5_000);
    };
    for (let count = 0; count < 12; count += 1) await tick();
    expect([isReadable(beats), server.count('get')]).toEqual([true, 0]);
    server.muteWatches(true);
    await clock.advance(10_000);
    delete server.refuses.get;
    server.muteWatches(false);
    for (let count = 0; count < 3; count += 1) await tick();
    expect(isReadable(beats)).toBe(true);
  });

  it('is read anew when its store was put back to an older day', async () => {
    const { beats } = watch();
    await clock.advance(0);
    server.restore();
    await clock.advance(30_000);
    server.write({ [otherKey]: serialiseBeat(other, 1) });
    await clock.advance(10_000);
    expect(isReadable(beats)).toBe(true);
    expect(beats.beats.seen.has(other.holder)).toBe(true);
    expect(server.count('get')).toBeLessThan(10);
  });

  it('is known for unreadable at once by a process that was stopped for a while, before its timers ring', async () => {
    let stoppedMs = 0;
    const { beats, told } = watch(me, {
      now: () => clock.now(),
      monotonic: () => clock.monotonic() + stoppedMs,
      startTimer: (afterMs, onRing) => clock.startTimer(afterMs, onRing),
    });
    await clock.advance(0);
    stoppedMs = 10_000;
    expect([isReadable(beats), told.changes]).toEqual([false, 2]);
    await clock.advance(10_000);
    expect(isReadable(beats)).toBe(true);
  });
});

describe('what stands in the Lease', () => {
  it('counts only where its holder would have written it', async () => {
    const beat = serialiseBeat(other, 1);
    server.write({
      [otherKey]: beat,
      [`${otherKey}-2`]: beat,
      'beat.aws-node-termination-handler/c': '{"holder":"kube-system/c","incarnation":"x","count":-1}',
      'beat.aws-node-termination-handler/d': '{"holder":"kube-system/d","incarnation":"<script>","count":1}',
      'beat.aws-node-termination-handler/e': 'no JSON',
      'beat.aws-node-termination-handler/f': `{"holder":"kube-system/f","incarnation":"x","count":1,"a":"${'a'.repeat(2000)}"}`,
      'example.com/nth-queue-processor-b': beat,
    });
    const { beats } = watch();
    await clock.advance(0);
    expect([...beats.beats.seen.keys()]).toEqual([other.holder]);
  });

  it('is looked at up to a thousand beats', async () => {
    const many = Array.from({ length: 1_500 }, (_, index) => process(`pod-${index}`, 'x'));
    server.write(Object.fromEntries(many.map((self) => [beatAnnotation(self.holder), serialiseBeat(self, 1)])));
    const { beats } = watch();
    await clock.advance(0);
    expect(beats.beats.seen.size).toBe(1_000);
  });
});

describe('two processes of one name', () => {
  it('are the one that came later: the other stops, and says so once', async () => {
    const first = watch();
    await clock.run(first.beats.hold(true));
    const second = watch(process('nth-queue-processor-a', 'later'));
    await clock.advance(2_000);
    await clock.run(second.beats.hold(true));
    await clock.advance(0);
    expect(first.told).toMatchObject({ replaced: 1 });
    expect([first.beats.beats.isReplaced, second.beats.beats.isReplaced]).toEqual([true, false]);
    await clock.run(first.beats.hold(true));
    await clock.advance(60_000);
    expect([first.told.replaced, second.told.replaced]).toEqual([1, 0]);
    expect(beatOf(ownKey)).toMatchObject({ incarnation: 'later', count: 13 });
    await first.beats[Symbol.asyncDispose]();
    expect(server.annotations).toHaveProperty([ownKey]);
  });

  it('are not seen where a late watch tells of the beats from before a restart', async () => {
    server.write({ [ownKey]: serialiseBeat(process('nth-queue-processor-a', 'before'), 9) });
    const { beats, told } = watch();
    await clock.advance(0);
    server.muteWatches(true);
    server.write({ [otherKey]: serialiseBeat(other, 1) });
    await clock.run(beats.hold(true));
    server.muteWatches(false);
    await clock.advance(60_000);
    expect(told.replaced).toBe(0);
    expect(beatOf(ownKey)).toMatchObject({ incarnation: 'one', count: 13 });
  });
});

describe('the claims of another', () => {
  it('are theirs while they beat, and ours within 20 s of their death', async () => {
    const { beats } = watch();
    await clock.advance(0);
    let book = emptyBook(clock.monotonic());
    const key = 'spot' as EntryKey;
    const turn = () => {
      book = seeClaim(book, other, new Set([key]), me, clock.monotonic());
      return whoseTurn(book, beats.beats, { key, isOwnNotice: true, msLeft: 60_000 }, me, clock.monotonic()).turn;
    };
    const dying = watch(other);
    await clock.run(dying.beats.hold(true));
    for (let look = 0; look < 60; look += 1) {
      expect(turn().turn).toBe('theirs');
      await clock.advance(1_000);
    }
    server.muteWatches(true);
    server.refuses.patch = 'silence';
    const diedAtMs = clock.monotonic();
    while (turn().turn === 'theirs') await clock.run(sleep(clock, 1_000));
    expect(turn()).toMatchObject({ turn: 'ours', because: 'silent' });
    expect(clock.monotonic() - diedAtMs).toBeLessThanOrEqual(20_000);
    delete server.refuses.patch;
  });
});

describe('the annotation of a holder', () => {
  it('is named after its pod', () => {
    expect(ownKey).toBe('beat.aws-node-termination-handler/nth-queue-processor-a');
  });

  it.each([
    'p'.repeat(64),
    `${'p'.repeat(200)}.example`,
    'a pod',
    '-',
    '',
    'ä'.repeat(100),
    `${'p'.repeat(45)}-${'q'.repeat(80)}`,
  ])('is a name that Kubernetes takes, and no other pod has: %j', (pod) => {
    const [key, next] = [beatAnnotation(holderName('n', pod)), beatAnnotation(holderName('n', `${pod}1`))];
    expect(key).toMatch(/^beat\.aws-node-termination-handler\/[a-z0-9][-.a-z0-9]{0,61}[a-z0-9]$/);
    expect(key).not.toBe(next);
  });
});

function beatOf(key: string): unknown {
  return JSON.parse(server.annotations[key] ?? 'null');
}
