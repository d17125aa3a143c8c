import { AutoScalingClient, DescribeLifecycleHooksCommand } from '@aws-sdk/client-auto-scaling';
import { CorrectedClock, systemClock } from '@node-termination-handler/clock';
import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { errorText } from '@node-termination-handler/logger';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { connectToAws, sqsEndpoint } from './connect.ts';
import type { AwsOptions, ClientLimits } from './connect.ts';
import type { Variables } from './credentials.ts';

interface Request {
  /** As it stands in the request's first line: absolute, where it came to a proxy. */
  readonly url: string;
  readonly body: string;
  readonly accessKey: string | undefined;
}

let opened = new AsyncDisposableStack();
afterEach(async () => {
  await opened.disposeAsync();
  opened = new AsyncDisposableStack();
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** A server that answers as the test says, and remembers. */
async function serve(answer: (request: Request, response: ServerResponse) => void) {
  const requests: Request[] = [];
  const server = createServer((incoming: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const accessKey = /Credential=(\w+)/.exec(incoming.headers.authorization ?? '')?.[1];
      const request = { url: incoming.url ?? '', body: Buffer.concat(chunks).toString(), accessKey };
      requests.push(request);
      answer(request, response);
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  opened.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

/** Takes connections, and says nothing. */
async function listenSilently() {
  const connections: Socket[] = [];
  const server = createTcpServer((socket) => void connections.push(socket.resume()));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  opened.defer(() => {
    for (const socket of connections) socket.destroy();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, connections };
}

const HOOKS = `<DescribeLifecycleHooksResponse xmlns="http://autoscaling.amazonaws.com/doc/2011-01-01/"><DescribeLifecycleHooksResult>
<LifecycleHooks><member><LifecycleHookName>drain</LifecycleHookName></member></LifecycleHooks></DescribeLifecycleHooksResult></DescribeLifecycleHooksResponse>`;

function hooks(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/xml' }).end(HOOKS);
}

function refuse(response: ServerResponse, code: string, message: string, status = 403): void {
  const error = `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;
  response.writeHead(status, { 'content-type': 'text/xml' }).end(error);
}

const KEYS = { AWS_ACCESS_KEY_ID: 'KEYS', AWS_SECRET_ACCESS_KEY: 'secret' };

function connect(
  settings: AwsOptions['settings'],
  env: Variables = KEYS,
  limits: ClientLimits = { withinMs: 5_000 },
  awsClock = new CorrectedClock(systemClock),
) {
  for (const [name, value] of Object.entries<string | undefined>({ ...env })) vi.stubEnv(name, value);
  const log = { debug: vi.fn(), warn: vi.fn() };
  const countAwsCall = vi.fn();
  const aws = connectToAws({ settings, region: 'eu-west-1', awsClock, log, metrics: { countAwsCall }, opened, env });
  const client = aws.client((config) => new AutoScalingClient(config), limits);
  const ask = (abortSignal?: AbortSignal) =>
    client.send(new DescribeLifecycleHooksCommand({ AutoScalingGroupName: 'workers' }), {
      ...(abortSignal && { abortSignal }),
    });
  return { ask, log, countAwsCall };
}

async function failureOf(asking: Promise<unknown>): Promise<Error> {
  return asking.then(
    () => expect.fail('it should have failed'),
    (error: unknown) => error as Error,
  );
}

/** Gives credentials as EKS Pod Identity does, other ones each time. */
async function podIdentity(answer?: (response: ServerResponse) => void) {
  let given = 0;
  const agent = await serve((_request, response) => {
    if (answer !== undefined) {
      answer(response);
      return;
    }
    given += 1;
    const Expiration = new Date(Date.now() + 3_600_000).toISOString();
    const keys = { AccessKeyId: `POD${given}`, SecretAccessKey: 'secret', Token: `token-${given}`, Expiration };
    response.end(JSON.stringify(keys));
  });
  return { ...agent, env: { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${agent.url}/v1/credentials` } };
}

describe('a call', () => {
  it('puts the clock right by the date of the answer, whatever else that says', async () => {
    const aws = await serve((_request, response) => {
      response.setHeader('Date', 'Fri, 02 Jan 2026 05:00:00 GMT');
      refuse(response, 'ServiceUnavailable', 'down', 503);
    });
    const clock = new CorrectedClock(new VirtualClock());
    await failureOf(connect({ awsEndpoint: aws.url }, KEYS, { withinMs: 5_000 }, clock).ask());
    expect(new Date(clock.now()).toISOString()).toMatch(/^2026-01-02T05:00:00/);
  });

  it('is tried as often as its client says', async () => {
    let asked = 0;
    const aws = await serve((_request, response) => {
      asked += 1;
      if (asked < 3) refuse(response, 'ServiceUnavailable', 'down', 503);
      else hooks(response);
    });
    const { ask } = connect({ awsEndpoint: aws.url }, KEYS, { withinMs: 20_000, tries: 3 });
    expect((await ask()).LifecycleHooks).toEqual([{ LifecycleHookName: 'drain' }]);
  });

  it('has one limit, though the head of its answer has come (C1)', async () => {
    const clock = new VirtualClock();
    const aws = await serve((_request, response) => response.writeHead(200, { 'content-length': 500 }).write('<Desc'));
    const { ask } = connect({ awsEndpoint: aws.url }, KEYS, { withinMs: 5_000 }, new CorrectedClock(clock));
    const failure = failureOf(ask());
    while (aws.requests.length === 0) await turn();
    for (let turns = 0; turns < 50; turns += 1) await turn();
    await clock.advance(5_000);
    expect((await failure).message).toMatch(
      /^Auto Scaling DescribeLifecycleHooks in eu-west-1 failed: no end of the answer within 4500 ms$/,
    );
  });

  it('that gets no connection through a silent proxy in all its time says so, with what to do', async () => {
    const clock = new VirtualClock();
    const proxy = await listenSilently();
    const settings = { awsEndpoint: 'https://aws.internal.test', httpsProxy: proxy.url };
    const { ask } = connect(settings, KEYS, { withinMs: 800 }, new CorrectedClock(clock));
    const failure = failureOf(ask());
    while (proxy.connections.length === 0) await turn();
    await clock.advance(800);
    expect((await failure).message).toMatch(
      /^Auto Scaling DescribeLifecycleHooks in eu-west-1 failed: no connection within \d+ ms; check the network policy/,
    );
  });

  it('whose time is over says why its last try failed', async () => {
    const clock = new VirtualClock();
    let asked = 0;
    const aws = await serve((_request, response) => {
      asked += 1;
      if (asked === 1) refuse(response, 'ServiceUnavailable', 'down for an hour', 503);
    });
    const limits = { withinMs: 5_000, tryWithinMs: 5_000, tries: 2 };
    const { ask } = connect({ awsEndpoint: aws.url }, KEYS, limits, new CorrectedClock(clock));
    const failure = failureOf(ask());
    while (asked < 2) await turn();
    await clock.advance(5_000);
    expect(await failure).toMatchObject({
      name: 'ServiceUnavailable',
      message: 'Auto Scaling DescribeLifecycleHooks in eu-west-1 was refused (ServiceUnavailable): down for an hour',
    });
  });

  it('ends with its signal, and its reason', async () => {
    const aws = await serve(() => undefined);
    const stop = new AbortController();
    const { ask } = connect({ awsEndpoint: aws.url });
    const asking = ask(stop.signal);
    while (aws.requests.length === 0) await turn();
    stop.abort(new Error('enough'));
    await expect(asking).rejects.toThrow('enough');
  });

  it.each([
    ['ok', (response: ServerResponse) => hooks(response)],
    ['denied', (response: ServerResponse) => refuse(response, 'AccessDenied', 'no')],
    ['denied', (response: ServerResponse) => refuse(response, 'SignatureDoesNotMatch', 'no')],
    ['throttled', (response: ServerResponse) => refuse(response, 'Throttling', 'Rate exceeded', 400)],
    [
      'not_found',
      (response: ServerResponse) => refuse(response, 'ValidationError', 'No active Lifecycle Action found', 400),
    ],
    ['conflict', (response: ServerResponse) => refuse(response, 'ResourceContention', 'busy', 500)],
    ['error', (response: ServerResponse) => refuse(response, 'ValidationError', 'no', 400)],
    ['timeout', (response: ServerResponse) => response.writeHead(200, { 'content-length': 500 }).write('<Desc')],
    ['unreachable', (response: ServerResponse) => response.destroy()],
  ])('is counted once, with all its tries, as %s', async (result, answer) => {
    const aws = await serve((_request, response) => {
      answer(response);
    });
    const { ask, countAwsCall } = connect({ awsEndpoint: aws.url }, KEYS, {
      withinMs: 2_000,
      tryWithinMs: 300,
      tries: 2,
    });
    await ask().catch(() => undefined);
    expect(countAwsCall.mock.calls).toEqual([['autoscaling', 'DescribeLifecycleHooks', result]]);
  });

  it('without credentials is counted as denied, and one that is given up as cancelled', async () => {
    const aws = await serve(() => undefined);
    const env = { AWS_ACCESS_KEY_ID: '', AWS_CONTAINER_CREDENTIALS_FULL_URI: `${aws.url.replace('http', 'ftp')}/none` };
    const none = connect({ awsEndpoint: aws.url }, env);
    await failureOf(none.ask());
    expect(none.countAwsCall.mock.calls).toEqual([['autoscaling', 'DescribeLifecycleHooks', 'denied']]);
    const stop = new AbortController();
    const stopped = connect({ awsEndpoint: aws.url });
    const asking = stopped.ask(stop.signal);
    while (aws.requests.length === 0) await turn();
    stop.abort(new Error('enough'));
    await failureOf(asking);
    expect(stopped.countAwsCall.mock.calls).toEqual([['autoscaling', 'DescribeLifecycleHooks', 'cancelled']]);
  });

  it('writes nothing to the console, and no message or key to the log (A9)', async () => {
    const written = (['log', 'info', 'warn', 'error', 'debug'] as const).map((name) =>
      vi.spyOn(console, name).mockImplementation(() => undefined),
    );
    const aws = await serve((_request, response) => refuse(response, 'ValidationError', 'no', 400));
    const { ask, log } = connect({ awsEndpoint: aws.url }, { ...KEYS, AWS_PROFILE: '' });
    await failureOf(ask());
    for (const spy of written) expect(spy).not.toHaveBeenCalled();
    expect(log.warn).not.toHaveBeenCalled();
    expect(JSON.stringify(log.debug.mock.calls)).not.toMatch(/workers|secret/);
  });
});

describe('behind a proxy that is the only way out (A8)', () => {
  const awsEndpoint = 'http://aws.internal.test';

  it('a call goes through it, and the credentials of the container do not', async () => {
    const proxy = await serve((_request, response) => hooks(response));
    const agent = await podIdentity();
    await connect({ awsEndpoint, httpProxy: proxy.url, noProxy: 'example.com' }, agent.env).ask();
    expect(proxy.requests.map(({ url, accessKey }) => [url, accessKey])).toEqual([[`${awsEndpoint}/`, 'POD1']]);
    expect(agent.requests.map(({ url }) => url)).toEqual(['/v1/credentials']);
  });

  it('STS goes through it as well, for the web identity of a service account', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'web-identity-'));
    opened.defer(() => rmSync(folder, { recursive: true }));
    const AWS_WEB_IDENTITY_TOKEN_FILE = path.join(folder, 'token');
    writeFileSync(AWS_WEB_IDENTITY_TOKEN_FILE, 'jwt');
    const keys = `<Credentials><AccessKeyId>STS1</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration></Credentials>`;
    const proxy = await serve(({ body }, response) => {
      if (!body.includes('AssumeRoleWithWebIdentity')) {
        hooks(response);
        return;
      }
      response.end(
        `<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult>${keys}</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`,
      );
    });
    const env = {
      AWS_WEB_IDENTITY_TOKEN_FILE,
      AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/nth',
      AWS_ROLE_SESSION_NAME: 'nth',
    };
    await connect({ awsEndpoint, httpProxy: proxy.url }, env).ask();
    expect(proxy.requests.map(({ url, accessKey }) => [url, accessKey])).toEqual([
      [`${awsEndpoint}/`, undefined],
      [`${awsEndpoint}/`, 'STS1'],
    ]);
  });

  it('what NO_PROXY names is called directly', async () => {
    const proxy = await serve((_request, response) => hooks(response));
    const error = await failureOf(connect({ awsEndpoint, httpProxy: proxy.url, noProxy: '.internal.test' }).ask());
    expect(error.message).toMatch(/^Auto Scaling DescribeLifecycleHooks in eu-west-1 failed: .*aws\.internal\.test/);
    expect(error.message).toContain('HTTPS_PROXY');
    expect(proxy.requests).toEqual([]);
  });
});

describe('credentials', () => {
  it.each(['ExpiredToken', 'InvalidClientTokenId', 'RequestExpired'])(
    'that a service refuses with %s are read again, and the call is made once more (A10)',
    async (code) => {
      const clock = new VirtualClock({ startMs: Date.now() });
      const revoked = new Set<string | undefined>();
      const aws = await serve(({ accessKey }, response) => {
        if (revoked.has(accessKey)) refuse(response, code, 'The security token included in the request is expired');
        else hooks(response);
      });
      const agent = await podIdentity();
      const { ask } = connect({ awsEndpoint: aws.url }, agent.env, { withinMs: 5_000 }, new CorrectedClock(clock));
      await ask();
      await clock.advance(60_000);
      revoked.add('POD1');
      await ask();
      await ask();
      expect(aws.requests.map(({ accessKey }) => accessKey)).toEqual(['POD1', 'POD1', 'POD2', 'POD2']);
    },
  );

  it('that are new are not read again because a service refuses them', async () => {
    const aws = await serve((_request, response) => refuse(response, 'ExpiredToken', 'expired'));
    const agent = await podIdentity();
    const error = await failureOf(connect({ awsEndpoint: aws.url }, agent.env).ask());
    expect(error.message).toContain('was refused (ExpiredToken): expired; the credentials are expired, revoked');
    expect(agent.requests).toHaveLength(1);
  });

  it('of a pod that are refused are told in the words of who refuses them (A11)', async () => {
    const agent = await podIdentity((response) => {
      response
        .writeHead(400)
        .end('{"code":"AccessDeniedException","message":"Unauthorized Exception! EKS does not have permissions"}');
    });
    const error = await failureOf(connect({ awsEndpoint: 'http://127.0.0.1:9' }, agent.env).ask());
    const host = new URL(agent.url).host;
    expect(errorText(error)).toBe(
      `Auto Scaling DescribeLifecycleHooks in eu-west-1 failed: no credentials: the credentials service of the container (${host}) refuses credentials: status 400, AccessDeniedException: Unauthorized Exception! EKS does not have permissions`,
    );
  });

  it('of a pod whose agent is down say so (A11)', async () => {
    const env = { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:9/v1/credentials' };
    const error = await failureOf(connect({ awsEndpoint: 'http://127.0.0.1:9' }, env).ask());
    expect(error.message).toContain('the credentials service of the container (127.0.0.1:9) gives no credentials');
    expect(error.message).toContain('ECONNREFUSED');
  });

  it('are not asked for where anybody could listen', async () => {
    const env = { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://10.0.0.1/credentials' };
    const error = await failureOf(connect({ awsEndpoint: 'http://127.0.0.1:9' }, env).ask());
    expect(error.message).toContain('AWS_CONTAINER_CREDENTIALS_FULL_URI must be an https URL');
  });

  it('of the instance are read from its metadata', async () => {
    const aws = await serve((_request, response) => hooks(response));
    const role = { AccessKeyId: 'ROLE', SecretAccessKey: 's', Token: 't', Expiration: '2999-01-01T00:00:00Z' };
    const metadata = await serve(({ url }, response) => {
      if (url.endsWith('/token')) response.end('token');
      else response.end(url.endsWith('/security-credentials/') ? 'node-role' : JSON.stringify(role));
    });
    await connect({ awsEndpoint: aws.url }, { AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata.url }).ask();
    expect(aws.requests.map(({ accessKey }) => accessKey)).toEqual(['ROLE']);
  });

  it('that are nowhere are missed in one sentence', async () => {
    const error = await failureOf(
      connect({ awsEndpoint: 'http://127.0.0.1:9' }, { AWS_EC2_METADATA_DISABLED: 'true' }).ask(),
    );
    expect(error.message).toMatch(/failed: no credentials: no keys, web identity \(IRSA\) or EKS Pod Identity/);
  });
});

it.each(['AWS_ENDPOINT_URL_AUTO_SCALING', 'AWS_ENDPOINT_URL'])(
  '%s is where a service is called, unless the setting names one for all (A9)',
  async (variable) => {
    const [named, setting] = [
      await serve((_, response) => hooks(response)),
      await serve((_, response) => hooks(response)),
    ];
    await connect({}, { ...KEYS, [variable]: named.url }).ask();
    expect([named.requests.length, setting.requests.length]).toEqual([1, 0]);
    await connect({ awsEndpoint: setting.url }, { ...KEYS, [variable]: named.url }).ask();
    expect([named.requests.length, setting.requests.length]).toEqual([1, 1]);
  },
);

it.each(['AWS_USE_FIPS_ENDPOINT', 'AWS_USE_DUALSTACK_ENDPOINT'])(
  'an endpoint that is named is called as it is, also with %s, which the SDK refuses to put together',
  async (variable) => {
    const aws = await serve((_request, response) => hooks(response));
    const env = { ...KEYS, [variable]: 'true' };
    await connect({}, env, { withinMs: 5_000, endpoint: aws.url }).ask();
    await connect({ awsEndpoint: aws.url }, env).ask();
    expect(aws.requests).toHaveLength(2);
  },
);

describe('the endpoint of SQS', () => {
  const ofQueue = 'https://sqs.eu-west-1.amazonaws.com';

  it.each([
    [{}, ofQueue],
    [{ AWS_ENDPOINT_URL: 'http://a' }, 'http://a'],
    [{ AWS_ENDPOINT_URL: 'http://a', AWS_ENDPOINT_URL_SQS: 'http://b' }, 'http://b'],
    [{ AWS_ENDPOINT_URL: 'http://a', AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' }, ofQueue],
    [{ AWS_ENDPOINT_URL: '' }, ofQueue],
  ])('under %j is %s (A9)', (env, endpoint) => {
    expect(sqsEndpoint(ofQueue, env)).toBe(endpoint);
  });
});
