import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { json, startApiServer } from '../testing/api-server.ts';
import { refusal } from '../testing/scripted-cluster.ts';
import { connect } from './connect.ts';
import { createCredentialReader } from './credentials.ts';
import { createEndpoint } from './endpoint.ts';
import type { ClusterAccess } from './options.ts';

const getNode = { verb: 'get', resource: 'nodes', name: 'a', retry: false } as const;
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'credentials-'));
});
afterEach(() => rm(directory, { recursive: true }));

/** An access whose reading the test holds in its hands. */
function heldAccess() {
  let hold: Promise<void> = Promise.resolve();
  const read = vi.fn(async (options: { headers?: Record<string, string> }) => {
    const number = read.mock.calls.length;
    await hold;
    options.headers = { Authorization: `Bearer ${number}` };
  });
  const cluster = { name: 'test', server: 'https://127.0.0.1:1', skipTLSVerify: false };
  const access: ClusterAccess = {
    getCurrentCluster: () => cluster,
    getCurrentUser: () => null,
    applyToHTTPSOptions: read,
  };
  const clock = new VirtualClock();
  const endpoint = createEndpoint(access, 1, clock);
  const token = () =>
    endpoint.use(
      (reading) => reading,
      ({ headers }) => Promise.resolve(headers.Authorization),
    );
  const hang = () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    hold = promise;
    return () => {
      hold = Promise.resolve();
      resolve(undefined);
    };
  };
  return { clock, endpoint, read, token, hang };
}

it.each([
  ['https://me:hunter2@api.example/path', 'no credentials for https://api.example'],
  ['me:hunter2@', 'no credentials for the API server'],
])('an address with a password is shown without it: %s', async (server, message) => {
  const access: ClusterAccess = {
    getCurrentCluster: () => ({ name: 'test', server, skipTLSVerify: false }),
    getCurrentUser: () => null,
    applyToHTTPSOptions: () => Promise.reject(new Error('no file')),
  };
  const error = (await createCredentialReader(
    access,
    new VirtualClock(),
  )(false).catch((fault: unknown) => fault)) as Error;
  expect(error.message).toBe(message);
  expect(String(error.cause)).not.toContain('hunter2');
});

describe('a reading of the credentials that hangs', () => {
  it('holds calls up for a second once, and never again: they go on with what is known', async () => {
    const { clock, token, read, hang } = heldAccess();
    await token();
    const release = hang();
    await clock.advance(60_000);
    expect(await clock.run(token())).toBe('Bearer 1');
    for (let call = 0; call < 100; call += 1) expect(await token()).toBe('Bearer 1');
    await clock.advance(3_600_000);
    expect(await token()).toBe('Bearer 1');
    // No other takes a thread beside it.
    expect(read).toHaveBeenCalledTimes(2);
    release();
    for (let turns = 0; turns < 20; turns += 1) await turn();
    expect(await token()).toBe('Bearer 2');
    await clock.advance(60_000);
    expect(await token()).toBe('Bearer 3');
  });

  it('and is the first one is said in time, and what comes later is taken', async () => {
    const { clock, token, hang } = heldAccess();
    const release = hang();
    await expect(clock.run(token())).rejects.toThrow('the credentials could not be read within 10000 ms');
    await expect(token()).rejects.toThrow('within 10000 ms');
    release();
    await vi.waitFor(async () => expect(await token()).toBe('Bearer 1'));
  });

  it('after the server has refused what is known leaves its word standing', async () => {
    const { clock, endpoint, token, hang } = heldAccess();
    await token();
    hang();
    const refused = () => Promise.reject(refusal({ verb: 'get', resource: 'nodes' }, 401));
    await expect(clock.run(endpoint.use((reading) => reading, refused))).rejects.toThrow(
      'the credentials could not be read',
    );
  });

  it('is tried again after five seconds where it fails, not at each call', async () => {
    const { clock, token, read } = heldAccess();
    await token();
    read.mockRejectedValue(new Error('no such file'));
    await clock.advance(60_000);
    for (let call = 0; call < 10; call += 1) expect(await token()).toBe('Bearer 1');
    expect(read).toHaveBeenCalledTimes(2);
    await clock.advance(5_000);
    expect(await token()).toBe('Bearer 1');
    expect(read).toHaveBeenCalledTimes(3);
  });
});

describe('a credential plugin', () => {
  async function plugin(body: string) {
    const command = path.join(directory, 'plugin.mjs');
    const runs = path.join(directory, 'runs');
    await writeFile(runs, '');
    await writeFile(
      command,
      `#!${process.execPath}
      import { appendFileSync } from 'node:fs';
      appendFileSync(${JSON.stringify(runs)}, 'x');
      const credential = (status) => console.log(JSON.stringify({ kind: 'ExecCredential', status }));
      ${body}`,
    );
    await chmod(command, 0o755);
    const clock = new VirtualClock({ startMs: Date.parse('2026-01-02T03:04:05Z') });
    const access: ClusterAccess = {
      getCurrentCluster: () => ({ name: 'c', server: 'https://api.example', skipTLSVerify: false }),
      getCurrentUser: () => ({ name: 'u', exec: { apiVersion: 'client.authentication.k8s.io/v1', command } }),
      applyToHTTPSOptions: () => Promise.resolve(),
    };
    const read = createCredentialReader(access, clock);
    return { read, clock, command, access, runs: async () => (await readFile(runs, 'utf8')).length };
  }

  it('whose token is good for years is run once, and again when the server refuses that', async () => {
    const { read, clock, runs } = await plugin(
      "credential({ token: 'a', expirationTimestamp: '2036-01-01T00:00:00Z' })",
    );
    for (let minute = 0; minute < 10; minute += 1) {
      expect((await read(false)).headers).toEqual({ Authorization: 'Bearer a' });
      await clock.advance(60_000);
    }
    expect(await runs()).toBe(1);
    await read(true);
    expect(await runs()).toBe(2);
  });

  it('that says no end is run once', async () => {
    const { read, clock, runs } = await plugin("credential({ token: 'a' })");
    await read(false);
    await clock.advance(1_000_000_000);
    await read(false);
    expect(await runs()).toBe(1);
  });

  it('is run again before its token ends', async () => {
    const { read, clock, runs } = await plugin(
      "credential({ token: 'a', expirationTimestamp: '2026-01-02T03:14:05Z' })",
    );
    await read(false);
    await clock.advance(8 * 60_000);
    await read(false);
    expect(await runs()).toBe(1);
    await clock.advance(60_000);
    await read(false);
    expect(await runs()).toBe(2);
  });

  it('is told of what it is asked, and may give a certificate', async () => {
    const { read } = await plugin(
      `const { apiVersion } = JSON.parse(process.env.KUBERNETES_EXEC_INFO);
      credential({ clientCertificateData: apiVersion, clientKeyData: 'key' })`,
    );
    expect((await read(false)).tls).toMatchObject({ cert: 'client.authentication.k8s.io/v1', key: 'key' });
  });

  it('that hangs is killed', async () => {
    const { read, clock, runs } = await plugin("credential({ token: 'secret' }); setInterval(() => {}, 1000)");
    const reading = read(false).catch((error: unknown) => error as Error);
    while ((await runs()) === 0) await turn();
    await clock.advance(30_000);
    expect(String(((await reading) as Error).cause)).toMatch(/the credential plugin .*gave nothing within 30000 ms/);
  });

  it.each([
    ["console.log('token: secret-token')", 'printed something that is not JSON'],
    ["console.log(JSON.stringify({ secret: 'secret-token' }))", 'printed something that is no ExecCredential'],
    [
      "console.log('secret-token'); console.error('debug\\nno session: log in'); process.exit(7)",
      'failed (exit code 7): no session: log in',
    ],
  ])('that fails is named, and nothing that it printed is shown: %s', async (body, message) => {
    const { read } = await plugin(body);
    const error = (await read(false).catch((failure: unknown) => failure)) as Error;
    expect(error.message).toBe('no credentials for https://api.example');
    expect(String(error.cause)).toContain(message);
    expect(`${error.stack}${String(error.cause)}`).not.toContain('secret-token');
  });

  it('that is not there is named', async () => {
    const { read, command } = await plugin('');
    await rm(command);
    await expect(read(false)).rejects.toMatchObject({
      cause: { message: expect.stringContaining('(ENOENT)') as string },
    });
  });
});

describe('a kubeconfig', () => {
  it('whose server speaks plain HTTP is used, without credentials, as kubectl does', async () => {
    const seen: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      seen.push(request.headers.authorization);
      json(response, 200, { kind: 'Node' });
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    await using tls = await startApiServer(() => undefined);
    const access = tls.kubeConfig({ token: 'secret' }, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const client = connect(access);
    try {
      expect(await client.request(getNode)).toEqual({ kind: 'Node' });
      expect(seen).toEqual([undefined]);
    } finally {
      client.close();
      server.close();
    }
  });

  it('that asks for no verification gets none, and no other does, whatever the environment says', async () => {
    await using server = await startApiServer((_, response) => json(response, 200, {}));
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    const attempt = async (skipTLSVerify: boolean) => {
      const access = server.kubeConfig();
      access.clusters = [{ name: 'test', server: server.url, skipTLSVerify }];
      const client = connect(access);
      await client.request(getNode).finally(() => client.close());
    };
    try {
      await expect(attempt(false)).rejects.toThrow('self-signed certificate');
      expect(server.requests).toEqual([]);
      await attempt(true);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it.each([
    [{ server: 'unix:///run/api.sock' }, 'unix: is not supported'],
    [{ server: 'https://127.0.0.1:1', proxyUrl: 'ftp://proxy' }, 'a proxy with ftp: is not supported'],
    [{ server: 'https://127.0.0.1:1', proxyUrl: '::::' }, 'proxy-url in the kubeconfig is not a URL'],
  ])('with an address that cannot be used says so: %j', async (cluster, message) => {
    await using server = await startApiServer(() => undefined);
    const access = server.kubeConfig();
    access.clusters = [{ name: 'test', skipTLSVerify: false, ...cluster }];
    const client = connect(access);
    const error = (await client.request(getNode).catch((failure: unknown) => failure)) as Error;
    expect(`${error.message} ${String(error.cause)}`).toContain(message);
    client.close();
  });
});
