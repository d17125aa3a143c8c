import { KubernetesApiError } from '@node-termination-handler/node-drainer';
import type { KubernetesClient, Verb } from '@node-termination-handler/node-drainer';
import type { SharedSettings } from '@node-termination-handler/settings';
import { createLastingFailure } from './telling/lasting-failure.ts';
import type { LastingFailureOptions } from './telling/lasting-failure.ts';
import { watchDependency } from './watch-dependency.ts';
import type { DependencyParts } from './watch-dependency.ts';

/** One thing that the program must be allowed to do, in the words of RBAC. */
export interface Right {
  readonly verb: Verb;
  /** Default: the core group. */
  readonly group?: 'coordination.k8s.io';
  readonly resource: 'nodes' | 'pods' | 'events' | 'leases';
  readonly subresource?: 'eviction' | 'status';
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
    ...(cordonOnly || dryRun
      ? []
      : [pods('get'), pods('delete'), { ...pods('create'), subresource: 'eviction' as const }]),
    ...(emitKubernetesEvents && !dryRun ? [events('create'), events('patch')] : []),
  ];
}

/** Rights without which the program works, too, and is ready; `failing` says what is lost without them. */
export interface OptionalRights extends Pick<LastingFailureOptions, 'failing' | 'over' | 'advice'> {
  readonly rights: readonly Right[];
}

/**
 * What a program may be allowed to do beside what it needs: the conditions of nodes, and the Lease in which replicas see each other.
 *
 * @param ownNode - As in {@link neededRights}.
 * @param lease - Its name; `undefined` for a program without one.
 */
export function optionalRights(
  { namespace, dryRun, emitNodeConditions }: SharedSettings,
  ownNode: string | undefined,
  lease: string | undefined,
): readonly OptionalRights[] {
  const name = ownNode === undefined ? {} : { name: ownNode };
  const onLease = (verb: Verb): readonly Right[] =>
    lease === undefined || namespace === undefined
      ? []
      : [{ verb, group: 'coordination.k8s.io', resource: 'leases', namespace, name: lease }];
  const showing: Right = { verb: 'patch', resource: 'nodes', subresource: 'status', ...name };
  return [
    {
      rights: (['get', 'list', 'watch', 'patch'] as const).flatMap(onLease),
      failing: 'replicas cannot see each other: the work of one that dies is taken over later',
      over: 'replicas see each other again',
      advice: 'add a Role for the Lease, as in files/lease-rules.yaml of the chart',
    },
    {
      rights: emitNodeConditions && !dryRun ? [showing] : [],
      failing: 'nodes show no conditions: their drains go on all the same',
      over: 'nodes show their conditions again',
      advice: 'add the rule to the role, as the chart does with emitNodeConditions',
    },
  ].filter(({ rights }) => rights.length > 0);
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

/**
 * Has the readiness probe and the log say whether the program is let do its work, long before a notice would find it unable. Ends with the
 * signal, quietly.
 */
export function watchRights(
  rights: readonly Right[],
  optional: readonly OptionalRights[],
  { client, ...parts }: DependencyParts & { readonly client: Pick<KubernetesClient, 'request'> },
  signal: AbortSignal,
): Promise<void> {
  const missingOf = (wanted: readonly Right[]) =>
    missingRights(client, wanted, signal).catch((error: unknown) => {
      // Where not even this may be asked, the work itself has to show.
      if (error instanceof KubernetesApiError && [403, 404, 405].includes(error.status)) return [];
      throw error;
    });
  const { clock, log } = parts;
  const optionalOnes = optional.map(({ rights: those, ...words }) => {
    return { those, failure: createLastingFailure({ log, clock, ...words }) };
  });
  const ask = async (): Promise<void> => {
    const missing = await missingOf(rights);
    if (missing.length > 0) throw notAllowed(missing);
    for (const { those, failure } of optionalOnes) {
      const lacking = await missingOf(those);
      if (lacking.length === 0) failure.succeeded();
      else failure.failed(notAllowed(lacking));
    }
  };
  const watched = {
    name: 'API server and rights',
    ask,
    failing: 'not ready to work on nodes, trying again',
    over: 'ready to work on nodes',
    advice:
      'a missing right: add its rule to the role, as in files/rbac-rules.yaml of the chart; no answer: the way from the pod to the API server (network policy, KUBERNETES_SERVICE_HOST or KUBECONFIG)',
  };
  return watchDependency(watched, parts, signal);
}

function notAllowed(missing: readonly Right[]): Error {
  const what = missing.map(({ verb, resource, subresource }) =>
    [verb, subresource === undefined ? resource : `${resource}/${subresource}`].join(' '),
  );
  return new Error(`not allowed to ${what.join(', ')}`);
}
