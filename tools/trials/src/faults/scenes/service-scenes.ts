import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import path from 'node:path';
import { sleep, systemClock } from '@node-termination-handler/clock';
import { waitUntil } from '../../wait.ts';
import { finish, scene, untilAtWork, untilCordoned, untilFirstPodGone } from '../course.ts';
import { VISIBILITY_SECONDS } from '../world.ts';
import type { World } from '../world.ts';
import type { Case } from '../../case.ts';

/** What a queue does to messages, though it works as promised. */
export const queueScenes: readonly Case[] = [
  scene('SQS', 'delivers twice, late and out of order (queue-processor)', { going: 2, slowMs: 1500 }, async (world) => {
    const { aws } = world.sandbox;
    const { first, second } = world;
    world.start('queue-processor');
    await untilAtWork(world);
    const sent = await world.interrupt(first, 'lifecycle');
    const action = aws.autoScaling.actions().find(({ token }) => token === sent.token);
    if (action === undefined || sent.messageId === undefined) throw new Error('no lifecycle action was started');
    // EventBridge tells of the same action twice, SQS delivers the first message again while it is in work.
    const { messageId } = sent;
    await aws.resendLifecycleAction(action);
    await waitUntil(() => aws.sqs.message(messageId)?.receives.length === 1, 5000);
    await aws.sqs.deliverAgain(messageId);
    // The spot notice of the second node comes after the state change that followed it.
    await world.interrupt(second, 'state-change');
    await aws.sendSpotInterruption(world.sandbox.instanceIdOf(second), { delaySeconds: 2 });
    return await finish(world, { endedAt: systemClock.monotonic(), boundSeconds: 10 });
  }),
  scene('SQS', 'is deleted and created again (queue-processor)', { going: 2 }, async (world) => {
    const { aws } = world.sandbox;
    const { first, second } = world;
    world.start('queue-processor');
    await untilAtWork(world);
    await world.interrupt(first, 'spot');
    await waitUntil(() => aws.sqs.messages().every(({ deletedAt }) => deletedAt !== undefined), 10_000);
    const calls = aws.calls('sqs', 'ReceiveMessage').length;
    await aws.sqs.deleteQueue('interruptions');
    await waitUntil(() => aws.calls('sqs', 'ReceiveMessage').length > calls + 2, 10_000);
    await aws.sqs.createQueue('interruptions', { visibilityTimeoutSeconds: VISIBILITY_SECONDS });
    const endedAt = systemClock.monotonic();
    await world.interrupt(second, 'lifecycle');
    return await finish(world, { endedAt, boundSeconds: 15 });
  }),
];

/** A load balancer before three API servers, one of which may be a black hole: it takes connections and answers nothing. */
interface Balancer extends AsyncDisposable {
  /** A kubeconfig that leads through the balancer. */
  readonly kubeconfig: string;
  /** Switches the black hole on: connections to the third server that are open fall silent too. */
  readonly blackHole: (on: boolean) => void;
}

const SERVERS = 3;

/** Starts a balancer that gives connections to three servers in turn. */
async function startBalancer(world: World): Promise<Balancer> {
  const target = new URL(world.sandbox.kubernetes.url);
  const sockets = new Set<Socket>();
  const silent = new Set<Socket>();
  let isBlack = false;
  let count = 0;
  const server = createServer((client) => {
    const isThird = count++ % SERVERS === SERVERS - 1;
    sockets.add(client);
    client.on('error', () => client.destroy());
    client.on('close', () => sockets.delete(client));
    if (isThird) silent.add(client);
    const upstream = connect(Number(target.port), target.hostname);
    sockets.add(upstream);
    upstream.on('error', () => client.destroy());
    upstream.on('close', () => {
      sockets.delete(upstream);
      client.destroy();
    });
    client.on('close', () => upstream.destroy());
    const swallows = (): boolean => isBlack && silent.has(client);
    client.on('data', (bytes) => {
      if (!swallows()) upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      if (!swallows()) client.write(bytes);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const original = world.sandbox.queueProcessorEnvironment().KUBECONFIG ?? '';
  const kubeconfig = path.join(world.directory, 'balanced.kubeconfig');
  const text = await readFile(original, 'utf8');
  await writeFile(kubeconfig, text.replaceAll(target.origin, `https://127.0.0.1:${port}`), { mode: 0o600 });
  return {
    kubeconfig,
    blackHole: (on) => void (isBlack = on),
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** What a control plane does to those who talk to it. */
export const clusterScenes: readonly Case[] = [
  scene('API server', 'is three, and one is a black hole (queue-processor)', { going: 3 }, async (world) => {
    await using balancer = await startBalancer(world);
    const { first, second } = world;
    world.start('queue-processor', { env: { KUBECONFIG: balancer.kubeconfig } });
    await untilAtWork(world);
    await world.interrupt(first, 'lifecycle');
    await untilCordoned(world, first);
    balancer.blackHole(true);
    const from = systemClock.monotonic();
    await world.interrupt(second, 'lifecycle');
    await world.interrupt(world.going[2] ?? '', 'spot');
    // The black hole stays: two thirds of the servers must do.
    return await finish(world, { endedAt: from, boundSeconds: 40 });
  }),
  scene(
    'API server',
    'replaces a node by another of the same name during its drain (queue-processor)',
    { going: 1, slowMs: 3000 },
    async (world) => {
      const { kubernetes } = world.sandbox;
      const { first: name } = world;
      world.start('queue-processor');
      await untilAtWork(world);
      await world.interrupt(name, 'spot');
      await untilFirstPodGone(world);
      const old = kubernetes.get({ kind: 'Node', name });
      if (old === undefined) throw new Error(`${name} is not there`);
      kubernetes.remove({ kind: 'Node', name });
      const { taints: _taints, unschedulable: _unschedulable, ...spec } = old.spec as Readonly<Record<string, unknown>>;
      const {
        labels: _labels,
        annotations: _annotations,
        uid: _uid,
        resourceVersion: _version,
        ...metadata
      } = old.metadata;
      kubernetes.put({ ...old, metadata, spec: { ...spec, providerID: 'aws:///us-east-1a/i-0fffffffffffffff0' } });
      const replacement = kubernetes.get({ kind: 'Node', name });
      const messages = world.sandbox.aws.sqs;
      await waitUntil(() => messages.messages().every(({ deletedAt }) => deletedAt !== undefined), 6000);
      await sleep(systemClock, 500);
      const now = kubernetes.get({ kind: 'Node', name });
      const isUntouched = now?.metadata.resourceVersion === replacement?.metadata.resourceVersion;
      await Promise.all(world.programs.map((program) => program.stop()));
      return { violations: isUntouched ? [] : [`foreign write: the new ${name} was changed`] };
    },
  ),
];

/** What happens to the files that they read. */
export const fileScenes: readonly Case[] = [
  scene(
    'API server',
    'takes a new token and refuses the old one (queue-processor)',
    { going: 2, slowMs: 1500 },
    async (world) => {
      const { kubernetes } = world.sandbox;
      const { first, second } = world;
      const user = { user: 'system:serviceaccount:kube-system:queue-processor' };
      const old = kubernetes.issueToken(user);
      await kubernetes.serviceAccountFiles(world.directory, old);
      const { hostname, port } = new URL(kubernetes.url);
      world.start('queue-processor', {
        env: {
          KUBECONFIG: '',
          KUBERNETES_SERVICE_HOST: hostname,
          KUBERNETES_SERVICE_PORT: port,
          KUBERNETES_SERVICE_ACCOUNT_DIRECTORY: world.directory,
        },
      });
      await untilAtWork(world);
      await world.interrupt(first, 'lifecycle');
      await untilCordoned(world, first);
      await kubernetes.serviceAccountFiles(world.directory, kubernetes.issueToken(user));
      kubernetes.revokeToken(old);
      kubernetes.faults.dropWatches();
      const endedAt = systemClock.monotonic();
      await world.interrupt(second, 'spot');
      return await finish(world, { endedAt, boundSeconds: 10 });
    },
  ),
];
