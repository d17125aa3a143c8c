import type { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { createKubernetesCluster, InterruptionHandler } from '@node-termination-handler/interruption-handler';
import type { Logger } from '@node-termination-handler/logger';
import { createHealth } from '@node-termination-handler/metrics';
import type { Metrics, Reporter } from '@node-termination-handler/metrics';
import { createNodeIndex } from '@node-termination-handler/node-drainer';
import type { NodeIndex } from '@node-termination-handler/node-drainer';
import {
  clusterOptions,
  connectToCluster,
  createTelling,
  handlerOptions,
  startServers,
} from '@node-termination-handler/runtime';
import type { Monitors } from '@node-termination-handler/runtime';
import type { QueueProcessorSettings } from '@node-termination-handler/settings';
import type { WebhookNotifier } from '@node-termination-handler/webhook-notifier';
import { createAwsClients } from './aws-clients.ts';
import type { AwsClients } from './aws-clients.ts';
import { Instances } from './instances/describe.ts';
import { MessagesInWork } from './queue/in-work.ts';
import { keepInvisible } from './queue/keep-invisible.ts';
import { Queue } from './queue/queue.ts';
import { findRegion } from './region.ts';
import { countTagged } from './tagged.ts';
import { createTeller } from './tell.ts';
import type { Teller } from './tell.ts';
import { reportNodeIndex } from './node-index-health.ts';

/** How many messages may be in work: more than any burst of one cluster, little enough to keep invisible. */
const MESSAGES_IN_WORK = 2_000;

/** Without a successful poll for so long the program is not healthy, in milliseconds: some long polls and their retries. */
const POLL_WITHIN_MS = 90_000;

/** Without a word from the API server for so long the list of nodes is not healthy, in milliseconds: a quiet watch is renewed sooner. */
const NODES_WITHIN_MS = 300_000;

/** What the program was started with. */
export interface Start {
  readonly settings: QueueProcessorSettings;
  readonly webhook: WebhookNotifier | undefined;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly userAgent: string;
}

/** Everything the data flow runs through, connected. */
export interface Parts {
  readonly aws: AwsClients;
  readonly queue: Queue;
  readonly inWork: MessagesInWork;
  readonly polls: Reporter;
  readonly nodes: NodeIndex;
  readonly instances: Instances;
  readonly autoScaling: AutoScalingClient;
  readonly handler: InterruptionHandler;
  readonly teller: Teller;
  readonly monitors: Monitors;
  /** Aborts when the parts are closed. */
  readonly ended: AbortSignal;
  /** Tells what is still to be told, then closes every connection. */
  close(): Promise<void>;
}

/**
 * Connects the parts of the program; nothing is received yet.
 *
 * @throws when a port is taken, or neither cluster nor region can be found from the settings.
 */
export async function connectParts({ settings, webhook, log, metrics, userAgent }: Start): Promise<Parts> {
  const ended = new AbortController();
  const health = createHealth();
  const polls = health.expect('queue poll', { withinMs: POLL_WITHIN_MS });
  const nodeList = health.expect('list of nodes', { withinMs: NODES_WITHIN_MS });
  const client = await connectToCluster(settings, userAgent);
  const region = await findRegion(settings.awsRegion, settings.queueUrl);
  const servers = await startServers(settings, metrics, health, log);
  const nodes = createNodeIndex(client, {
    preferProviderId: settings.useProviderId,
    signal: ended.signal,
    onTrouble: (err) => {
      nodeList.failed(err);
      log.warn({ err }, 'the list of nodes cannot be kept up to date, trying again');
    },
  });
  reportNodeIndex(nodes, nodeList, ended.signal);
  const handler = new InterruptionHandler(createKubernetesCluster(client, clusterOptions(settings, nodes)), {
    ...handlerOptions(settings, settings.rebalanceAction ?? 'drain'),
    concurrentDrains: settings.workers,
  });
  const aws = createAwsClients({ region, endpoint: settings.awsEndpoint });
  const queue = new Queue(aws.sqs, settings.queueUrl);
  const inWork = new MessagesInWork(MESSAGES_IN_WORK);
  const visibility = keepInvisible(queue, inWork, {
    visibilityTimeoutSeconds: settings.sqsMsgVisibilityTimeoutSeconds,
    onFailed: (err) => log.warn({ err }, 'a message could not be kept invisible'),
  });
  const host = settings.podName ?? settings.nodeName ?? 'queue-processor';
  const telling = createTelling(settings, webhook, { log, metrics, client, host });
  const teller = createTeller({ telling, nodes, region, log });
  if (settings.enablePrometheusServer) {
    const onFailed = (err: unknown): void => log.warn({ err }, 'tagged instances could not be counted');
    void countTagged(aws.ec2, nodes, settings.managedTag, metrics, onFailed, ended.signal);
  }
  return {
    aws,
    queue,
    inWork,
    polls,
    nodes,
    instances: new Instances(aws.ec2),
    autoScaling: aws.autoScaling,
    handler,
    teller,
    monitors: telling.monitors,
    ended: ended.signal,
    close: async () => {
      await telling.close(3_000);
      visibility[Symbol.dispose]();
      ended.abort();
      aws.close();
      client.close();
      await servers[Symbol.asyncDispose]();
    },
  };
}
