import type { Reporter } from '@node-termination-handler/metrics';
import type { NodeIndex } from '@node-termination-handler/node-drainer';

/** How often the index is looked at, in milliseconds. */
const LOOK_EVERY_MS = 5_000;

/**
 * Reports to the probes whenever the API server has told the index something since the last look.
 *
 * An index that has gone quiet still answers, with nodes as they were; only the probe can say so.
 */
export function reportNodeIndex(
  nodes: Pick<NodeIndex, 'lastSuccess' | 'whenSynced'>,
  reporter: Reporter,
  signal: AbortSignal,
): void {
  let reported: Date | undefined;
  const look = (): void => {
    if (nodes.lastSuccess === undefined || nodes.lastSuccess === reported) return;
    reported = nodes.lastSuccess;
    reporter.succeeded();
  };
  const timer = setInterval(look, LOOK_EVERY_MS);
  timer.unref();
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  // Ready as soon as the first list is in; when it never comes, the timer has nothing to report either.
  nodes.whenSynced(signal).then(look, () => undefined);
}
