import { Deadline, sleep } from '@node-termination-handler/clock';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ApiCall } from '../../connection/client.ts';
import { KubernetesApiError, KubernetesConnectionError } from '../../connection/errors.ts';
import type { Hold } from '../hold.ts';
import { NONE_ENDED } from '../progress.ts';
import type { PodEnding } from '../progress.ts';
import { countFollowers, isDeletion, isEviction, setUp } from '../../testing/drain-set-up.ts';
import { budgetRefusal, deniedBy, hang, missingRight, notFound, refusal } from '../../testing/scripted-cluster.ts';

const graceOf = ({ body }: ApiCall) => (body as { gracePeriodSeconds?: number }).gracePeriodSeconds;

/** As what a pod counts that was deleted past a hold. */
const PAST: Readonly<Record<Hold['kind'], PodEnding>> = {
  budget: 'deleted-past-budget',
  webhook: 'deleted-past-admission',
  policy: 'deleted-past-admission',
  role: 'deleted-past-fault',
  fault: 'deleted-past-fault',
  rule: 'deleted-past-fault',
};

describe('a pod whose eviction is refused', () => {
  const cause = { details: { causes: [{ reason: 'DisruptionBudget', message: 'no' }] } };
  it.each<[string, (call: ApiCall) => Error, Hold]>([
    ['400 of a webhook', deniedBy('w', 400), { kind: 'webhook', name: 'w' }],
    ['403 of a webhook', deniedBy('w', 403, { reason: 'Forbidden' }), { kind: 'webhook', name: 'w' }],
    ['404 of a webhook', deniedBy('w', 404, { reason: 'NotFound' }), { kind: 'webhook', name: 'w' }],
    ['409 of a webhook', deniedBy('w', 409, { reason: 'Conflict' }), { kind: 'webhook', name: 'w' }],
    ['422 of a webhook', deniedBy('w', 422), { kind: 'webhook', name: 'w' }],
    ['429 of a webhook', deniedBy('w', 429), { kind: 'webhook', name: 'w' }],
    ['429 of a webhook with a budget’s cause', deniedBy('w', 429, cause), { kind: 'webhook', name: 'w' }],
    ['500 of a webhook', deniedBy('w', 500), { kind: 'webhook', name: 'w' }],
    ['503 of a webhook', deniedBy('w', 503), { kind: 'webhook', name: 'w' }],
    ['403 of the authorizer', missingRight, { kind: 'role' }],
    ['429 of a budget', budgetRefusal, { kind: 'budget', name: 'web' }],
    ['429 of flow control', (call) => refusal(call, 429, { message: 'slow down' }), { kind: 'fault' }],
    ['401', (call) => refusal(call, 401, { message: 'Unauthorized' }), { kind: 'fault' }],
    ['404', notFound, { kind: 'fault' }],
    ['409', (call) => refusal(call, 409, { message: 'again' }), { kind: 'fault' }],
    ['422', (call) => refusal(call, 422, { message: 'no' }), { kind: 'fault' }],
    ['503', (call) => refusal(call, 503, { message: 'etcd' }), { kind: 'fault' }],
    ['a reset', () => new KubernetesConnectionError('reset'), { kind: 'fault' }],
  ])('by %s is asked again, then deleted with its remaining grace, and alone', async (_, answer, heldBy) => {
    const { cluster, clock, drain, deadlineIn } = setUp();
    const start = clock.now();
    cluster.addPod({ name: 'held', graceSeconds: 30 });
    cluster.addPod({ name: 'free' });
    cluster.script((call) => isEviction(call) && call.name === 'held', answer);
    const { finished, of } = await drain({ deadline: deadlineIn(120), onDeadline: 'deadline' });
    const past = PAST[heldBy.kind];
    expect(finished).toMatchObject({ outcome: 'drained', ended: { evicted: 1, [past]: 1 } });
    expect(of('gone').find(({ pod }) => pod.name === 'held')).toMatchObject({ ending: past });
    expect(of('gone')[0]).toMatchObject({ pod: { name: 'free' }, at: new Date(start + 100) });
    const tries = of('evicting').filter(({ pod, how }) => pod.name === 'held' && how === 'evict');
    expect(tries.length).toBeGreaterThan(4);
    expect(tries.slice(0, -1).every(({ graceSeconds }) => graceSeconds === undefined)).toBe(true);
    const [deleted] = of('deleted');
    expect(deleted).toMatchObject({ reason: 'deadline', graceSeconds: 29, heldBy });
    expect(deleted!.at.getTime() - start).toBeGreaterThan(88_000);
    expect(deleted!.at.getTime() - start).toBeLessThan(89_000);
  });

  it('by a webhook that hangs is deleted in time; its name is waited for while there is time', async () => {
    const { cluster, clock, drain, deadlineIn } = setUp();
    const start = clock.now();
    cluster.addPod({ graceSeconds: 30 });
    cluster.script(isEviction, hang(clock));
    const { finished, of } = await drain({ deadline: deadlineIn(120), onDeadline: 'deadline' });
    expect(finished).toMatchObject({ outcome: 'drained', ended: { 'deleted-past-fault': 1 } });
    expect(cluster.calls.find(isEviction)?.deadlineMs).toBeGreaterThan(30_000);
    expect(of('deleted')[0]!.at.getTime() - start).toBeLessThan(91_000);
    expect(of('deleted')[0]!.graceSeconds).toBeGreaterThanOrEqual(27);
  });

  it('is asked again soon when there was no answer yet and the end comes nearer', async () => {
    const { cluster, clock, drain } = setUp();
    const start = clock.now();
    cluster.addPod({ graceSeconds: 30 });
    cluster.script(isEviction, hang(clock), 1);
    const deadline = new Deadline(Infinity);
    const followers = countFollowers(deadline);
    void sleep(clock, 3000).then(() => deadline.moveTo(start + 25_000));
    const { finished, of } = await drain({ deadline, onDeadline: 'deadline' });
    expect(finished).toMatchObject({ outcome: 'drained', ended: { hurried: 1 } });
    expect(of('evicted')[0]!.at.getTime() - start).toBeLessThan(6000);
    expect(followers()).toBe(0);
  });

  it('is asked with pauses that grow to half a minute, and no longer', async () => {
    const { cluster, drain } = setUp();
    cluster.addPod({ name: 'budget' });
    cluster.addPod({ name: 'webhook' });
    cluster.script((call) => isEviction(call) && call.name === 'budget', budgetRefusal, 40);
    cluster.script((call) => isEviction(call) && call.name === 'webhook', deniedBy('w', 403), 40);
    const { finished, of } = await drain({ deadline: new Deadline(Infinity), onDeadline: 'deadline' });
    expect(finished).toMatchObject({ outcome: 'drained', ended: { evicted: 2 } });
    for (const [name, firstMs] of [
      ['budget', 500],
      ['webhook', 1000],
    ] as const) {
      const pauses = of('blocked')
        .filter(({ pod }) => pod.name === name)
        .map(({ at, until }) => Number(until) - Number(at));
      expect(pauses[0]).toBeLessThanOrEqual(firstMs * 1.2);
      expect(pauses.at(-1)).toBeGreaterThanOrEqual(24_000);
      expect(Math.max(...pauses)).toBeLessThanOrEqual(36_000);
    }
  });

  it('once for want of a right goes within seconds', async () => {
    const { cluster, drain } = setUp();
    cluster.addPod({ name: 'once' });
    cluster.addPod({ name: 'slow', endsAfterMs: 20_000 });
    cluster.script((call) => isEviction(call) && call.name === 'once', missingRight, 1);
    const { of } = await drain();
    const [started] = of('planned');
    const gone = of('gone').find(({ pod }) => pod.name === 'once')!;
    expect(gone.at.getTime() - started!.at.getTime()).toBeLessThan(2000);
  });

  it('because the token is old is asked again at once', async () => {
    const { cluster, drain } = setUp();
    cluster.addPod();
    cluster.script(isEviction, (call) => refusal(call, 401, { message: 'Unauthorized' }), 1);
    expect((await drain()).finished).toMatchObject({ outcome: 'drained', durationMs: 100 });
  });

  it('is advised what would let it go, by what holds it', async () => {
    const { cluster, drain } = setUp();
    cluster.addPod({ name: 'unready' });
    cluster.addPod({ name: 'ready' });
    cluster.changePod('uid-of-ready', ({ status }) => (status!.conditions = [{ type: 'Ready', status: 'True' }]));
    cluster.addPod({ name: 'denied' });
    cluster.script((call) => isEviction(call) && call.name === 'denied', deniedBy('w', 403), 1);
    cluster.script((call) => isEviction(call) && call.name !== 'denied', budgetRefusal, 2);
    const { of } = await drain();
    const advice = Object.fromEntries(of('blocked').map((blocked) => [blocked.pod.name, blocked.advice]));
    expect(advice.unready).toContain('AlwaysAllow');
    expect(advice.ready).toContain('more replicas');
    expect(advice.denied).toContain('exempt evictions by this program from the webhook');
  });
});

describe('who asks to wait an hour', () => {
  it('is asked again in seconds', async () => {
    const { cluster, drain } = setUp();
    cluster.addPod({ name: 'budget' });
    cluster.addPod({ name: 'webhook' });
    const details = { causes: [{ reason: 'DisruptionBudget', message: 'no' }], retryAfterSeconds: 3600 };
    const inAnHour = (call: ApiCall) => refusal(call, 429, { details });
    cluster.script((call) => isEviction(call) && call.name === 'budget', inAnHour, 1);
    cluster.script((call) => isEviction(call) && call.name === 'webhook', deniedBy('w', 429, { details }), 1);
    const { finished } = await drain({ deadline: new Deadline(Infinity) });
    expect(finished).toMatchObject({ outcome: 'drained', ended: { evicted: 2 } });
    expect(finished.durationMs).toBeLessThan(6000);
  });
});

describe('flow control', () => {
  it('that asks to wait a minute costs no drain more than seconds', async () => {
    const { cluster, drain } = setUp();
    for (let index = 0; index < 20; index += 1) cluster.addPod({ name: `web-${index}` });
    cluster.script(isEviction, (call) => new KubernetesApiError(call, 429, { message: 'too many' }, 60), 3);
    const { finished } = await drain();
    expect(finished).toMatchObject({ outcome: 'drained', ended: { evicted: 20 } });
    expect(finished.durationMs).toBeLessThan(6000);
  });
});

describe('an eviction that was accepted', () => {
  it('and of which nothing came is asked for again', async () => {
    const { cluster, drain } = setUp();
    cluster.addPod();
    cluster.script(isEviction, () => ({ status: 'Success' }), 2);
    const { finished, of } = await drain();
    expect(finished).toMatchObject({ outcome: 'drained', ended: { evicted: 1 } });
    expect(of('evicting')).toHaveLength(3);
    expect(of('retrying')[0]!.message).toContain('not being ended');
  });

  it('and of which nothing comes before the end is followed by a deletion in time', async () => {
    const { cluster, drain, deadlineIn } = setUp();
    cluster.addPod({ graceSeconds: 10 });
    cluster.script(isEviction, () => ({ status: 'Success' }));
    const { finished } = await drain({ deadline: deadlineIn(60), onDeadline: 'deadline' });
    expect(finished).toMatchObject({ outcome: 'drained', podsLeft: 0 });
    expect(cluster.calls.some(isDeletion)).toBe(true);
  });

  it('but whose answer was lost is not asked for twice', async () => {
    const { cluster, drain } = setUp();
    cluster.addPod({ endsAfterMs: 20_000 });
    cluster.script(
      isEviction,
      (call) => {
        cluster.changePod(`uid-of-${call.name}`, ({ metadata }) => {
          metadata!.deletionTimestamp = '2099-01-01T00:00:00Z';
          metadata!.deletionGracePeriodSeconds = 30;
        });
        void Promise.resolve().then(() => cluster.dropWatches());
        return new KubernetesConnectionError('reset');
      },
      1,
    );
    const { of } = await drain({}, ({ type }) => {
      if (type === 'retrying') cluster.removePod('uid-of-web-1');
    });
    expect(of('evicting')).toHaveLength(1);
  });
});

describe('a namespace that is being deleted', () => {
  it('has its pods deleted with their grace, also where budgets are respected', async () => {
    const { cluster, drain } = setUp();
    cluster.addPod();
    const details = { causes: [{ reason: 'NamespaceTerminating' }] };
    cluster.script(isEviction, (call) =>
      refusal(call, 403, { reason: 'Forbidden', message: 'being terminated', details }),
    );
    const { finished, of } = await drain({ deadline: new Deadline(Infinity) });
    expect(finished).toMatchObject({ outcome: 'drained', ended: { ...NONE_ENDED, 'with-namespace': 1 } });
    expect(of('deleted')[0]).toMatchObject({ reason: 'namespace-terminating' });
    expect(graceOf(cluster.calls.find(isDeletion)!)).toBeUndefined();
  });
});

describe('a pod whose seconds are short', () => {
  it('and whose deletion is refused as well is asked to the end, by turns, and never with no grace', async () => {
    const { cluster, clock, drain, deadlineIn } = setUp();
    const start = clock.now();
    cluster.addPod({ graceSeconds: 10 });
    cluster.script((call) => isEviction(call) || isDeletion(call), deniedBy('w', 403));
    const { finished, of } = await drain({ deadline: deadlineIn(30), onDeadline: 'deadline' });
    expect(finished).toMatchObject({ reason: 'deadline', podsLeft: 1, ended: NONE_ENDED });
    expect(finished.message).toContain('admission webhook "w"');
    const hurried = of('evicting').filter(({ graceSeconds }) => graceSeconds !== undefined);
    expect(hurried.map(({ how }) => how)).toEqual(hurried.map((_, index) => (index % 2 === 0 ? 'evict' : 'delete')));
    const deletions = hurried.filter(({ how }) => how === 'delete').map(({ at }) => at.getTime() - start);
    expect(deletions[0]).toBeLessThan(18_100);
    expect(deletions.at(-1)).toBeGreaterThan(27_900);
    deletions.slice(1).forEach((at, index) => {
      expect(at - deletions[index]!).toBeGreaterThanOrEqual(1000);
      expect(at - deletions[index]!).toBeLessThanOrEqual(2000);
    });
    expect(Math.min(...hurried.map(({ graceSeconds }) => graceSeconds!))).toBe(1);
  });

  it('is never given no grace, whatever it was told or has of its own', async () => {
    const { cluster, drain } = setUp();
    cluster.addPod({ name: 'own', graceSeconds: 0 });
    await drain();
    cluster.addPod({ name: 'told' });
    await drain({ podGracePeriodSeconds: 0 });
    const graces = cluster.calls
      .filter(isEviction)
      .map(({ body }) => (body as { deleteOptions: object }).deleteOptions);
    expect(graces).toMatchObject([{ gracePeriodSeconds: 1 }, { gracePeriodSeconds: 1 }]);
  });

  it('is evicted with what remains where that is allowed, and counted so', async () => {
    const { cluster, drain, deadlineIn } = setUp();
    cluster.addPod({ graceSeconds: 600 });
    const { finished, of } = await drain({ deadline: deadlineIn(60), onDeadline: 'deadline' });
    expect(finished.ended).toEqual({ ...NONE_ENDED, hurried: 1 });
    expect(of('evicted')[0]).toMatchObject({ hurried: true, graceSeconds: 58 });
  });
});

describe('whatever is refused, whenever the deadline moves', () => {
  const answers = {
    accepts: () => undefined,
    budget: budgetRefusal,
    webhook: deniedBy('w', 403),
    flow: (call: ApiCall) => new KubernetesApiError(call, 429, { message: 'slow' }, 60),
    role: missingRight,
    reset: () => new KubernetesConnectionError('reset'),
    nothing: () => ({ status: 'Success' }),
  };
  const anyAnswer = fc.constantFrom(...(Object.keys(answers) as (keyof typeof answers)[]));

  it('no pod is deleted that something holds, unless a finite deadline is nearer than its grace and margin', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          pods: fc.array(
            fc.record({
              grace: fc.integer({ min: 0, max: 90 }),
              says: fc.array(anyAnswer, { minLength: 1, maxLength: 6 }),
            }),
            { minLength: 1, maxLength: 4 },
          ),
          deletions: fc.array(anyAnswer, { maxLength: 6 }),
          first: fc.option(fc.integer({ min: 5, max: 300 }), { nil: Infinity }),
          moves: fc.array(
            fc.record({
              at: fc.integer({ min: 1, max: 200 }),
              to: fc.option(fc.integer({ min: 1, max: 400 }), { nil: Infinity }),
            }),
            { maxLength: 3 },
          ),
          onDeadline: fc.constantFrom('respect', 'deadline'),
        }),
        async ({ pods, deletions, first, moves, onDeadline }) => {
          const { cluster, clock, drain } = setUp();
          const start = clock.now();
          const deadline = new Deadline(start + first * 1000);
          const graces = new Map(pods.map(({ grace }, index) => [`pod-${index}`, grace]));
          pods.forEach(({ grace, says }, index) => {
            cluster.addPod({ name: `pod-${index}`, graceSeconds: grace });
            const left = [...says];
            cluster.script(
              (call) => isEviction(call) && call.name === `pod-${index}`,
              // The last answer stays.
              (call) => answers[left.length > 1 ? left.shift()! : left[0]!](call),
            );
          });
          const deletionsLeft = [...deletions];
          const wrong: unknown[] = [];
          cluster.script(isDeletion, (call) => {
            const grace = Math.max(1, graces.get(call.name!)!);
            const isGoing = cluster.pods.get(`uid-of-${call.name}`)?.metadata?.deletionTimestamp !== undefined;
            const isInTime = isGoing || clock.now() > deadline.atMs - 2000 - grace * 1000;
            const isRight =
              onDeadline === 'deadline' && deadline.atMs < Infinity && (graceOf(call) ?? 0) >= 1 && isInTime;
            // An error that is thrown here would be one of the server's answers.
            if (!isRight) wrong.push({ call, at: clock.now() - start, deadline: deadline.atMs - start, onDeadline });
            return answers[deletionsLeft.shift() ?? 'accepts'](call);
          });
          const stop = new AbortController();
          for (const { at, to } of moves) void sleep(clock, at * 1000).then(() => deadline.moveTo(start + to * 1000));
          void sleep(clock, 600_000).then(() => stop.abort());
          const { finished } = await drain({ deadline, onDeadline, signal: stop.signal });
          expect(wrong).toEqual([]);
          const { ended, podsLeft } = finished;
          const done = Object.values(ended).reduce((sum, count) => sum + count);
          expect(done + podsLeft).toBeGreaterThanOrEqual(pods.length);
          expect(done).toBeLessThanOrEqual(pods.length);
        },
      ),
      { numRuns: 60 },
    );
  });
});
