import type { Rule } from './rule.ts';

/** See https://kubernetes.io/docs/concepts/storage/volumes/#emptydir: the data goes with the pod. */
export const emptyDirPod: Rule = ({ hasEmptyDir, ref }, { deleteEmptyDirData }) => {
  if (!hasEmptyDir || deleteEmptyDirData) return undefined;
  const warning = `${ref.namespace}/${ref.name} has emptyDir volumes; set deleteEmptyDirData to evict it and lose their data`;
  return { decision: 'refuse', reason: 'has emptyDir volumes', warning };
};
