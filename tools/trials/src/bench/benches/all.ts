import type { Bench } from '../bench.ts';
import { burst } from './burst.ts';
import { dependencies } from './dependencies.ts';
import { flowControl } from './flow-control.ts';
import { foreignMessages } from './foreign-messages.ts';
import { hangingPods } from './hanging-pods.ts';
import { idle } from './idle.ts';
import { largeCluster } from './large-cluster.ts';
import { noticeToCordon } from './notice-to-cordon.ts';
import { pollInterval } from './poll-interval.ts';
import { scaling } from './scaling.ts';
import { startUp } from './start-up.ts';

/** Everything that is measured, in the order in which it runs. */
export const benches: readonly Bench[] = [
  startUp,
  dependencies,
  idle,
  noticeToCordon,
  pollInterval,
  hangingPods,
  burst,
  foreignMessages,
  largeCluster,
  flowControl,
  scaling,
];
