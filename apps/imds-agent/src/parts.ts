import { createImdsClient } from '@node-termination-handler/imds-client';
import type { ImdsClient, NodeMetadata } from '@node-termination-handler/imds-client';
import { createKubernetesCluster, InterruptionHandler } from '@node-termination-handler/interruption-handler';
import type { InterruptionProgress, ProgressNode } from '@node-termination-handler/interruption-handler';
import type { Logger } from '@node-termination-handler/logger';
import { createHealth } from '@node-termination-handler/metrics';
import type { Metrics, Reporter } from '@node-termination-handler/metrics';
import type { KubernetesClient } from '@node-termination-handler/node-drainer';
import {
  clusterOptions,
  connectToCluster,
  createTelling,
  handlerOptions,
  startServers,
} from '@node-termination-handler/runtime';
import type { Monitors } from '@node-termination-handler/runtime';
import type { ImdsAgentSettings } from '@node-termination-handler/settings';
import type { WebhookNotifier } from '@node-termination-handler/webhook-notifier';
import pRetry from 'p-retry';
import { rebalanceAction } from './documents.ts';

/** Without a successful poll for so long the program is not healthy, in milliseconds. */
const POLL_WITHIN_MS = 30_000;

/** What the program was started with. */
export interface Start {
  readonly settings: ImdsAgentSettings;
  readonly webhook: WebhookNotifier | undefined;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly userAgent: string;
  readonly stop: AbortSignal;
}

/** Everything the data flow runs through, connected. */
export interface Parts {
  readonly imds: ImdsClient;
  readonly metadata: NodeMetadata;
  readonly polls: Reporter;
  readonly client: KubernetesClient;
  readonly handler: InterruptionHandler;
  /** Tells a step; all steps are about the own node, so one that does not name it is given it once it is known. */
  readonly tell: (step: InterruptionProgress) => void;
  readonly monitors: Monitors;
  /** Aborts when the parts are closed. */
  readonly ended: AbortSignal;
  /** Tells what is still to be told, then closes every connection. */
  close(): Promise<void>;
}

/**
 * Connects the parts of the program; nothing is watched yet.
 *
 * @throws when a port is taken, the cluster cannot be found from the settings, or the program stops meanwhile.
 */
export async function connectParts({ settings, webhook, log, metrics, userAgent, stop }: Start): Promise<Parts> {
  const ended = new AbortController();
  const health = createHealth();
  const polls = health.expect('instance metadata', { withinMs: POLL_WITHIN_MS });
  // What is open already is closed again when the rest cannot be had, or the process would never end.
  await using opened = new AsyncDisposableStack();
  const client = opened.adopt(await connectToCluster(settings, userAgent), (connected) => connected.close());
  opened.use(await startServers(settings, metrics, health, log));
  const imds = createImdsClient({
    endpoint: settings.instanceMetadataUrl,
    tries: settings.metadataTries,
    onNotice: ({ message }) => log.warn(message),
  });
  opened.adopt(imds, (open) => open.close());
  const metadata = await ownMetadata(imds, polls, log, stop);
  const { privateIp: localIp, ...known } = metadata;
  const instance = { ...known, localIp };
  const telling = createTelling(settings, webhook, {
    log,
    metrics,
    client,
    host: settings.nodeName,
    ownMetadata: instance,
  });
  let node: ProgressNode | undefined;
  const resources = opened.move();
  return {
    imds,
    metadata,
    polls,
    client,
    handler: new InterruptionHandler(
      createKubernetesCluster(client, clusterOptions(settings)),
      handlerOptions(settings, rebalanceAction(settings)),
    ),
    tell: (step) => {
      node = step.node ?? node;
      telling.tell(node === undefined ? step : { ...step, node }, {
        metadata: instance,
        instanceType: metadata.instanceType,
      });
    },
    monitors: telling.monitors,
    ended: ended.signal,
    close: async () => {
      await telling.close(3_000);
      ended.abort();
      await resources.disposeAsync();
    },
  };
}

/** Asks who the instance is until it is known: without its id no notice could be told from another. */
function ownMetadata(imds: ImdsClient, polls: Reporter, log: Logger, signal: AbortSignal): Promise<NodeMetadata> {
  return pRetry(() => imds.nodeMetadata({ signal }), {
    retries: Infinity,
    minTimeout: 250,
    maxTimeout: 5_000,
    randomize: true,
    signal,
    onFailedAttempt: ({ error, attemptNumber }) => {
      polls.failed(error);
      log[attemptNumber === 1 ? 'error' : 'debug'](
        { err: error },
        'the instance metadata cannot be read, trying again',
      );
    },
  });
}
