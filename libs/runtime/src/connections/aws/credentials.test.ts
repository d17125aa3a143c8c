import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { describe, expect, it, vi } from 'vitest';
import { Credentials } from './credentials.ts';
import type { AwsCredentials } from './credentials.ts';

const HOUR_MS = 3_600_000;

/** Credentials that are good for an hour, other ones each time; `fails` makes the next readings fail. */
function setUp() {
  const clock = new VirtualClock();
  const state = { fails: false, hangs: false, given: 0 };
  const read = vi.fn((): Promise<AwsCredentials> => {
    if (state.hangs) return new Promise(() => undefined);
    if (state.fails) return Promise.reject(new Error('the agent is down'));
    state.given += 1;
    const expiration = new Date(clock.now() + HOUR_MS);
    return Promise.resolve({ accessKeyId: `K${state.given}`, secretAccessKey: 's', expiration });
  });
  const credentials = new Credentials({ read, clock });
  const keyNow = async () => (await credentials.get()).accessKeyId;
  return { clock, state, read, credentials, keyNow };
}

describe('credentials', () => {
  it('are read once for all who wait, and kept', async () => {
    const { read, keyNow } = setUp();
    expect(await Promise.all([keyNow(), keyNow()])).toEqual(['K1', 'K1']);
    expect(await keyNow()).toBe('K1');
    expect(read).toHaveBeenCalledTimes(1);
  });

  it('are renewed five minutes before their end, while the known ones serve on', async () => {
    const { clock, keyNow } = setUp();
    await keyNow();
    await clock.advance(HOUR_MS - 200_000);
    expect(await keyNow()).toBe('K1');
    await clock.advance(0);
    expect(await keyNow()).toBe('K2');
  });

  it('serve on while they cannot be renewed, which is tried each ten seconds, and to their end', async () => {
    const { clock, state, read, keyNow } = setUp();
    await keyNow();
    state.fails = true;
    await clock.advance(HOUR_MS - 200_000);
    for (let second = 0; second < 20; second += 1) {
      expect(await keyNow()).toBe('K1');
      await clock.advance(1_000);
    }
    expect(read).toHaveBeenCalledTimes(3);
    await clock.advance(200_000);
    await expect(keyNow()).rejects.toThrow('no credentials');
  });

  it('whose reading hangs have a limit, and the next reading is another', async () => {
    const { clock, state, keyNow } = setUp();
    state.hangs = true;
    const hanging = keyNow().catch((error: unknown) => error);
    await clock.advance(9_000);
    expect(await hanging).toMatchObject({ name: 'CredentialsError', cause: { message: 'not done within 9000 ms' } });
    state.hangs = false;
    await clock.advance(1_000);
    expect(await keyNow()).toBe('K1');
  });

  it.each([
    ['ExpiredToken', 60_000, true],
    ['InvalidClientTokenId', 60_000, true],
    ['UnrecognizedClientException', 60_000, true],
    ['ExpiredTokenException', 5_000, false],
    ['AccessDenied', 60_000, false],
    ['AccessDenied', 301_000, true],
    ['UnauthorizedOperation', 301_000, true],
    ['ValidationError', 301_000, false],
  ])('that are refused with %s when they are %d ms old are read again: %s (A10)', async (code, ageMs, isReadAgain) => {
    const { clock, credentials, keyNow } = setUp();
    const used = await credentials.get();
    await clock.advance(ageMs);
    expect(await credentials.refused(used, code)).toBe(isReadAgain);
    expect(await keyNow()).toBe(isReadAgain ? 'K2' : 'K1');
  });

  it.each(['AccessDenied', 'UnauthorizedOperation'])(
    'that are old and good serve on when a right is missing (%s) and no others can be read, which is tried each ten seconds',
    async (code) => {
      const { clock, state, read, credentials, keyNow } = setUp();
      const used = await credentials.get();
      await clock.advance(301_000);
      state.fails = true;
      for (let call = 0; call < 5; call += 1) {
        expect(await credentials.refused(used, code)).toBe(false);
        expect(await keyNow()).toBe('K1');
      }
      expect(read).toHaveBeenCalledTimes(2);
      await clock.advance(10_000);
      state.fails = false;
      expect(await credentials.refused(used, code)).toBe(true);
      expect(await keyNow()).toBe('K2');
    },
  );

  it('that are nowhere are looked for once a second, and each call meanwhile hears why there are none', async () => {
    const { clock, state, read, credentials, keyNow } = setUp();
    const fails = { name: 'CredentialsError', cause: { message: 'the agent is down' } };
    state.fails = true;
    for (let call = 0; call < 5; call += 1) await expect(keyNow()).rejects.toMatchObject(fails);
    expect(read).toHaveBeenCalledTimes(1);
    await clock.advance(1_000);
    state.fails = false;
    const used = await credentials.get();
    await clock.advance(60_000);
    state.fails = true;
    for (let call = 0; call < 5; call += 1) {
      expect(await credentials.refused(used, 'ExpiredToken')).toBe(true);
      await expect(keyNow()).rejects.toMatchObject(fails);
    }
    expect(read).toHaveBeenCalledTimes(3);
  });

  it('that somebody else has renewed meanwhile are not dropped for the old ones', async () => {
    const { clock, credentials, keyNow } = setUp();
    const used = await credentials.get();
    await clock.advance(60_000);
    expect(await credentials.refused(used, 'ExpiredToken')).toBe(true);
    expect(await keyNow()).toBe('K2');
    expect(await credentials.refused(used, 'ExpiredToken')).toBe(true);
    expect(await keyNow()).toBe('K2');
  });
});
