import { ACTION_LABEL, CORDONED_FOR_ANNOTATION, EVENT_ID_LABEL, UNCORDON_AFTER_REBOOT } from '../policy/node-names.ts';
import type { ClusterNode } from './cluster.ts';

type Marks = Pick<ClusterNode, 'annotations' | 'labels'>;

/**
 * Whether the cordon that a node has is an earlier process' of this program, or of the handler it replaced, which sets its
 * wish for an uncordon on no node that was cordoned before. Pure.
 */
export function isOwnCordon({ annotations, labels }: Marks): boolean {
  return annotations[CORDONED_FOR_ANNOTATION] !== undefined || labels[ACTION_LABEL] === UNCORDON_AFTER_REBOOT;
}

/** The event, as a label value, for which such a cordon was made; `undefined` when the cordon is somebody else's. Pure. */
export function cordonedFor({ annotations, labels }: Marks): string | undefined {
  const wished = labels[ACTION_LABEL] === UNCORDON_AFTER_REBOOT ? labels[EVENT_ID_LABEL] : undefined;
  return annotations[CORDONED_FOR_ANNOTATION] ?? wished;
}
