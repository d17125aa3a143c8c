import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Handler } from '../testing/api-server.ts';
import { certificate, json, startApiServer } from '../testing/api-server.ts';
import { KubernetesApiError, KubernetesConnectionError } from './errors.ts';
import type { CallRecord, KubernetesClient } from './client.ts';
import { connect } from './connect.ts';
import type { ClusterAccess, ConnectOptions } from './options.ts';

const open: { close(): void }[] = [];
const directories: string[] = [];

afterEach(() => {
  for (const client of open.splice(0)) client.close();
});

function connected(access: ClusterAccess, options?: ConnectOptions): KubernetesClient {
  const client = connect(access, options);
  open.push(client);
  return client;
}

const getNode = { verb: 'get', resource: 'nodes', name: 'a' } as const;
const ok: Handler = (_, response) => json(response, 200, { kind: 'Node' });
const status = (code: number, reason: string) => ({ kind: 'Status', status: 'Failure', reason, code, message: reason });

describe('a connection', () => {
  it('shares its connections: 200 calls, 8 at once, make no more than 8 handshakes', async () => {
    await using server = await startApiServer(ok);
    const client = connected(server.kubeConfig());
    let left = 200;
    const worker = async () => {
      while (left > 0) {
        left -= 1;
        await client.request(getNode);
      }
    };
    await Promise.all(Array.from({ length: 8 }, worker));
    expect(server.requests).toHaveLength(200);
    expect(server.handshakes).toBeLessThanOrEqual(8);
  });

  it('makes no more calls at once than it may', async () => {
    let atOnce = 0;
    let most = 0;
    await using server = await startApiServer(async (_, response) => {
      most = Math.max(most, (atOnce += 1));
      await new Promise((resolve) => setImmediate(resolve));
      atOnce -= 1;
      json(response, 200, {});
    });
    const client = connected(server.kubeConfig(), { maxSockets: 3 });
    await Promise.all(Array.from({ length: 30 }, () => client.request(getNode)));
    expect(most).toBeLessThanOrEqual(3);
  });

  it('sends what a call says', async () => {
    await using server = await startApiServer(ok);
    const client = connected(server.kubeConfig(), { userAgent: 'tester/1.0' });
    await client.request({
      verb: 'patch',
      group: 'coordination.k8s.io',
      resource: 'leases',
      namespace: 'kube-system',
      name: 'a b',
      subresource: 'status',
      patchType: 'strategic',
      query: { dryRun: 'All', limit: undefined },
      body: { spec: { name: 'ü' } },
    });
    expect(server.requests[0]).toMatchObject({
      method: 'PATCH',
      url: '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/a%20b/status?dryRun=All',
      body: '{"spec":{"name":"ü"}}',
      headers: {
        'content-type': 'application/strategic-merge-patch+json',
        authorization: 'Bearer secret',
        'user-agent': 'tester/1.0',
        accept: 'application/json',
      },
    });
  });

  it('keeps the path of a server that is not at the root', async () => {
    await using server = await startApiServer(ok);
    await connected(server.kubeConfig(undefined, `${server.url}/k8s/clusters/c-1/`)).request(getNode);
    expect(server.requests[0]!.url).toBe('/k8s/clusters/c-1/api/v1/nodes/a');
  });

  it('never sends a name that would lead elsewhere', async () => {
    await using server = await startApiServer(ok);
    const client = connected(server.kubeConfig());
    await expect(client.request({ ...getNode, name: '../pods' })).rejects.toThrow('not a name in a URL path');
    expect(server.requests).toEqual([]);
  });

  it('tells of every exchange', async () => {
    await using server = await startApiServer((request, response) =>
      request.url.endsWith('/b') ? json(response, 404, status(404, 'NotFound')) : json(response, 200, {}),
    );
    const records: CallRecord[] = [];
    const client = connected(server.kubeConfig(), { onCall: (record) => records.push(record) });
    await client.request(getNode);
    await client.request({ ...getNode, name: 'b' }).catch(() => undefined);
    expect(records).toMatchObject([
      { verb: 'get', resource: 'nodes', name: 'a', status: 200, attempt: 1 },
      { verb: 'get', resource: 'nodes', name: 'b', status: 404, attempt: 1 },
    ]);
  });

  it('speaks plain HTTP where the kubeconfig does', async () => {
    const server = createServer((_, response) => json(response, 200, { kind: 'Node' }));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const cluster = { name: 'c', server: url, skipTLSVerify: true };
    await using tls = await startApiServer(ok);
    const access = tls.kubeConfig();
    access.clusters = [cluster];
    access.contexts = [{ name: access.currentContext, cluster: 'c', user: 'tester' }];
    const client = connected(access);
    await expect(client.request(getNode)).resolves.toEqual({ kind: 'Node' });
    client.close();
    server.close();
    await once(server, 'close');
  });

  it('holds to its own rate limit when there is one', async () => {
    await using server = await startApiServer(ok);
    const client = connected(server.kubeConfig(), { qps: 1000, burst: 1 });
    await Promise.all([client.request(getNode), client.request(getNode), client.request(getNode)]);
    expect(server.requests).toHaveLength(3);
  });

  it('refuses options that can not be right, all in one error', () => {
    const access = { getCurrentCluster: () => null, getCurrentUser: () => null, applyToHTTPSOptions: vi.fn() };
    const act = () => connect(access, { callDeadlineMs: 0, maxSockets: 1.5, userAgent: 'a\r\nHost: evil' });
    expect(act).toThrow(/callDeadlineMs.*maxSockets.*userAgent/);
  });

  it('says when the kubeconfig has no cluster', async () => {
    const access = { getCurrentCluster: () => null, getCurrentUser: () => null, applyToHTTPSOptions: vi.fn() };
    await expect(connected(access).request({ ...getNode, retry: false })).rejects.toThrow('no current cluster');
  });
});

describe('an answer', () => {
  it('that says no is an error with all the server said', async () => {
    const details = { kind: 'pods', causes: [{ reason: 'DisruptionBudget', message: 'no' }], retryAfterSeconds: 5 };
    await using server = await startApiServer((_, response) =>
      json(response, 409, { ...status(409, 'Conflict'), details }, { 'Retry-After': '7' }),
    );
    const error = await connected(server.kubeConfig())
      .request(getNode)
      .catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(KubernetesApiError);
    expect(error).toMatchObject({ status: 409, reason: 'Conflict', retryAfterSeconds: 7, about: 'pods', verb: 'get' });
    expect((error as KubernetesApiError).hasCause('DisruptionBudget')).toBe(true);
    expect((error as KubernetesApiError).hasCause('Other')).toBe(false);
  });

  it('403 says which rule is missing, as a role has it', async () => {
    const message = 'daemonsets.apps "b" is forbidden: User "x" cannot patch resource "daemonsets" in API group "apps"';
    await using server = await startApiServer((_, response) =>
      json(response, 403, { ...status(403, 'Forbidden'), message }),
    );
    const call = { verb: 'patch', group: 'apps', resource: 'daemonsets', namespace: 'a', name: 'b', body: {} } as const;
    await expect(connected(server.kubeConfig()).request(call)).rejects.toThrow(
      `not allowed to patch daemonsets: add this rule to the role: {apiGroups: [apps], resources: [daemonsets], verbs: [patch]} (${message})`,
    );
  });

  it.each([
    ['HTML of a proxy', 502, '<html>Bad Gateway</html>'],
    ['a status of the wrong shape', 500, '{"message":5}'],
    ['nothing', 418, ''],
  ])('may be %s', async (_, code, body) => {
    await using server = await startApiServer((__, response) => {
      response.writeHead(code).end(body);
    });
    const call = { ...getNode, retry: false };
    await expect(connected(server.kubeConfig()).request(call)).rejects.toMatchObject({
      status: code,
      reason: undefined,
    });
  });

  it.each([
    ['not JSON', '<html>'],
    ['not an object', '"text"'],
  ])('of success that is %s is a broken connection', async (_, body) => {
    await using server = await startApiServer((__, response) => void response.end(body));
    const work = connected(server.kubeConfig()).request({ ...getNode, retry: false });
    await expect(work).rejects.toBeInstanceOf(KubernetesConnectionError);
  });

  it('longer than the limit is cut off', async () => {
    await using server = await startApiServer((_, response) => json(response, 200, { text: 'x'.repeat(10_000) }));
    const work = connected(server.kubeConfig(), { maxResponseBytes: 1000 }).request({ ...getNode, retry: false });
    await expect(work).rejects.toThrow('longer than 1000 bytes');
  });

  it('that breaks off half way is asked for again', async () => {
    let calls = 0;
    await using server = await startApiServer((_, response) => {
      calls += 1;
      if (calls > 1) {
        json(response, 200, { kind: 'Node' });
        return;
      }
      response.writeHead(200, { 'Content-Length': '100' });
      response.write('{"kind":');
      setImmediate(() => response.destroy());
    });
    await expect(connected(server.kubeConfig()).request(getNode)).resolves.toEqual({ kind: 'Node' });
    expect(calls).toBe(2);
  });
});

describe('a call that fails', () => {
  it('is made again when it only reads', async () => {
    let calls = 0;
    await using server = await startApiServer((_, response) => {
      calls += 1;
      if (calls === 1) json(response, 503, status(503, 'ServiceUnavailable'));
      else if (calls === 2) response.destroy();
      else json(response, 200, { kind: 'Node' });
    });
    await expect(connected(server.kubeConfig()).request(getNode)).resolves.toEqual({ kind: 'Node' });
  });

  it('is not made again when it writes, unless it may be', async () => {
    let calls = 0;
    await using server = await startApiServer((_, response) => {
      calls += 1;
      json(response, calls % 2 === 1 ? 503 : 200, {});
    });
    const client = connected(server.kubeConfig());
    const create = { verb: 'create', resource: 'events', namespace: 'a', body: {} } as const;
    await expect(client.request(create)).rejects.toMatchObject({ status: 503 });
    expect(calls).toBe(1);
    calls = 0;
    await client.request({ ...create, retry: true });
    expect(calls).toBe(2);
  });

  it('is not made again when the server asks to wait longer than there is time', async () => {
    await using server = await startApiServer((_, response) =>
      json(response, 429, status(429, 'TooManyRequests'), { 'Retry-After': '60' }),
    );
    await expect(connected(server.kubeConfig()).request(getNode)).rejects.toMatchObject({ status: 429 });
    expect(server.requests).toHaveLength(1);
  });

  it('ends at its deadline, and says what went wrong before', async () => {
    await using server = await startApiServer((_, response) => json(response, 500, status(500, 'InternalError')));
    const client = connected(server.kubeConfig());
    // The connection is made before, so that the answer and not the handshake is what the time goes to.
    await client.request({ ...getNode, retry: false }).catch(() => undefined);
    const work = client.request({ ...getNode, deadlineMs: 250 });
    await expect(work).rejects.toMatchObject({
      message: expect.stringContaining('not done within 250 ms') as string,
      cause: { status: 500 },
    });
  });

  it('does not wait for ever for a server that accepts and stays silent', async () => {
    await using server = await startApiServer(() => undefined);
    const records: CallRecord[] = [];
    const onCall = (record: CallRecord) => records.push(record);
    const client = connected(server.kubeConfig(), { callDeadlineMs: 300, attemptTimeoutMs: 50, onCall });
    await expect(client.request(getNode)).rejects.toThrow('not done within 300 ms');
    expect(records.map(({ attempt }) => attempt)).toContain(2);
    const create = { verb: 'create', resource: 'events', namespace: 'a', body: {}, deadlineMs: 50 } as const;
    await expect(client.request(create)).rejects.toBeInstanceOf(KubernetesConnectionError);
  });

  it('ends by its signal, with its reason', async () => {
    const controller = new AbortController();
    const reason = new Error('shutting down');
    await using server = await startApiServer(() => controller.abort(reason));
    const client = connected(server.kubeConfig());
    await expect(client.request({ ...getNode, signal: controller.signal })).rejects.toBe(reason);
    await expect(client.request({ ...getNode, signal: controller.signal })).rejects.toBe(reason);
  });

  it('ends when the client is closed', async () => {
    const clients: KubernetesClient[] = [];
    await using server = await startApiServer(() => clients[0]!.close());
    clients.push(connected(server.kubeConfig()));
    await expect(clients[0]!.request(getNode)).rejects.toThrow('the client is closed');
    await expect(clients[0]!.request(getNode)).rejects.toThrow('the client is closed');
  });

  it('says so when nobody listens', async () => {
    const server = await startApiServer(ok);
    const access = server.kubeConfig();
    await server[Symbol.asyncDispose]();
    await expect(connected(access).request({ ...getNode, retry: false })).rejects.toThrow('ECONNREFUSED');
  });
});

describe('credentials', () => {
  async function temporary() {
    const directory = await mkdtemp(join(tmpdir(), 'node-drainer-'));
    directories.push(directory);
    return directory;
  }
  afterEach(async () => {
    for (const directory of directories.splice(0)) await rm(directory, { recursive: true });
  });

  it('a token that has rotated is read again on 401, once for all calls', async () => {
    const tokenFile = join(await temporary(), 'token');
    let valid = 'first';
    await using server = await startApiServer((request, response) =>
      request.headers.authorization === `Bearer ${valid}`
        ? json(response, 200, {})
        : json(response, 401, status(401, 'Unauthorized')),
    );
    await writeFile(tokenFile, 'first\n');
    const client = connected(server.kubeConfig({ authProvider: { name: 'tokenFile', config: { tokenFile } } }));
    await client.request(getNode);
    valid = 'second';
    await writeFile(tokenFile, 'second\n');
    await Promise.all(Array.from({ length: 10 }, () => client.request({ ...getNode, retry: false })));
    valid = 'third';
    await expect(client.request({ ...getNode, retry: false })).rejects.toMatchObject({ status: 401 });
  });

  it('a token file that can not be read is said', async () => {
    await using server = await startApiServer(ok);
    const authProvider = { name: 'tokenFile', config: { tokenFile: join(await temporary(), 'none') } };
    const work = connected(server.kubeConfig({ authProvider })).request({ ...getNode, retry: false });
    await expect(work).rejects.toThrow('no credentials for https://127.0.0.1');
  });

  it('a user with a password is known by it', async () => {
    await using server = await startApiServer(ok);
    await connected(server.kubeConfig({ username: 'admin', password: 'pass' })).request(getNode);
    expect(server.requests[0]!.headers.authorization).toBe(`Basic ${Buffer.from('admin:pass').toString('base64')}`);
  });

  it('a user with a certificate is known by it', async () => {
    const own = await certificate('node-operator');
    await using server = await startApiServer(ok, own.cert);
    const base64 = (text: string) => Buffer.from(text).toString('base64');
    await connected(server.kubeConfig({ certData: base64(own.cert), keyData: base64(own.key) })).request(getNode);
    expect(server.requests[0]!.client).toBe('node-operator');
  });

  it('a credential plugin is asked again on 401', async () => {
    const directory = await temporary();
    const script = join(directory, 'plugin.mjs');
    const tokenFile = join(directory, 'token');
    await writeFile(tokenFile, 'first');
    await writeFile(
      script,
      `import { readFileSync } from 'node:fs';
       const token = readFileSync(${JSON.stringify(tokenFile)}, 'utf8');
       const kind = 'ExecCredential', apiVersion = 'client.authentication.k8s.io/v1';
       console.log(JSON.stringify({ kind, apiVersion, status: { token } }));`,
    );
    let valid = 'first';
    await using server = await startApiServer((request, response) =>
      request.headers.authorization === `Bearer ${valid}`
        ? json(response, 200, {})
        : json(response, 401, status(401, 'Unauthorized')),
    );
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: process.execPath, args: [script] };
    const client = connected(server.kubeConfig({ exec }));
    await client.request(getNode);
    valid = 'second';
    await writeFile(tokenFile, 'second');
    await client.request({ ...getNode, retry: false });
  });

  it('a certificate authority that has rotated is read again', async () => {
    const caFile = join(await temporary(), 'ca.crt');
    await using server = await startApiServer(ok);
    await writeFile(caFile, server.caPem);
    const access = server.kubeConfig();
    access.clusters = [{ name: 'test', server: server.url, skipTLSVerify: false, caFile }];
    const client = connected(access);
    await client.request(getNode);
    const next = await certificate();
    server.useCertificate(next);
    await writeFile(caFile, next.cert);
    await expect(client.request(getNode)).resolves.toEqual({ kind: 'Node' });
  });

  it('a server that an unknown authority vouches for is not spoken to', async () => {
    await using server = await startApiServer(ok);
    const { cert } = await certificate();
    const access = server.kubeConfig(undefined, undefined, cert);
    await expect(connected(access).request({ ...getNode, retry: false })).rejects.toThrow(KubernetesConnectionError);
    expect(server.requests).toEqual([]);
  });
});
