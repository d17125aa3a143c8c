import { repeat } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import { errorText } from '@node-termination-handler/logger';
import type { Dependency } from '@node-termination-handler/metrics';
import { createNodeIndex } from '@node-termination-handler/node-drainer';
import type { NodeIndex, NodeIndexOptions } from '@node-termination-handler/node-drainer';
import { createLastingFailure } from '@node-termination-handler/runtime';
import type { Runtime } from '@node-termination-handler/runtime';
import type { QueueProcessorSettings } from '@node-termination-handler/settings';

/** Without a word from the API server for so long the program is not ready, in milliseconds: a quiet watch is renewed sooner. */
const HEARD_WITHIN_MS = 300_000;

/** How often the index is looked at, in milliseconds. */
const LOOK_EVERY_MS = 5_000;

/** Keeps a list of all nodes, tells of each change of it, and has the probe and the log say how up to date it is. */
export function keepNodeList(
  { client, clock, health, log, opened }: Runtime<QueueProcessorSettings>,
  onChange: NonNullable<NodeIndexOptions['onChange']>,
): NodeIndex {
  const dependency = health.dependency('list of nodes', { withinMs: HEARD_WITHIN_MS });
  const failing = 'the list of nodes cannot be kept up to date, trying again';
  const over = 'the list of nodes is up to date again';
  const advice = 'list and watch on nodes in the role, or the way from the pod to the API server';
  const failure = createLastingFailure({ log, clock, failing, over, advice });
  const nodes = opened.use(
    createNodeIndex(client, {
      onChange,
      onTrouble: (error) => {
        dependency.failed(errorText(error));
        failure.failed(error);
      },
    }),
  );
  const onHeard = (): void => {
    dependency.succeeded();
    failure.succeeded();
  };
  opened.use(watchNodeList(nodes, { succeeded: onHeard }, clock));
  return nodes;
}

/**
 * Reports whenever the API server has told the index something since the last look.
 *
 * An index that has gone quiet still answers, with nodes as they were; only the probe can say so.
 */
export function watchNodeList(
  nodes: Pick<NodeIndex, 'lastSuccess' | 'whenSynced'>,
  dependency: Pick<Dependency, 'succeeded'>,
  clock: Clock,
): Disposable {
  let reported: Date | undefined;
  const look = (): void => {
    if (nodes.lastSuccess === undefined || nodes.lastSuccess === reported) return;
    reported = nodes.lastSuccess;
    dependency.succeeded();
  };
  const over = new AbortController();
  const timer = repeat(clock, LOOK_EVERY_MS, look, { keepsProcessAlive: false });
  // Ready as soon as the first list is in; when it never comes, the timer has nothing to report either.
  nodes.whenSynced(over.signal).then(look, () => undefined);
  return {
    [Symbol.dispose]: () => {
      timer.stop();
      over.abort();
    },
  };
}
