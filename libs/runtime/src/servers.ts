import { serveMetrics, serveProbes } from '@node-termination-handler/metrics';
import type { SharedSettings } from '@node-termination-handler/settings';
import type { Runtime } from './runtime.ts';

/** What the servers need. */
export type ServerParts = Pick<Runtime<SharedSettings>, 'metrics' | 'health' | 'log' | 'clock' | 'opened' | 'stop'>;

/**
 * Starts the servers that the settings ask for, and says their ports, which the system may have chosen.
 *
 * @throws `ListenError` when a port is taken; its message names the setting.
 */
export async function startServers(settings: SharedSettings, parts: ServerParts): Promise<void> {
  const { metrics, health, log, clock, opened, stop } = parts;
  const onError = (err: Error): void => log.warn({ err }, 'a server of metrics or probes had a problem');
  if (settings.enablePrometheusServer) {
    stop.throwIfAborted();
    metrics.measureReady(() => health.status().ready);
    const server = opened.use(await serveMetrics(metrics, { port: settings.prometheusServerPort, clock, onError }));
    log.info({ port: server.port }, 'serving metrics');
  }
  if (settings.enableProbesServer) {
    stop.throwIfAborted();
    const path = settings.probesServerEndpoint;
    const server = opened.use(await serveProbes(health, { port: settings.probesServerPort, path, clock, onError }));
    log.info({ port: server.port, path }, 'serving probes');
  }
}
