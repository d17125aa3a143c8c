import type { Queue } from '../queue/queue.ts';

/**
 * Decides once what becomes of bodies that cannot be understood: the setting, else `leave` where the queue moves them
 * to a dead-letter queue, else `delete`.
 *
 * Where that cannot be found out they are left: a message that comes again does less harm than one that is lost.
 */
export function poisonPolicy(setting: 'delete' | 'leave' | undefined, queue: Queue): () => Promise<'delete' | 'leave'> {
  let known: Promise<'delete' | 'leave'> | undefined;
  return () => {
    if (setting !== undefined) return Promise.resolve(setting);
    known ??= queue.hasRedrivePolicy().then(
      (redrives) => (redrives ? 'leave' : 'delete'),
      () => {
        known = undefined;
        return 'leave';
      },
    );
    return known;
  };
}
