import { isoSeconds, readNumber } from '../../json-value.ts';
import { objectKey, withMetadata } from '../object/object.ts';
import type { KubernetesObject } from '../object/object.ts';
import { isFinished, nodeNameOf } from '../object/pod.ts';
import { groupKindOf } from '../resources/definition.ts';
import type { ResourceDefinition } from '../resources/definition.ts';
import { builtIn } from '../resources/resources.ts';
import { conflict } from '../status.ts';
import type { Registry } from './registry.ts';

/** How an object is to be deleted; see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/delete-options/. */
export interface DeleteOptions {
  /** Undefined for the pod's own grace. */
  readonly gracePeriodSeconds?: number | undefined;
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly dryRun?: boolean | undefined;
}

/** What a deletion came to. */
interface Deletion {
  /** The last state of the object. */
  readonly object: KubernetesObject;
  /** Is it gone, or does it go when its grace is over and its finalizers are removed? */
  readonly gone: boolean;
}

/**
 * Deletes an object, pods with grace, by the rules of
 * https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination.
 * @throws {ApiError} 404 when it is not there, 409 when a precondition does not hold.
 */
export function deleteObject(
  registry: Registry,
  definition: ResourceDefinition,
  namespace: string | undefined,
  name: string,
  options: DeleteOptions = {},
): Deletion {
  const existing = registry.get(definition, namespace, name);
  checkPreconditions(definition, existing, options);
  const plan =
    definition === builtIn.pods ? podPlan(existing, options, registry.clock.now()) : { kind: 'at-once' as const };
  if (plan.kind === 'pending') return { object: existing, gone: false };
  const finalizers = existing.metadata.finalizers ?? [];
  const write = (object: KubernetesObject): KubernetesObject =>
    options.dryRun === true ? object : registry.store.put(definition.storage, object);

  if (plan.kind === 'graceful') {
    const marked = write(marking(existing, plan.untilMs, plan.graceSeconds));
    if (finalizers.length > 0 || plan.graceSeconds > 0) return { object: marked, gone: false };
  } else if (finalizers.length > 0) {
    const planned = Date.parse(existing.metadata.deletionTimestamp ?? '');
    const at = Math.min(registry.clock.now(), Number.isNaN(planned) ? Infinity : planned);
    const unchanged = !Number.isNaN(planned) && existing.metadata.deletionGracePeriodSeconds === 0;
    return { object: unchanged ? existing : write(marking(existing, at, 0)), gone: false };
  }
  if (options.dryRun === true) return { object: existing, gone: true };
  return { object: registry.store.remove(definition.storage, objectKey(existing)) ?? existing, gone: true };
}

type Plan =
  | { readonly kind: 'at-once' }
  /** Deletion has begun, and nothing about it changes. */
  | { readonly kind: 'pending' }
  | { readonly kind: 'graceful'; readonly graceSeconds: number; readonly untilMs: number };

function podPlan(pod: KubernetesObject, options: DeleteOptions, nowMs: number): Plan {
  const requested = options.gracePeriodSeconds === undefined ? undefined : atLeastOne(options.gracePeriodSeconds);
  const { deletionTimestamp, deletionGracePeriodSeconds: current = 0 } = pod.metadata;
  if (deletionTimestamp !== undefined) {
    if (current === 0) return { kind: 'at-once' };
    if (requested === undefined || requested >= current) return { kind: 'pending' };
    const untilMs = Date.parse(deletionTimestamp) + (requested - current) * 1000;
    // A shorter grace never moves the deletion into the past.
    return untilMs < nowMs && requested > 0
      ? { kind: 'graceful', graceSeconds: 1, untilMs: nowMs }
      : { kind: 'graceful', graceSeconds: requested, untilMs };
  }
  if (nodeNameOf(pod) === '' || isFinished(pod)) return { kind: 'graceful', graceSeconds: 0, untilMs: nowMs };
  const own = readNumber(pod, 'spec', 'terminationGracePeriodSeconds') ?? 0;
  const graceSeconds = requested ?? atLeastOne(own);
  return { kind: 'graceful', graceSeconds, untilMs: nowMs + graceSeconds * 1000 };
}

/** A negative grace means one second to the real server. */
function atLeastOne(seconds: number): number {
  return seconds < 0 ? 1 : seconds;
}

function marking(object: KubernetesObject, atMs: number, graceSeconds: number): KubernetesObject {
  const { generation, deletionTimestamp } = object.metadata;
  return withMetadata(object, {
    deletionTimestamp: isoSeconds(atMs),
    deletionGracePeriodSeconds: graceSeconds,
    ...(generation === undefined || deletionTimestamp !== undefined ? {} : { generation: generation + 1 }),
  });
}

/**
 * Checks that it is still the object that the caller means.
 * @throws {ApiError} 409 when it is not.
 */
export function checkPreconditions(
  definition: ResourceDefinition,
  object: KubernetesObject,
  { uid, resourceVersion }: DeleteOptions,
): void {
  const mustMatch = (what: string, asked: string | undefined, actual: string, explanation: string): void => {
    if (asked === undefined || asked === actual) return;
    const why = `the ${what} in the precondition (${asked}) does not match the ${what} in record (${actual}). ${explanation}`;
    throw conflict(groupKindOf(definition), object.metadata.name, why);
  };
  const { metadata } = object;
  mustMatch('UID', uid, metadata.uid, 'The object might have been deleted and then recreated');
  mustMatch('ResourceVersion', resourceVersion, metadata.resourceVersion, 'The object might have been modified');
}
