import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Lets so many through a second, and a few at once. */
export function createThrottle(perSecond: number, burst: number): () => Promise<void> {
  let tokens = burst;
  let at = performance.now();
  return async () => {
    const now = performance.now();
    tokens = Math.min(burst, tokens + ((now - at) / 1000) * perSecond) - 1;
    at = now;
    if (tokens < 0) await sleep((-tokens / perSecond) * 1000);
  };
}

/** What the baseline's API server said. */
interface KubernetesAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** Calls the API server, five requests a second. */
type CallKubernetes = (method: string, url: string, body?: unknown) => Promise<KubernetesAnswer>;

/** A client with the incumbent's default limits: 5 requests a second, 10 at once. */
function connectKubernetes(env: NodeJS.ProcessEnv): CallKubernetes {
  const directory = env.KUBERNETES_SERVICE_ACCOUNT_DIRECTORY ?? '';
  const token = readFileSync(path.join(directory, 'token'), 'utf8').trim();
  const agent = new Agent({ keepAlive: true, ca: readFileSync(path.join(directory, 'ca.crt')) });
  const turn = createThrottle(5, 10);
  return async (method, url, body) => {
    await turn();
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      authorization: `Bearer ${token}`,
      ...(text === undefined
        ? {}
        : {
            'content-type': method === 'PATCH' ? 'application/strategic-merge-patch+json' : 'application/json',
            'content-length': String(Buffer.byteLength(text)),
          }),
    };
    const { promise, resolve, reject } = Promise.withResolvers<KubernetesAnswer>();
    const options = {
      host: env.KUBERNETES_SERVICE_HOST,
      port: env.KUBERNETES_SERVICE_PORT,
      path: url,
      method,
      agent,
      headers,
    };
    const sent = request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const answer = Buffer.concat(chunks).toString();
        const isJson = response.headers['content-type']?.includes('json') === true;
        resolve({ status: response.statusCode ?? 0, body: isJson ? (JSON.parse(answer) as unknown) : answer });
      });
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(text);
    return promise;
  };
}

/** Calls a service of AWS; answers are good enough for a sandbox that checks no signature. */
interface BaselineAws {
  sqs(action: string, input: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>>;
  query(service: 'ec2' | 'autoscaling', form: Readonly<Record<string, string>>): Promise<string>;
}

/** Connects to the endpoint of the environment. */
function connectAws(env: NodeJS.ProcessEnv): BaselineAws {
  const endpoint = env.AWS_ENDPOINT ?? '';
  const authorization = (service: string): string =>
    `AWS4-HMAC-SHA256 Credential=AKIDSANDBOX/20260101/${env.AWS_REGION ?? ''}/${service}/aws4_request, SignedHeaders=host, Signature=0`;
  return {
    sqs: async (action, input) => {
      const response = await fetch(endpoint, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-amz-json-1.0',
          'x-amz-target': `AmazonSQS.${action}`,
          authorization: authorization('sqs'),
        },
        body: JSON.stringify({ QueueUrl: env.QUEUE_URL, ...input }),
      });
      const text = await response.text();
      return text === '' ? {} : (JSON.parse(text) as Readonly<Record<string, unknown>>);
    },
    query: async (service, form) => {
      const response = await fetch(endpoint, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', authorization: authorization(service) },
        body: new URLSearchParams({ Version: service === 'ec2' ? '2016-11-15' : '2011-01-01', ...form }).toString(),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(text);
      return text;
    },
  };
}

/** One thing to be done to a node. */
export interface StoredEvent {
  readonly id: string;
  readonly node: string;
  readonly done: () => Promise<void>;
}

/** Events wait here until the next tick of a second; so many are worked on at once. */
export class EventStore {
  readonly #waiting = new Map<string, StoredEvent>();
  readonly #known = new Set<string>();
  #running = 0;

  constructor(workers: number, work: (event: StoredEvent) => Promise<void>) {
    setInterval(() => {
      for (const [id, event] of this.#waiting) {
        if (this.#running >= workers) return;
        this.#waiting.delete(id);
        this.#running += 1;
        void work(event)
          .catch(() => this.#known.delete(id))
          .finally(() => (this.#running -= 1));
      }
    }, 1_000);
  }

  /** Takes an event that is not known yet. */
  add(event: StoredEvent): void {
    if (this.#known.has(event.id)) return;
    this.#known.add(event.id);
    this.#waiting.set(event.id, event);
  }
}

interface PodList {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly namespace: string; readonly uid: string };
  }[];
}

/** Labels, cordons and drains a node request by request, and asks for each pod each second until it is gone. */
async function cordonAndDrain(call: CallKubernetes, node: string, eventId: string): Promise<void> {
  const url = `/api/v1/nodes/${node}`;
  // Each step reads the node before it writes, as the incumbent does.
  await call('GET', url);
  await call('PATCH', url, { metadata: { labels: { 'aws-node-termination-handler/event-id': eventId.slice(0, 63) } } });
  await call('GET', url);
  await call('PATCH', url, { spec: { unschedulable: true } });
  const { body } = await call('GET', `/api/v1/pods?fieldSelector=spec.nodeName%3D${node}`);
  await Promise.all((body as PodList).items.map(({ metadata }) => evict(call, metadata)));
}

async function evict(
  call: CallKubernetes,
  { name, namespace, uid }: PodList['items'][number]['metadata'],
): Promise<void> {
  const url = `/api/v1/namespaces/${namespace}/pods/${name}`;
  await call('POST', `${url}/eviction`, { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } });
  for (;;) {
    const { status, body } = await call('GET', url);
    if (status === 404 || (body as { metadata?: { uid?: string } }).metadata?.uid !== uid) return;
    await sleep(1_000);
  }
}

const POLL_MS = 2_000;

/** Polls the metadata of its instance every two seconds, and acts on the next tick of a second. */
export function runAgent(env: NodeJS.ProcessEnv): void {
  const base = `${env.INSTANCE_METADATA_URL ?? ''}/latest`;
  const node = env.NODE_NAME ?? '';
  const call = connectKubernetes(env);
  const store = new EventStore(10, async (event) => {
    await cordonAndDrain(call, event.node, event.id);
    await event.done();
  });
  let token: string | undefined;
  const get = async (path: string): Promise<string | undefined> => {
    if (token === undefined) {
      const headers = { 'X-aws-ec2-metadata-token-ttl-seconds': '21600' };
      token = await (await fetch(`${base}/api/token`, { method: 'PUT', headers })).text();
    }
    const response = await fetch(`${base}/meta-data/${path}`, { headers: { 'X-aws-ec2-metadata-token': token } });
    const text = await response.text();
    return response.status === 200 ? text : undefined;
  };
  const poll = async (): Promise<void> => {
    const [notice] = await Promise.all([get('spot/instance-action'), get('events/maintenance/scheduled')]);
    if (notice !== undefined) store.add({ id: notice.replaceAll(/[^\w]/g, ''), node, done: () => Promise.resolve() });
  };
  setInterval(() => void poll().catch(() => undefined), POLL_MS);
}

const RECEIVE_MS = 2_000;

interface Envelope {
  readonly id: string;
  readonly detail: Readonly<Record<string, string>>;
}

interface Received {
  readonly Body: string;
  readonly ReceiptHandle: string;
}

/** Receives ten messages every two seconds, describes the instance of each, and keeps no message invisible. */
export function runProcessor(env: NodeJS.ProcessEnv): void {
  const aws = connectAws(env);
  const call = connectKubernetes(env);
  const store = new EventStore(Number(env.WORKERS ?? 10), async (event) => {
    await cordonAndDrain(call, event.node, event.id);
    await event.done();
  });
  const receive = async (): Promise<void> => {
    const { Messages = [] } = await aws.sqs('ReceiveMessage', {
      MaxNumberOfMessages: 10,
      WaitTimeSeconds: 20,
      VisibilityTimeout: 20,
    });
    await Promise.all((Messages as readonly Received[]).map((message) => take(aws, store, message)));
  };
  let isReceiving = false;
  setInterval(() => {
    if (isReceiving) return;
    isReceiving = true;
    void receive()
      .catch(() => undefined)
      .finally(() => (isReceiving = false));
  }, RECEIVE_MS);
}

async function take(aws: BaselineAws, store: EventStore, { Body, ReceiptHandle }: Received): Promise<void> {
  const remove = async (): Promise<void> => {
    await aws.sqs('DeleteMessage', { ReceiptHandle });
  };
  const { id, detail } = JSON.parse(Body) as Envelope;
  const instance = detail.EC2InstanceId ?? detail['instance-id'] ?? '';
  const description = await aws
    .query('ec2', { Action: 'DescribeInstances', 'InstanceId.1': instance })
    .catch(() => undefined);
  const node = description && /<privateDnsName>([^<]+)/.exec(description)?.[1];
  if (node === undefined || !description?.includes('aws-node-termination-handler/managed')) {
    await remove();
    return;
  }
  const complete = async (): Promise<void> => {
    if (detail.LifecycleActionToken !== undefined) {
      await aws.query('autoscaling', {
        Action: 'CompleteLifecycleAction',
        AutoScalingGroupName: detail.AutoScalingGroupName ?? '',
        LifecycleHookName: detail.LifecycleHookName ?? '',
        LifecycleActionToken: detail.LifecycleActionToken,
        InstanceId: instance,
        LifecycleActionResult: 'CONTINUE',
      });
    }
    await remove();
  };
  store.add({ id, node, done: complete });
}
