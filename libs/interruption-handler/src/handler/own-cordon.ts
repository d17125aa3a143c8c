import { ACTION_LABEL, CORDONED_FOR_ANNOTATION, UNCORDON_AFTER_REBOOT } from '../policy/node-names.ts';
import type { ClusterNode } from './cluster.ts';

/**
 * Whether the cordon that a node has is an earlier process' of this program, or of the handler it replaced, which sets its
 * wish for an uncordon on no node that was cordoned before. Pure.
 */
export function isOwnCordon({ annotations, labels }: Pick<ClusterNode, 'annotations' | 'labels'>): boolean {
  return annotations[CORDONED_FOR_ANNOTATION] !== undefined || labels[ACTION_LABEL] === UNCORDON_AFTER_REBOOT;
}
