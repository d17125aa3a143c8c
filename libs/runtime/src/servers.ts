import type { Clock } from '@node-termination-handler/clock';
import type { Logger } from '@node-termination-handler/logger';
import { serveMetrics, serveProbes } from '@node-termination-handler/metrics';
import type { Health, Metrics } from '@node-termination-handler/metrics';
import type { SharedSettings } from '@node-termination-handler/settings';

/** What the servers need. */
export interface ServerParts {
  readonly metrics: Metrics;
  readonly health: Health;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  readonly clock: Clock;
  /** Takes them, to be closed. */
  readonly opened: AsyncDisposableStack;
  readonly signal: AbortSignal;
}

/**
 * Starts the servers that the settings ask for, and says their ports, which the system may have chosen.
 *
 * @throws `ListenError` when a port is taken; its message names the setting.
 */
export async function startServers(settings: SharedSettings, parts: ServerParts): Promise<void> {
  const { metrics, health, log, clock, opened, signal } = parts;
  const onError = (err: Error): void => log.warn({ err }, 'a server of metrics or probes had a problem');
  if (settings.enablePrometheusServer) {
    signal.throwIfAborted();
    metrics.measureReady(() => health.status().ready);
    const server = opened.use(await serveMetrics(metrics, { port: settings.prometheusServerPort, clock, onError }));
    log.info({ port: server.port }, 'serving metrics');
  }
  if (settings.enableProbesServer) {
    signal.throwIfAborted();
    const path = settings.probesServerEndpoint;
    const server = opened.use(await serveProbes(health, { port: settings.probesServerPort, path, clock, onError }));
    log.info({ port: server.port, path }, 'serving probes');
  }
}
