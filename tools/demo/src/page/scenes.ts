import type { Scene } from '../observe/timeline.ts';

/** What each scene is called, in the order in which they are shown. */
export const scenes: readonly { readonly scene: Scene; readonly title: string }[] = [
  { scene: 'spot', title: 'Spot interruption, seen by imds-agent in the instance metadata' },
  { scene: 'rebalance', title: 'Rebalance recommendation, through the queue' },
  { scene: 'lifecycle', title: 'Burst of lifecycle terminations, through the queue' },
];
