import { describe, expect, it } from 'vitest';
import { createHealth } from './health.ts';

function healthAt() {
  const clock = { ms: 1_000 };
  return { clock, health: createHealth({ now: () => clock.ms }) };
}

describe('health', () => {
  it('is not ready before anything is expected, but healthy', () => {
    expect(createHealth().status()).toEqual({ healthy: true, ready: false, checks: [] });
  });

  it('gives a loop its time for the first success', () => {
    const { clock, health } = healthAt();
    const poll = health.expect('imds poll', { withinMs: 100 });
    clock.ms += 100;
    expect(health.status()).toMatchObject({ healthy: true, ready: false });
    clock.ms += 1;
    expect(health.status()).toMatchObject({ healthy: false, ready: false });
    poll.succeeded();
    expect(health.status()).toMatchObject({ healthy: true, ready: true });
  });

  it('turns unhealthy when a loop that works stops', () => {
    const { clock, health } = healthAt();
    const poll = health.expect('imds poll', { withinMs: 100 });
    poll.succeeded();
    clock.ms += 101;
    expect(health.status()).toEqual({
      healthy: false,
      ready: false,
      checks: [
        { name: 'imds poll', healthy: false, ready: false, lastSuccessAgoMs: 101, withinMs: 100, reason: undefined },
      ],
    });
  });

  it('keeps the reason of the last failure until the next success', () => {
    const { health } = healthAt();
    const poll = health.expect('queue', { withinMs: 100 });
    poll.failed(new Error('no answer'));
    expect(health.status().checks[0]?.reason).toBe('no answer');
    expect(health.status().healthy).toBe(true);
    poll.failed('x'.repeat(1_000));
    expect(health.status().checks[0]?.reason).toHaveLength(300);
    poll.succeeded();
    expect(health.status().checks[0]?.reason).toBeUndefined();
  });

  it('is as well as the worst of several loops', () => {
    const { clock, health } = healthAt();
    const one = health.expect('one', { withinMs: 100 });
    health.expect('two', { withinMs: 1_000 });
    one.succeeded();
    expect(health.status()).toMatchObject({ healthy: true, ready: false });
    clock.ms += 500;
    expect(health.status().checks.map(({ healthy }) => healthy)).toEqual([false, true]);
    expect(health.status().healthy).toBe(false);
  });

  it('expects nothing of a loop that has ended, and keeps the one that took its place', () => {
    const { clock, health } = healthAt();
    const first = health.expect('watch', { withinMs: 100 });
    const second = health.expect('watch', { withinMs: 100 });
    first.retire();
    expect(health.status().checks).toHaveLength(1);
    second.retire();
    clock.ms += 1_000;
    expect(health.status()).toMatchObject({ healthy: true, checks: [] });
  });
});
