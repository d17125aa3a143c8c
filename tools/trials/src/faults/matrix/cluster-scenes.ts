import { sleep, systemClock } from '@node-termination-handler/clock';
import { startBalancer } from '../world/balancer.ts';
import { finish } from '../world/finish.ts';
import { untilAtWork } from '../world/ready.ts';
import { waitUntil } from '../../wait.ts';
import { firstTwo } from './scene.ts';
import type { Scene } from './scene.ts';

const group = 'API server';

/** What a control plane does to those who talk to it. */
export const clusterScenes: readonly Scene[] = [
  {
    group,
    name: 'is three, and one is a black hole (queue-processor)',
    options: { going: 3 },
    play: async (world) => {
      await using balancer = await startBalancer(world);
      const [first, second] = firstTwo(world);
      world.start('queue-processor', { env: { KUBECONFIG: balancer.kubeconfig } });
      await untilAtWork(world);
      await world.interrupt(first, 'lifecycle');
      await waitUntil(() => world.record.cordonedAt(first) !== undefined, 10_000);
      balancer.blackHole(true);
      const from = systemClock.monotonic();
      await world.interrupt(second, 'lifecycle');
      await world.interrupt(world.going[2] ?? '', 'spot');
      // The black hole stays: two thirds of the servers must do.
      return await finish(world, { endedAt: from, boundSeconds: 40 });
    },
  },
  {
    group,
    name: 'takes a new token and refuses the old one (queue-processor)',
    options: { going: 2, slowMs: 1500 },
    play: async (world) => {
      const { kubernetes } = world.sandbox;
      const [first, second] = firstTwo(world);
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
      await waitUntil(() => world.record.cordonedAt(first) !== undefined, 10_000);
      await kubernetes.serviceAccountFiles(world.directory, kubernetes.issueToken(user));
      kubernetes.revokeToken(old);
      kubernetes.faults.dropWatches();
      const endedAt = systemClock.monotonic();
      await world.interrupt(second, 'spot');
      return await finish(world, { endedAt, boundSeconds: 10 });
    },
  },
  {
    group,
    name: 'replaces a node by another of the same name during its drain (queue-processor)',
    options: { going: 1, slowMs: 3000 },
    play: async (world) => {
      const { kubernetes } = world.sandbox;
      const [name] = firstTwo(world);
      world.start('queue-processor');
      await untilAtWork(world);
      await world.interrupt(name, 'spot');
      await waitUntil(() => world.record.pods.some(({ goneAt }) => goneAt !== undefined), 10_000);
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
  },
];
