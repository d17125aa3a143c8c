import type { Metrics } from './metrics.ts';
import { serve } from './serve.ts';
import type { Listening, ListenOptions } from './serve.ts';

/**
 * Serves the metrics on `/metrics`, in Prometheus' text format or as OpenMetrics.
 *
 * @throws {@link ListenError} when the port is taken or forbidden.
 */
export function serveMetrics(metrics: Metrics, options: ListenOptions): Promise<Listening> {
  return serve(
    async (path, accept) => {
      if (path !== '/metrics') return undefined;
      return { status: 200, ...(await metrics.scrape(accept)) };
    },
    options,
    { what: 'metrics', setting: 'PROMETHEUS_SERVER_PORT' },
  );
}
