import { serveMetrics, serveProbes } from '@node-termination-handler/metrics';
import type { Health, Listening, Metrics } from '@node-termination-handler/metrics';
import type { SharedSettings } from './shared-settings.ts';

/**
 * Starts the servers that the settings ask for.
 *
 * @throws `ListenError` when a port is taken; its message names the setting.
 */
export async function startServers(
  settings: SharedSettings,
  metrics: Metrics,
  health: Health,
): Promise<AsyncDisposable> {
  const servers: Listening[] = [];
  if (settings.enablePrometheusServer)
    servers.push(await serveMetrics(metrics, { port: settings.prometheusServerPort }));
  if (settings.enableProbesServer) {
    servers.push(await serveProbes(health, { port: settings.probesServerPort, path: settings.probesServerEndpoint }));
  }
  return {
    [Symbol.asyncDispose]: async () => {
      await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
    },
  };
}
