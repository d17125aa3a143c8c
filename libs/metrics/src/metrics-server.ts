import { systemClock } from '@node-termination-handler/clock';
import { negotiate } from './exposition.ts';
import type { Metrics, Scrape } from './metrics.ts';
import { serve } from './server.ts';
import type { Listening, ListenOptions } from './server.ts';

/** For so long an exposition is given again, in milliseconds: scrapers come every few seconds, and only a flood comes sooner. */
const KEPT_MS = 1_000;

/**
 * Serves the metrics on `/metrics`, in Prometheus' text format or as OpenMetrics; an exposition is at most a second old.
 *
 * @throws {@link ListenError} when the port is taken or forbidden.
 */
export function serveMetrics(metrics: Metrics, options: ListenOptions): Promise<Listening> {
  const { clock = systemClock } = options;
  const kept = new Map<Scrape['contentType'], { readonly scrape: Promise<Scrape>; readonly madeAtMs: number }>();
  const scrape = (accept: string | undefined): Promise<Scrape> => {
    const format = negotiate(accept);
    const nowMs = clock.monotonic();
    const known = kept.get(format.contentType);
    if (known !== undefined && nowMs - known.madeAtMs < KEPT_MS) return known.scrape;
    const made = metrics.scrape(accept);
    kept.set(format.contentType, { scrape: made, madeAtMs: nowMs });
    return made;
  };
  return serve(
    async (path, accept) => (path === '/metrics' ? { status: 200, ...(await scrape(accept)) } : undefined),
    options,
    { what: 'metrics', setting: 'PROMETHEUS_SERVER_PORT' },
  );
}
