import { retry } from '@node-termination-handler/clock';
import { createImdsClient, hiddenDocuments } from '@node-termination-handler/imds-client';
import type { ImdsClient, NodeMetadata } from '@node-termination-handler/imds-client';
import { errorText } from '@node-termination-handler/logger';
import { createLastingFailure, watchDependency } from '@node-termination-handler/runtime';
import type { Runtime } from '@node-termination-handler/runtime';
import type { ImdsAgentSettings } from '@node-termination-handler/settings';

/** In this time the metadata must have been read for the agent to be ready, in milliseconds. */
const READ_WITHIN_MS = 30_000;

/** How the pauses grow while the metadata is not there. */
const ASK_AGAIN = { firstMs: 250, maxMs: 5_000 };

/** The longest that one try to read the metadata may take with the pause after it, in milliseconds, with time to spare. */
const ROUND_MS = 60_000;

/** Connects to the metadata service; nothing is asked yet. */
export function connectMetadata({ awsClock, settings, log, opened }: Runtime<ImdsAgentSettings>): ImdsClient {
  return opened.use(
    createImdsClient({
      endpoint: settings.instanceMetadataUrl,
      tries: settings.metadataTries,
      clock: awsClock,
      onDate: (...answer) => awsClock.answered(...answer),
      onNotice: ({ message }) => log.warn(message),
    }),
  );
}

/**
 * Asks who the instance is until it is known: without its id no notice could be told from another.
 *
 * @throws the reason of the signal to stop.
 */
export async function ownInstance(
  imds: Pick<ImdsClient, 'nodeMetadata'>,
  {
    clock,
    health,
    log,
    stop,
    telling,
  }: Pick<Runtime<ImdsAgentSettings>, 'clock' | 'health' | 'log' | 'stop' | 'telling'>,
): Promise<NodeMetadata> {
  const loop = health.loop('look at the own instance', { withinMs: ROUND_MS });
  const metadata = health.dependency('instance metadata', { withinMs: READ_WITHIN_MS });
  const failing = 'the instance metadata cannot be read, trying again';
  const advice =
    'the way from the pod to the instance metadata: its hop limit (2, or useHostNetwork), a network policy, INSTANCE_METADATA_URL';
  const over = 'the instance metadata was read';
  const failure = createLastingFailure({ log, clock, level: 'error', failing, over, advice });
  const onRetry = (error: unknown): void => {
    loop.turned();
    metadata.failed(errorText(error));
    failure.failed(error);
  };
  const instance = await retry({ clock, backoff: ASK_AGAIN, signal: stop, onRetry }, () =>
    imds.nodeMetadata({ signal: stop }),
  );
  failure.succeeded();
  loop.retire();
  metadata.retire();
  const { privateIp: localIp, ...known } = instance;
  telling.knowOwnInstance({ metadata: { ...known, localIp } });
  return instance;
}

/**
 * Has the readiness probe and the log say when something lets only a part of the metadata through, as proxies do that guard credentials:
 * notices would be absent without any error. Ends with the signal, quietly.
 */
export function watchForFilter(
  {
    clock,
    health,
    imds,
    log,
  }: Pick<Runtime<ImdsAgentSettings>, 'clock' | 'health' | 'log'> & { readonly imds: Pick<ImdsClient, 'get'> },
  signal: AbortSignal,
): Promise<void> {
  const ask = async (): Promise<void> => {
    // While it does not answer it hides nothing; that is told with the documents.
    const hidden = await retry({ clock, backoff: ASK_AGAIN, signal }, () => hiddenDocuments(imds, { signal }));
    if (hidden.length === 0) return;
    throw new Error(
      `it answers 404 to ${hidden.join(', ')}, which every instance has: a proxy in between, such as kiam or kube2iam, lets only some documents through`,
    );
  };
  const failing = 'the instance metadata is filtered, so that notices would not be seen';
  const watched = {
    name: 'unfiltered instance metadata',
    ask,
    failing,
    over: 'the instance metadata is filtered no more',
    advice: 'let the agent reach the service itself (useHostNetwork), or all of /latest/meta-data through the proxy',
  };
  return watchDependency(watched, { clock, health, log }, signal);
}
