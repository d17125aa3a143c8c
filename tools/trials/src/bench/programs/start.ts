import path from 'node:path';
import type { AwsSimulator, ImdsSimulator } from '@node-termination-handler/sandbox';
import type { Cluster } from '../cluster/cluster.ts';
import { Program, root } from '../../program.ts';

/** Whose program is measured. */
export type Side = 'ours' | 'baseline';

/** Both, in the order in which they run. */
export const SIDES = ['ours', 'baseline'] as const;

const baseline = path.join(import.meta.dirname, '../baseline/main.ts');

/** The programs' bundles, apart from those of others who build at the same time. */
export const bundles = path.join(root, 'results/bench/programs');

/** What an image starts Node with; see docs/performance.md. */
export const IMAGE_FLAGS = [
  '--max-semi-space-size=1',
  '--v8-pool-size=1',
  '--no-opt',
  '--no-sparkplug',
  '--no-maglev',
] as const;
/** What the image of the queue-processor starts Node with, and the heap that its chart gives it. */
export const PROCESSOR_FLAGS = ['--max-semi-space-size=2', '--max-old-space-size=256'] as const;
const imageEnvironment = { MALLOC_ARENA_MAX: '1', UV_THREADPOOL_SIZE: '1' };

type Environment = Readonly<Record<string, string>>;

/** Starts the imds-agent of a node. */
export function startAgent(
  side: Side,
  cluster: Cluster,
  node: string,
  imds: ImdsSimulator,
  extra: Environment = {},
): Program {
  const environment = {
    ...cluster.environment,
    ...imageEnvironment,
    NODE_NAME: node,
    POD_NAME: `imds-agent-${node}`,
    NAMESPACE: 'kube-system',
    INSTANCE_METADATA_URL: imds.url,
    ...extra,
  };
  const bundle = path.join(bundles, 'imds-agent/main.cjs');
  const started = side === 'ours' ? { file: bundle, nodeArgs: IMAGE_FLAGS } : { file: baseline, args: ['agent'] };
  return Program.start('imds-agent', environment, started);
}

/** Starts a queue-processor. */
export function startProcessor(side: Side, cluster: Cluster, aws: AwsSimulator, extra: Environment = {}): Program {
  const environment = {
    ...cluster.environment,
    MALLOC_ARENA_MAX: imageEnvironment.MALLOC_ARENA_MAX,
    POD_NAME: 'queue-processor-0',
    NAMESPACE: 'kube-system',
    QUEUE_URL: aws.queueUrl,
    AWS_ENDPOINT: aws.url,
    AWS_REGION: aws.region,
    AWS_ACCESS_KEY_ID: 'AKIDSANDBOX',
    AWS_SECRET_ACCESS_KEY: 'sandbox',
    AWS_EC2_METADATA_DISABLED: 'true',
    ...extra,
  };
  const bundle = path.join(bundles, 'queue-processor/main.cjs');
  const started =
    side === 'ours' ? { file: bundle, nodeArgs: PROCESSOR_FLAGS } : { file: baseline, args: ['processor'] };
  return Program.start('queue-processor', environment, started);
}
