import path from 'node:path';
import { systemClock } from '@node-termination-handler/clock';
import type { Timer } from '@node-termination-handler/clock';
import type { PodObject } from '../kube.ts';
import type { Program } from '../program.ts';
import { installChart, RELEASE, startOf } from './chart.ts';
import { follow } from './follow.ts';
import type { Scene, Settings } from './scene.ts';
import { openAccount } from './world.ts';

type Spec = PodObject['spec'] & { readonly terminationGracePeriodSeconds?: number };
type Going = PodObject['metadata'] & { readonly deletionGracePeriodSeconds?: number };

/** One pod of a release, and the process in the place of its container. Times in ms since the epoch. */
interface ReleasePod {
  readonly name: string;
  readonly nodeName: string;
  /** Undefined until it is started. */
  program?: Program;
  toldToEndAt?: number;
  goneAt?: number;
}

/** A release of the queue-processor, whose pods real controllers make, place and replace. */
export interface Release extends AsyncDisposable {
  readonly namespace: string;
  /** Its pods, the oldest first, those that are gone too. */
  readonly pods: readonly ReleasePod[];
  /** Those that are there and were not told to end, and whose programs run. */
  readonly atWork: readonly ReleasePod[];
  /** The programs at work must be so many. */
  untilAtWork(count: number): Promise<void>;
  /** The one pod on a node. */
  on(nodeName: string): ReleasePod;
}

/** What the release of every scenario has in the place of AWS's endpoints and a role. */
const CREDENTIALS: Settings = {
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'example',
  AWS_EC2_METADATA_DISABLED: 'true',
  PROBES_SERVER_PORT: '0',
};

/**
 * Installs the chart on the scenario's nodes, and is the kubelet of its pods: a pod that is bound gets a process with its environment, its end
 * is SIGTERM, and SIGKILL when its grace is over, and it is gone when its process is.
 */
export async function installRelease(
  scene: Scene,
  values: Readonly<Record<string, unknown>>,
  settings: Settings = {},
): Promise<Release> {
  const namespace = `release-${scene.id}`;
  const { aws, kube, world } = scene;
  const pods = new Map<string, ReleasePod>();
  const kills = new Map<string, Timer>();
  const failures: unknown[] = [];
  const start = async (pod: PodObject, life: ReleasePod): Promise<void> => {
    const { name, uid } = pod.metadata;
    const directory = path.join(scene.directory, name);
    const account = await openAccount(world, namespace, `${RELEASE}-queue-processor`, directory, pod);
    const { args, env } = startOf(pod);
    if (args.length > 0) throw new Error(`arguments that nobody passes on: ${args.join(' ')}`);
    const everything = { ...env, ...CREDENTIALS, ...settings, KUBECONFIG: account.kubeconfigFile };
    life.program = await scene.startAs('queue-processor', name, account, everything);
    if (life.toldToEndAt !== undefined) life.program.signal('SIGTERM');
    await life.program.exit;
    kills.get(uid)?.stop();
    const uidOnly = { gracePeriodSeconds: '0' };
    await kube.remove(`/api/v1/namespaces/${namespace}/pods/${name}`, uidOnly);
  };
  const set = (pod: PodObject): void => {
    const { name, uid, deletionTimestamp, deletionGracePeriodSeconds = 0 } = pod.metadata as Going;
    const { nodeName = '' } = pod.spec as Spec;
    if (nodeName === '') return;
    const known = pods.get(uid);
    const life = known ?? { name, nodeName };
    pods.set(uid, life);
    if (known === undefined) start(pod, life).catch((error: unknown) => failures.push(error));
    if (deletionTimestamp === undefined || life.toldToEndAt !== undefined) return;
    life.toldToEndAt = Date.now();
    life.program?.signal('SIGTERM');
    const kill = () => life.program?.signal('SIGKILL');
    kills.set(uid, systemClock.startTimer(deletionGracePeriodSeconds * 1000, kill, { keepsProcessAlive: false }));
  };
  const gone = ({ metadata: { uid } }: PodObject): void => {
    const life = pods.get(uid);
    if (life !== undefined) life.goneAt = Date.now();
  };
  await installChart(scene, 'queue-processor', {
    namespace,
    level: 'restricted',
    values: {
      queueURL: aws.queueUrl,
      awsEndpoint: aws.url,
      awsRegion: aws.region,
      nodeSelector: { 'e2e/scene': scene.id },
      // What plays the kubelets keeps its hands off its pods.
      podAnnotations: { 'control-plane/hangs': 'true' },
      ...values,
    },
  });
  const labels = { labelSelector: 'app.kubernetes.io/name=queue-processor' };
  const following = follow<PodObject>(world.plane.api, `/api/v1/namespaces/${namespace}/pods`, labels, { set, gone });
  const release: Release = {
    namespace,
    get pods() {
      return [...pods.values()];
    },
    get atWork() {
      return [...pods.values()].filter(
        ({ program, toldToEndAt }) => program?.isRunning === true && toldToEndAt === undefined,
      );
    },
    untilAtWork: (count) =>
      scene.eventually(`${count} programs of the release to be at work`, () => {
        if (failures.length > 0) throw new AggregateError(failures, 'a pod of the release could not be played');
        const { atWork } = release;
        const isPolling = ({ program }: ReleasePod) =>
          (program?.output ?? '').includes('Started monitoring for events');
        return atWork.length === count && atWork.every(isPolling);
      }),
    on(nodeName) {
      const found = [...pods.values()].filter((pod) => pod.nodeName === nodeName);
      const [pod] = found;
      if (pod === undefined || found.length > 1) throw new Error(`${found.length} pods of the release on ${nodeName}`);
      return pod;
    },
    [Symbol.asyncDispose]: async () => {
      await following[Symbol.asyncDispose]();
      for (const kill of kills.values()) kill.stop();
    },
  };
  return scene.use(release);
}
