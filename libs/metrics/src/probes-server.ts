import type { Check, Health } from './health.ts';
import { serve } from './server.ts';
import type { Answer, Listening, ListenOptions } from './server.ts';

/** Where the probes are served. */
export interface ProbesOptions extends ListenOptions {
  /** The path of the liveness probe that tells of the loops. Default: `/healthz`. */
  readonly path?: string;
}

/**
 * Serves the probes: `/healthz` (or `path`) answers 503 when a loop of the process has not turned in its time, `/readyz` also
 * until everything that the work needs is there, `/livez` only when the process does not answer at all.
 *
 * @throws {@link ListenError} when the port is taken or forbidden.
 * @see https://kubernetes.io/docs/concepts/workloads/pods/probes/
 */
export function serveProbes(health: Health, options: ProbesOptions): Promise<Listening> {
  const { path: livenessPath = '/healthz' } = options;
  return serve((path) => respond(health, path, livenessPath), options, {
    what: 'probes',
    setting: 'PROBES_SERVER_PORT',
  });
}

function respond(health: Health, path: string, livenessPath: string): Answer | undefined {
  const { alive, ready, checks } = health.status();
  if (path === livenessPath)
    return verdict(
      alive,
      checks.filter((check) => check.of === 'process'),
    );
  if (path === '/readyz') return verdict(ready, checks);
  if (path === '/livez') return verdict(true, []);
  return undefined;
}

function verdict(good: boolean, checks: readonly Check[]): Answer {
  // The Go handler answers {"health":"OK"}, and there are scripts that look for it.
  const late = checks.filter(({ well }) => !well);
  const body = good ? { health: 'OK' } : { health: 'FAILED', late: late.map(describe) };
  return { status: good ? 200 : 503, contentType: 'application/json', body: JSON.stringify(body) };
}

function describe({ name, of, lastSuccessAgoMs, withinMs, reason }: Check) {
  const silent =
    of === 'process' ? 'it stands still' : lastSuccessAgoMs === undefined ? 'no answer yet' : 'no answer any more';
  return {
    name,
    lastSuccessSecondsAgo: lastSuccessAgoMs === undefined ? null : Math.round(lastSuccessAgoMs / 100) / 10,
    allowedSeconds: withinMs / 1000,
    reason: reason ?? silent,
  };
}
