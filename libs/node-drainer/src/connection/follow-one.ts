import { follow } from './follow.ts';
import type { FollowOptions, Named } from './follow.ts';
import type { KubernetesClient, ResourceRef } from './client.ts';
import { escapeFieldValue } from './outgoing.ts';

/** What a follower of one object sees. */
export type ObjectChange<T> =
  | { type: 'present'; object: T }
  /** There is none of that name. */
  | { type: 'absent' }
  /** Nothing new, but the server is there. */
  | { type: 'alive' };

/** How to follow one object. */
export interface FollowOneOptions extends Pick<
  FollowOptions,
  'watchSeconds' | 'quietMs' | 'signal' | 'clock' | 'onTrouble'
> {
  readonly resource: Omit<ResourceRef, 'subresource'> & { readonly name: string };
}

/**
 * Follows one object, from what it is now, by one watch that is resumed when it drops. A rule of RBAC with `resourceNames` is enough for it,
 * because the list and the watch name the object in their field selector. Ends only by the signal.
 *
 * @throws the signal's reason.
 * @see https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources
 */
export async function* followOne<T extends Named>(
  client: KubernetesClient,
  { resource: { name, ...resource }, ...options }: FollowOneOptions,
): AsyncGenerator<ObjectChange<T>, undefined> {
  let listed: T | undefined;
  const fieldSelector = `metadata.name=${escapeFieldValue(name)}`;
  for await (const change of follow<T>(client, { ...options, resource, fieldSelector })) {
    switch (change.type) {
      case 'listing':
        listed = undefined;
        break;
      case 'page':
        listed = change.items[0] ?? listed;
        break;
      case 'listed':
        yield listed === undefined ? { type: 'absent' } : { type: 'present', object: listed };
        break;
      case 'set':
        yield { type: 'present', object: change.object };
        break;
      case 'removed':
        listed = undefined;
        yield { type: 'absent' };
        break;
      case 'alive':
        yield { type: 'alive' };
        break;
    }
  }
}
