import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { describe, expect, it } from 'vitest';
import { createHealth } from './health.ts';

function healthAt() {
  const clock = new VirtualClock();
  return { clock, health: createHealth({ clock }) };
}

describe('health', () => {
  it('is not ready before anything is expected, but alive', () => {
    expect(createHealth().status()).toEqual({ alive: true, ready: false, checks: [] });
  });

  it('needs to have seen a dependency once, and is alive whatever that does', async () => {
    const { clock, health } = healthAt();
    const poll = health.dependency('imds poll', { withinMs: 100 });
    await clock.advance(100);
    expect(health.status()).toMatchObject({ alive: true, ready: false });
    await clock.advance(1);
    expect(health.status()).toMatchObject({ alive: true, ready: false });
    poll.succeeded();
    expect(health.status()).toMatchObject({ alive: true, ready: true });
  });

  it('is ready no more when a dependency that was there is gone', async () => {
    const { clock, health } = healthAt();
    const poll = health.dependency('imds poll', { withinMs: 100 });
    poll.succeeded();
    await clock.advance(101);
    const check = { name: 'imds poll', of: 'dependency', well: false, lastSuccessAgoMs: 101, withinMs: 100 };
    expect(health.status()).toEqual({ alive: true, ready: false, checks: [{ ...check, reason: undefined }] });
  });

  it('keeps the reason of the last failure until the next success, and forgives it in its time', () => {
    const { health } = healthAt();
    const poll = health.dependency('queue', { withinMs: 100 });
    poll.succeeded();
    poll.failed('no answer');
    expect(health.status().checks[0]?.reason).toBe('no answer');
    expect(health.status().ready).toBe(true);
    poll.failed('x'.repeat(1_000));
    expect(health.status().checks[0]?.reason).toHaveLength(500);
    poll.succeeded();
    expect(health.status().checks[0]?.reason).toBeUndefined();
  });

  it('knows at once what no further try mends', () => {
    const { health } = healthAt();
    const rights = health.dependency('rights', { withinMs: 100 });
    rights.succeeded();
    rights.refused('not allowed');
    expect(health.status()).toMatchObject({ alive: true, ready: false, checks: [{ reason: 'not allowed' }] });
    rights.succeeded();
    expect(health.status().ready).toBe(true);
  });

  it('gives a loop of the process its time, and is dead when it stands still, neither before nor later', async () => {
    const { clock, health } = healthAt();
    const loop = health.loop('receiver', { withinMs: 100 });
    health.dependency('queue', { withinMs: 1_000 }).succeeded();
    await clock.advance(100);
    expect(health.status()).toMatchObject({ alive: true, ready: true });
    await clock.advance(1);
    expect(health.status()).toMatchObject({ alive: false, ready: false });
    loop.turned();
    expect(health.status()).toMatchObject({ alive: true, ready: true });
    await clock.advance(101);
    expect(health.status().alive).toBe(false);
  });

  it('is as well as the worst of several loops', async () => {
    const { clock, health } = healthAt();
    const one = health.dependency('one', { withinMs: 100 });
    const two = health.dependency('two', { withinMs: 1_000 });
    one.succeeded();
    expect(health.status()).toMatchObject({ alive: true, ready: false });
    two.succeeded();
    await clock.advance(500);
    expect(health.status().checks.map(({ well }) => well)).toEqual([false, true]);
    expect(health.status().ready).toBe(false);
  });

  it('expects nothing of a loop that has ended, and keeps the one that took its place', async () => {
    const { clock, health } = healthAt();
    const first = health.loop('watch', { withinMs: 100 });
    const second = health.loop('watch', { withinMs: 100 });
    first.retire();
    expect(health.status().checks).toHaveLength(1);
    second.retire();
    await clock.advance(1_000);
    expect(health.status()).toMatchObject({ alive: true, checks: [] });
  });
});
