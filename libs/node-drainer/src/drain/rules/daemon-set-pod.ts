import type { Rule } from './rule.ts';

/** A DaemonSet's pods tolerate the cordon: evicted, they would be back at once. */
export const daemonSetPod: Rule = ({ controller, ref }, { ignoreDaemonSets }) => {
  if (controller?.kind !== 'DaemonSet') return undefined;
  const reason = `managed by DaemonSet ${controller.name}`;
  if (ignoreDaemonSets) return { decision: 'skip', reason };
  const warning = `${ref.namespace}/${ref.name} is ${reason}; set ignoreDaemonSets to leave such pods on the node`;
  return { decision: 'refuse', reason, warning };
};
