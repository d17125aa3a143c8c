import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { eventually } from '../testing/eventually.ts';
import { exchange } from '../testing/http.ts';
import { startImds } from './simulator.ts';
import type { ImdsSimulator } from './simulator.ts';

const ttl = 'x-aws-ec2-metadata-token-ttl-seconds';
let imds: ImdsSimulator;

beforeEach(async () => {
  imds = await startImds();
});
afterEach(async () => {
  await imds[Symbol.asyncDispose]();
});

const putToken = (headers: Record<string, string> = { [ttl]: '21600' }) =>
  exchange(`${imds.url}/latest/api/token`, { method: 'PUT', headers });
const get = async (path: string, token?: string) =>
  exchange(`${imds.url}/latest/${path}`, {
    headers: token === undefined ? {} : { 'x-aws-ec2-metadata-token': token },
  });
const read = async (path: string) => get(path, (await putToken()).body);

describe('the token route', () => {
  it('gives a token and says its life in the same header', async () => {
    const answer = await putToken({ [ttl]: '60' });
    expect(answer.status).toBe(200);
    expect(answer.headers[ttl]).toBe('60');
    expect(answer.body).toMatch(/^[\w-]+==$/);
  });

  it.each(['0', '21601', 'soon', '-1', ''])('answers 400 to a life of "%s"', async (seconds) => {
    expect((await putToken({ [ttl]: seconds })).status).toBe(400);
  });

  it('answers 400 without a life', async () => {
    expect((await putToken({})).status).toBe(400);
  });

  it('answers 405 to other methods', async () => {
    const answer = await exchange(`${imds.url}/latest/api/token`);
    expect([answer.status, answer.headers.allow]).toEqual([405, 'OPTIONS, PUT']);
  });

  it('answers 403 to what came through a proxy', async () => {
    expect((await putToken({ [ttl]: '60', 'x-forwarded-for': '10.1.1.1' })).status).toBe(403);
  });

  it.each([403, 404, 405] as const)(
    'answers %i where only version 1 is spoken, and reads go without',
    async (status) => {
      imds.setMode({ v1Only: status });
      expect((await putToken()).status).toBe(status);
      expect((await get('meta-data/instance-id')).body).toBe('i-0123456789abcdef0');
    },
  );
});

describe('reading documents', () => {
  it('needs a token where version 2 is required', async () => {
    expect((await get('meta-data/instance-id')).status).toBe(401);
    expect((await read('meta-data/instance-id')).body).toBe('i-0123456789abcdef0');
  });

  it('needs none where version 2 is optional, but refuses a wrong one', async () => {
    imds.setMode('v2-optional');
    expect((await get('meta-data/instance-id')).status).toBe(200);
    expect((await get('meta-data/instance-id', 'wrong')).status).toBe(401);
  });

  it('refuses a token whose life is over', async () => {
    const { body: token } = await putToken({ [ttl]: '1' });
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      vi.setSystemTime(Date.now() + 1001);
      expect((await get('meta-data/instance-id', token)).status).toBe(401);
    } finally {
      vi.useRealTimers();
    }
  });

  it('answers 405 to writes', async () => {
    const answer = await exchange(`${imds.url}/latest/meta-data/instance-id`, { method: 'POST' });
    expect(answer.status).toBe(405);
  });

  it('shows nothing while nothing threatens', async () => {
    expect((await read('meta-data/spot/instance-action')).status).toBe(404);
    expect((await read('meta-data/events/recommendations/rebalance')).status).toBe(404);
    expect((await read('meta-data/autoscaling/target-lifecycle-state')).status).toBe(404);
    expect((await read('meta-data/public-ipv4')).status).toBe(404);
    expect((await read('meta-data/events/maintenance/scheduled')).body).toBe('[]');
    expect((await read('../etc/passwd')).status).toBe(404);
  });

  it('lists what is in a folder', async () => {
    expect((await read('meta-data/placement/')).body).toBe('availability-zone\nregion');
    expect((await read('')).body).toBe('dynamic/\nmeta-data/');
  });

  it('shows the documents in the service’s own words', async () => {
    imds.setSpotInterruption({ action: 'terminate', time: new Date('2026-01-02T03:04:05.678Z') });
    imds.setRebalance(new Date('2026-01-02T03:04:05Z'));
    imds.setLifecycleState('Terminated');
    imds.setScheduledEvents([
      {
        EventId: 'instance-event-0d59937288b749b32',
        Code: 'system-reboot',
        State: 'active',
        NotBefore: new Date('2019-01-21T09:00:43Z'),
        NotAfter: '',
        Description: 'scheduled reboot',
      },
    ]);
    expect((await read('meta-data/spot/instance-action')).body).toBe(
      '{"action":"terminate","time":"2026-01-02T03:04:05Z"}',
    );
    expect((await read('meta-data/events/recommendations/rebalance')).body).toBe(
      '{"noticeTime":"2026-01-02T03:04:05Z"}',
    );
    expect((await read('meta-data/autoscaling/target-lifecycle-state')).body).toBe('Terminated');
    expect(JSON.parse((await read('meta-data/events/maintenance/scheduled')).body)).toEqual([
      {
        EventId: 'instance-event-0d59937288b749b32',
        Code: 'system-reboot',
        State: 'active',
        NotBefore: '21 Jan 2019 09:00:43 GMT',
        NotAfter: '',
        Description: 'scheduled reboot',
      },
    ]);
    imds.setSpotInterruption(undefined);
    expect((await read('meta-data/spot/instance-action')).status).toBe(404);
  });

  it('tells about the instance it was started for', async () => {
    await using other = await startImds({
      instance: { instanceId: 'i-0aaaaaaaaaaaaaaaa', publicIpv4: '203.0.113.9' },
      mode: 'v2-optional',
    });
    expect((await exchange(`${other.url}/latest/meta-data/public-ipv4`)).body).toBe('203.0.113.9');
    const identity = await exchange(`${other.url}/latest/dynamic/instance-identity/document`);
    expect(JSON.parse(identity.body)).toMatchObject({ instanceId: 'i-0aaaaaaaaaaaaaaaa', region: 'us-east-1' });
  });
});

describe('the request record', () => {
  it('tells method, path, token and status', async () => {
    await read('meta-data/instance-id');
    await get('meta-data/instance-id?x=1', 'wrong');
    expect(imds.requests().map(({ method, path, token, status }) => [method, path, token, status])).toEqual([
      ['PUT', '/latest/api/token', 'none', 200],
      ['GET', '/latest/meta-data/instance-id', 'valid', 200],
      ['GET', '/latest/meta-data/instance-id', 'invalid', 401],
    ]);
    expect(imds.connections()).toBe(3);
  });
});

describe('faults', () => {
  it('forgets every token', async () => {
    const { body: token } = await putToken();
    imds.invalidateTokens();
    expect((await get('meta-data/instance-id', token)).status).toBe(401);
    expect((await read('meta-data/instance-id')).status).toBe(200);
  });

  it('refuses every token until the storm is over', async () => {
    const calm = imds.refuseTokens();
    expect((await read('meta-data/instance-id')).status).toBe(401);
    calm();
    expect((await read('meta-data/instance-id')).status).toBe(200);
  });

  it('lets token requests hang, as behind a hop limit of 1', async () => {
    const lift = imds.hangTokenRequests();
    const patience = new AbortController();
    const answer = exchange(`${imds.url}/latest/api/token`, { method: 'PUT', signal: patience.signal });
    await eventually(() => imds.requests().length === 1);
    patience.abort();
    await expect(answer).rejects.toThrow();
    expect(imds.requests()[0]?.status).toBeUndefined();
    lift();
    expect((await putToken()).status).toBe(200);
  });

  it('answers with a status and a page of its own', async () => {
    imds.setMode('v2-optional');
    imds.faults.add({ times: 1, misbehaviour: { kind: 'status', status: 503, body: '<html>busy</html>' } });
    expect(await get('meta-data/instance-id')).toMatchObject({ status: 503, body: '<html>busy</html>' });
    expect((await get('meta-data/instance-id')).status).toBe(200);
  });

  it('resets in the middle of a body, and before it', async () => {
    imds.setMode('v2-optional');
    imds.faults.add({ times: 1, misbehaviour: { kind: 'half-body' } });
    imds.faults.add({ times: 1, misbehaviour: { kind: 'reset', when: 'before' } });
    await expect(get('meta-data/instance-id')).rejects.toThrow(/aborted|ECONNRESET/);
    await expect(get('meta-data/instance-id')).rejects.toThrow(/hang up|ECONNRESET/);
    expect((await get('meta-data/instance-id')).status).toBe(200);
  });

  it('answers late with what is true when it answers', async () => {
    imds.setMode('v2-optional');
    imds.faults.add({
      times: 1,
      delayMs: 1,
      matches: () => {
        // The request has come, and its answer is still to be made.
        imds.setSpotInterruption({ action: 'stop', time: '2026-01-02T03:04:05Z' });
        return true;
      },
    });
    expect((await get('meta-data/spot/instance-action')).status).toBe(200);
  });

  it('refuses connections while it is away, and comes back on its port', async () => {
    await imds.pause();
    await expect(putToken()).rejects.toThrow('ECONNREFUSED');
    await imds.resume();
    expect((await putToken()).status).toBe(200);
  });
});

describe('the IPv6 form', () => {
  it('listens on ::1', async () => {
    await using six = await startImds({ host: '::1', mode: 'v2-optional' });
    expect(six.url).toMatch(/^http:\/\/\[::1\]:\d+$/);
    expect((await exchange(`${six.url}/latest/meta-data/instance-id`)).status).toBe(200);
  });
});
