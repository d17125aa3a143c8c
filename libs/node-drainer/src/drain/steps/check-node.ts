import { checkNodeIdentity } from '../node-identity.ts';
import type { DrainStep } from './step.ts';

/** Makes sure that the drain is for the node that was marked. */
export const checkNode: DrainStep = {
  name: 'check-node',
  async run(run) {
    await checkNodeIdentity(run);
    return 'go-on';
  },
};
