import { systemClock } from '@node-termination-handler/clock';
import { performCall } from './call.ts';
import type { KubernetesClient } from './client.ts';
import { createEndpoint } from './endpoint.ts';
import { KubernetesConnectionError } from './errors.ts';
import type { Connection } from './exchange.ts';
import { createGate, createRateLimit } from './limits.ts';
import type { ClusterAccess, ConnectOptions } from './options.ts';
import { parseConnectOptions } from './options.ts';
import { performWatch } from './watch.ts';

/**
 * Reads and patches under way at once. They take milliseconds, so that a burst of them is over sooner on few connections
 * than on many that must first be made; evictions take a hundred milliseconds of waiting each, and need the many.
 */
const MAX_QUICK_CALLS = 32;

/**
 * Connects to the API server that a `KubeConfig` of `@kubernetes/client-node` names, with its credentials: token,
 * token file (rotation included), client certificate, basic authentication, plugins. Nothing is sent before the first
 * call.
 *
 * @throws {@link InvalidOptionsError}
 *
 * @example
 * ```ts
 * const kubeConfig = new KubeConfig();
 * kubeConfig.loadFromDefault();
 * const client = connect(kubeConfig, { callDeadlineMs: 15_000 });
 * const node = await client.request<Node>({ verb: 'get', resource: 'nodes', name: 'ip-10-0-0-1' });
 * ```
 */
export function connect(kubeConfig: ClusterAccess, options: ConnectOptions = {}): KubernetesClient {
  const settings = parseConnectOptions(options);
  const closing = new AbortController();
  const connection: Connection = {
    settings,
    endpoint: createEndpoint(kubeConfig, settings.maxSockets, systemClock),
    slowCalls: createGate(settings.maxSockets),
    quickCalls: createGate(Math.min(settings.maxSockets, MAX_QUICK_CALLS)),
    rateLimit: settings.rateLimit && createRateLimit(settings.rateLimit, systemClock),
    clock: systemClock,
    closed: closing.signal,
  };
  return {
    request: (call) => performCall(connection, call),
    watch: (call) => performWatch(connection, call),
    close: () => {
      closing.abort(new KubernetesConnectionError('the client is closed'));
      connection.endpoint.close();
    },
  };
}
