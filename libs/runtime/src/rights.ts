import { KubernetesApiError } from '@node-termination-handler/node-drainer';
import type { KubernetesClient, Verb } from '@node-termination-handler/node-drainer';
import type { SharedSettings } from '@node-termination-handler/settings';
import { watchDependency } from './watch-dependency.ts';
import type { DependencyParts } from './watch-dependency.ts';

/** One thing that the program must be allowed to do, in the words of RBAC. */
export interface Right {
  readonly verb: Verb;
  /** Default: the core group. */
  readonly group?: 'coordination.k8s.io';
  readonly resource: 'nodes' | 'pods' | 'events' | 'leases';
  readonly subresource?: 'eviction';
  /** The one namespace that it is needed in. Default: all. */
  readonly namespace?: string;
  /** The one object that it is needed for. Default: all. */
  readonly name?: string;
}

/**
 * What a program must be allowed to do under its settings.
 *
 * @param ownNode - The one node that the program works on; `undefined` for a program that works on all nodes.
 */
export function neededRights(settings: SharedSettings, ownNode: string | undefined): readonly Right[] {
  const { dryRun, cordonOnly, emitKubernetesEvents } = settings;
  const name = ownNode === undefined ? {} : { name: ownNode };
  const nodes = (verb: Verb): Right => ({ verb, resource: 'nodes', ...name });
  const pods = (verb: Verb): Right => ({ verb, resource: 'pods' });
  const events = (verb: Verb): Right => ({ verb, resource: 'events' });
  return [
    nodes('get'),
    ...(ownNode === undefined ? [nodes('list'), nodes('watch')] : []),
    ...(dryRun ? [] : [nodes('patch')]),
    ...(cordonOnly ? [] : [pods('list'), pods('watch')]),
    ...(cordonOnly || dryRun ? [] : [pods('delete'), { ...pods('create'), subresource: 'eviction' as const }]),
    ...(emitKubernetesEvents && !dryRun ? [events('create'), events('patch')] : []),
  ];
}

/**
 * What a replica must be allowed to do with the Lease of its release, to see which other ones are alive; none where it is not told of
 * one. Without them it works, too.
 *
 * @param lease - The name of the Lease.
 */
export function claimRights({ namespace }: SharedSettings, lease: string | undefined): readonly Right[] {
  if (lease === undefined || namespace === undefined) return [];
  const verbs = ['get', 'list', 'watch', 'patch'] as const;
  return verbs.map((verb) => ({ verb, group: 'coordination.k8s.io', resource: 'leases', namespace, name: lease }));
}

/**
 * Asks the API server for the rights that this program does not have.
 *
 * @throws `KubernetesApiError` and `KubernetesConnectionError` when it cannot be asked.
 * @see https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/self-subject-access-review-v1/
 */
export async function missingRights(
  client: Pick<KubernetesClient, 'request'>,
  rights: readonly Right[],
  signal: AbortSignal,
): Promise<readonly Right[]> {
  const missing: Right[] = [];
  // One after the other: the first that fails says what all would say.
  for (const right of rights) {
    const review = await client.request<{ readonly status?: { readonly allowed?: boolean } }>({
      verb: 'create',
      group: 'authorization.k8s.io',
      resource: 'selfsubjectaccessreviews',
      // It writes nothing, so it may be asked twice.
      retry: true,
      deadlineMs: REVIEW_MS,
      signal,
      body: {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes: right },
      },
    });
    if (review.status?.allowed !== true) missing.push(right);
  }
  return missing;
}

/** How long one review may take with all its tries, in milliseconds. */
const REVIEW_MS = 5_000;

/** What watching the rights needs. */
export interface RightsWatch extends DependencyParts {
  readonly client: Pick<KubernetesClient, 'request'>;
  readonly rights: readonly Right[];
  /** Those of {@link claimRights}: the program is ready without them. */
  readonly claimRights: readonly Right[];
}

/**
 * Has the readiness probe and the log say whether the API server answers and lets the program do its work: long before a notice
 * comes that would find it unable. Ends with the signal, quietly.
 */
export function watchRights(
  { client, rights, claimRights: ofClaims, ...parts }: RightsWatch,
  signal: AbortSignal,
): Promise<void> {
  const missingOf = (wanted: readonly Right[]) =>
    missingRights(client, wanted, signal).catch((error: unknown) => {
      // Where not even this may be asked, the work itself has to show.
      if (error instanceof KubernetesApiError && [403, 404, 405].includes(error.status)) return [];
      throw error;
    });
  let isTold = false;
  const ask = async (): Promise<void> => {
    const missing = await missingOf(rights);
    if (missing.length > 0) throw new MissingRightsError(missing, 'the role, as in files/rbac-rules.yaml of the chart');
    const without = await missingOf(ofClaims);
    if (without.length > 0 && !isTold) {
      const err = new MissingRightsError(without, 'a Role for the Lease, as in files/lease-rules.yaml of the chart');
      parts.log.warn({ err }, 'replicas cannot see each other: the work of one that dies is taken over later');
    }
    isTold = without.length > 0;
  };
  const failing = 'not ready to work on nodes, trying again';
  const watched = { name: 'API server and rights', ask, failing, over: 'ready to work on nodes' };
  return watchDependency(watched, parts, signal);
}

/** The role of the program is not the chart's. */
class MissingRightsError extends Error {
  override readonly name = 'MissingRightsError';

  constructor(missing: readonly Right[], where: string) {
    const what = missing.map(({ verb, resource, subresource }) =>
      [verb, subresource === undefined ? resource : `${resource}/${subresource}`].join(' '),
    );
    super(`not allowed to ${what.join(', ')}: add these rules to ${where}`);
  }
}
