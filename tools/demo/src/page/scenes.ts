import type { Scene } from '../observe/timeline.ts';

/** What each scene is called, in the order in which they are shown. */
export const sceneTitles: Readonly<Record<Scene, string>> = {
  spot: 'Spot interruption, seen by imds-agent in the instance metadata',
  rebalance: 'Rebalance recommendation, through the queue',
  lifecycle: 'Burst of lifecycle terminations, through the queue',
};
