import type { Logger } from '@node-termination-handler/logger';
import { serveMetrics, serveProbes } from '@node-termination-handler/metrics';
import type { Health, Listening, Metrics } from '@node-termination-handler/metrics';
import type { SharedSettings } from './shared-settings.ts';

/**
 * Starts the servers that the settings ask for, and says their ports, which the system may have chosen.
 *
 * @throws `ListenError` when a port is taken; its message names the setting.
 */
export async function startServers(
  settings: SharedSettings,
  metrics: Metrics,
  health: Health,
  log: Pick<Logger, 'info'>,
): Promise<AsyncDisposable> {
  const servers: Listening[] = [];
  if (settings.enablePrometheusServer) {
    const server = await serveMetrics(metrics, { port: settings.prometheusServerPort });
    log.info({ port: server.port }, 'serving metrics');
    servers.push(server);
  }
  if (settings.enableProbesServer) {
    const path = settings.probesServerEndpoint;
    const server = await serveProbes(health, { port: settings.probesServerPort, path });
    log.info({ port: server.port, path }, 'serving probes');
    servers.push(server);
  }
  return {
    [Symbol.asyncDispose]: async () => {
      await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
    },
  };
}
