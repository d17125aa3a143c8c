import { readFileSync } from 'node:fs';
import { Agent as PlainAgent, request as plainRequest } from 'node:http';
import type { IncomingMessage, RequestOptions } from 'node:http';
import { Agent, request } from 'node:https';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

// The floor: what the same work costs a bare client on pooled connections, without doubt, record, log or second look.
// It runs as a process of its own, from this one file: it may import nothing but Node's own modules.

const { env } = process;

/** An answer, read to its end. */
interface Answer {
  readonly status: number;
  readonly retryAfterMs: number;
  readonly text: string;
}

async function readAnswer(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  const retryAfterMs = Number(response.headers['retry-after'] ?? 1) * 1000;
  return { status: response.statusCode ?? 0, retryAfterMs, text: Buffer.concat(chunks).toString() };
}

type Options = Omit<RequestOptions, 'headers'> & { readonly headers?: Readonly<Record<string, string>> };

function send(ask: typeof request, options: Options, body?: string): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const headers = { ...options.headers, ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }) };
  ask({ ...options, headers }, resolve)
    .on('error', reject)
    .end(body);
  return promise;
}

const account = env.KUBERNETES_SERVICE_ACCOUNT_DIRECTORY ?? '';
const ca = readFileSync(path.join(account, 'ca.crt'));
/** So many requests are under way to the API server at once, watches apart. */
const pool = new Agent({ keepAlive: true, maxSockets: Number(env.FLOOR_CONCURRENCY ?? 32), ca });
const watches = new Agent({ keepAlive: true, ca });
const authorization = `Bearer ${readFileSync(path.join(account, 'token'), 'utf8').trim()}`;

function askKubernetes(method: string, url: string, options: Options, body?: string): Promise<IncomingMessage> {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env;
  const headers = { authorization, ...options.headers };
  return send(request, { host, port, method, path: url, agent: pool, ...options, headers }, body);
}

/** Sends a request until the server has a seat for it. */
async function kubernetes(method: string, url: string, body?: unknown): Promise<Answer> {
  const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
  for (;;) {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = text === undefined ? {} : { 'content-type': type };
    const answer = await readAnswer(await askKubernetes(method, url, { headers }, text));
    if (answer.status !== 429) return answer;
    await sleep(answer.retryAfterMs);
  }
}

function patchNode(name: string, unschedulable: boolean, claim: string | null): Promise<Answer> {
  const patch = { metadata: { annotations: { 'floor/claim': claim } }, spec: { unschedulable } };
  return kubernetes('PATCH', `/api/v1/nodes/${name}`, patch);
}

interface Item {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly uid: string };
}

interface List<Entry> {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: readonly Entry[];
}

/** Lists the pods of a node, evicts them, and watches until none is left. */
async function drain(node: string): Promise<void> {
  const pods = `/api/v1/pods?fieldSelector=${encodeURIComponent(`spec.nodeName=${node}`)}`;
  const { items, metadata } = JSON.parse((await kubernetes('GET', pods)).text) as List<Item>;
  const left = new Set(items.map(({ metadata: { uid } }) => uid));
  const watch = `${pods}&watch=true&resourceVersion=${metadata.resourceVersion}`;
  const accept = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io';
  const gone = left.size === 0 ? undefined : untilGone(watch, accept, left);
  await Promise.all(items.map((pod) => evict(pod.metadata)));
  await gone;
}

async function untilGone(url: string, accept: string, left: Set<string>): Promise<void> {
  let response = await askKubernetes('GET', url, { agent: watches, headers: { accept } });
  while (response.statusCode === 429) {
    const { retryAfterMs } = await readAnswer(response);
    await sleep(retryAfterMs);
    response = await askKubernetes('GET', url, { agent: watches, headers: { accept } });
  }
  let rest = '';
  for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const { type, object } = JSON.parse(line) as { readonly type: string; readonly object: Item };
      if (type === 'DELETED') left.delete(object.metadata.uid);
    }
    if (left.size === 0) return;
  }
  throw new Error(`the watch ended while there were pods left: ${rest}`);
}

async function evict({ name, namespace }: Item['metadata']): Promise<void> {
  const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } };
  const { status, text } = await kubernetes('POST', `/api/v1/namespaces/${namespace}/pods/${name}/eviction`, body);
  if (status !== 201 && status !== 404) throw new Error(`${name} was not evicted: ${status} ${text}`);
}

const plainPool = new PlainAgent({ keepAlive: true });

/** Calls AWS; unsigned, which the sandbox does not mind. */
async function aws(service: string, headers: Readonly<Record<string, string>>, body: string): Promise<string> {
  const scope = `${env.AWS_REGION ?? ''}/${service}/aws4_request`;
  const signature = `AWS4-HMAC-SHA256 Credential=AKIDSANDBOX/20260101/${scope}, SignedHeaders=host, Signature=0`;
  const { hostname, port } = new URL(env.AWS_ENDPOINT ?? '');
  const options = { hostname, port, method: 'POST', path: '/', agent: plainPool };
  const response = await send(plainRequest, { ...options, headers: { authorization: signature, ...headers } }, body);
  const { status, text } = await readAnswer(response);
  if (status !== 200) throw new Error(`${service}: ${status} ${text}`);
  return text;
}

async function sqs<Output>(action: string, input: Readonly<Record<string, unknown>>): Promise<Output> {
  const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${action}` };
  return JSON.parse(await aws('sqs', headers, JSON.stringify({ QueueUrl: env.QUEUE_URL, ...input }))) as Output;
}

interface Message {
  readonly Body: string;
  readonly ReceiptHandle: string;
}

function deleteMessages(messages: readonly Message[]): Promise<unknown> {
  const entries = messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
  return sqs('DeleteMessageBatch', { Entries: entries });
}

type Detail = Readonly<Record<string, string>>;

async function completeAction(detail: Detail): Promise<void> {
  if (detail.LifecycleActionToken === undefined) return;
  const form = new URLSearchParams({
    Version: '2011-01-01',
    Action: 'CompleteLifecycleAction',
    AutoScalingGroupName: detail.AutoScalingGroupName ?? '',
    LifecycleHookName: detail.LifecycleHookName ?? '',
    LifecycleActionToken: detail.LifecycleActionToken,
    LifecycleActionResult: 'CONTINUE',
  });
  await aws('autoscaling', { 'content-type': 'application/x-www-form-urlencoded' }, form.toString());
}

interface ListedNode extends Item {
  readonly spec: { readonly providerID: string };
}

async function nodesByInstance(): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  let next = '';
  do {
    const { text } = await kubernetes('GET', `/api/v1/nodes?limit=500&continue=${next}`);
    const { items, metadata } = JSON.parse(text) as List<ListedNode>;
    for (const { metadata: node, spec } of items) found.set(spec.providerID.split('/').at(-1) ?? '', node.name);
    next = metadata.continue ?? '';
  } while (next !== '');
  return found;
}

const QUIET_MS = 100;
const RECEIVERS = 4;

/** Receives interruptions; cordons first whatever comes in one burst, then drains, completes and deletes. */
async function runProcessor(): Promise<void> {
  const nodes = await nodesByInstance();
  const taken = new Set<string>();
  let cordoning = 0;
  let lastAt = 0;
  let quiet: Promise<void> | undefined;
  const untilQuiet = async (): Promise<void> => {
    while (cordoning > 0 || performance.now() - lastAt < QUIET_MS) await sleep(QUIET_MS / 4);
    quiet = undefined;
  };
  const work = async (node: string, detail: Detail, message: Message): Promise<void> => {
    cordoning += 1;
    lastAt = performance.now();
    await patchNode(node, true, 'held');
    cordoning -= 1;
    await (quiet ??= untilQuiet());
    await drain(node);
    await Promise.all([patchNode(node, true, null), completeAction(detail)]);
    await deleteMessages([message]);
  };
  const receive = async (): Promise<never> => {
    for (;;) {
      const wanted = { MaxNumberOfMessages: 10, WaitTimeSeconds: 20, VisibilityTimeout: 3600 };
      const { Messages = [] } = await sqs<{ Messages?: readonly Message[] }>('ReceiveMessage', wanted);
      const unwanted: Message[] = [];
      for (const message of Messages) {
        const { detail } = JSON.parse(message.Body) as { readonly detail: Detail };
        const instance = detail.EC2InstanceId ?? detail['instance-id'] ?? '';
        const node = nodes.get(instance);
        if (node === undefined || taken.has(instance)) unwanted.push(message);
        else void work(node, detail, message);
        taken.add(instance);
      }
      if (unwanted.length > 0) void deleteMessages(unwanted);
    }
  };
  await Promise.all(Array.from({ length: RECEIVERS }, receive));
}

const POLL_MS = 300;

/** Looks for a Spot notice every 300 ms; cordons when there is one, and takes that back with it. */
async function runAgent(): Promise<never> {
  const { hostname, port } = new URL(env.INSTANCE_METADATA_URL ?? '');
  const metadata = async (method: string, url: string, headers: Readonly<Record<string, string>>): Promise<Answer> =>
    readAnswer(await send(plainRequest, { hostname, port, method, path: `/latest/${url}`, agent: plainPool, headers }));
  const { text: token } = await metadata('PUT', 'api/token', { 'x-aws-ec2-metadata-token-ttl-seconds': '21600' });
  let isCordoned = false;
  for (;;) {
    const notice = await metadata('GET', 'meta-data/spot/instance-action', { 'x-aws-ec2-metadata-token': token });
    if ((notice.status === 200) !== isCordoned) {
      isCordoned = notice.status === 200;
      void patchNode(env.NODE_NAME ?? '', isCordoned, isCordoned ? 'held' : null);
    }
    await sleep(POLL_MS);
  }
}

await (process.argv[2] === 'agent' ? runAgent() : runProcessor());
