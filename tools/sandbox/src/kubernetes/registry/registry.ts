import type { Clock } from '@node-termination-handler/clock';
import { randomInt, randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { isoSeconds } from '../../json-value.ts';
import { keyOf, objectKey } from '../object/object.ts';
import type { KubernetesObject, ObjectMetadata } from '../object/object.ts';
import { canonical } from '../resources/canonical.ts';
import { groupKindOf } from '../resources/definition.ts';
import type { ResourceDefinition } from '../resources/definition.ts';
import { builtIn } from '../resources/resources.ts';
import { alreadyExists, conflict, invalid, notFound, serverFailure } from '../status.ts';
import type { FieldError } from '../status.ts';
import type { Store } from '../store/store.ts';
import { metadataErrors, metadataUpdateErrors, requiredValue } from '../validation/metadata.ts';

const stale = 'the object has been modified; please apply your changes to the latest version and try again';

/** How a write is meant. */
interface WriteOptions {
  /** Check everything, write nothing. */
  readonly dryRun?: boolean;
  /** Which part an update writes: the status alone, or all but the status (the default). */
  readonly part?: 'spec' | 'status';
}

/** The rules of reading and writing that are the same for every resource, between the routes and the store. */
export class Registry {
  readonly store: Store;
  readonly clock: Clock;

  constructor(store: Store, clock: Clock) {
    this.store = store;
    this.clock = clock;
  }

  /**
   * Reads one object.
   * @throws {ApiError} 404 when it is not there.
   */
  get(definition: ResourceDefinition, namespace: string | undefined, name: string): KubernetesObject {
    const object = this.store.get(definition.storage, keyOf(namespace, name));
    if (object === undefined) throw notFound(definition, name);
    return object;
  }

  /**
   * Creates an object.
   * @throws {ApiError} 404 when its namespace is not there, 409 when its name is taken, 422 when it is not valid.
   */
  create(definition: ResourceDefinition, input: KubernetesObject, options: WriteOptions = {}): KubernetesObject {
    const { namespace } = input.metadata;
    if (input.metadata.resourceVersion !== '') {
      throw serverFailure('resourceVersion should not be set on objects to be created');
    }
    if (namespace !== undefined) this.get(builtIn.namespaces, undefined, namespace);
    const object = this.#prepared(definition, input);
    this.#check(definition, object, [
      ...(definition.errors?.(object) ?? []),
      ...(definition.createErrors?.(object) ?? []),
    ]);
    if (this.store.get(definition.storage, objectKey(object)) !== undefined) {
      throw alreadyExists(definition, object.metadata.name);
    }
    return options.dryRun === true ? object : this.store.put(definition.storage, object);
  }

  /**
   * Changes an object; a change that changes nothing writes nothing. An object that is being deleted goes when its
   * last finalizer is gone.
   * @throws {ApiError} 404 when it is not there, 409 when its version has moved on, 422 when the result is not valid.
   */
  update(
    definition: ResourceDefinition,
    namespace: string | undefined,
    name: string,
    change: (existing: KubernetesObject) => KubernetesObject,
    options: WriteOptions = {},
  ): KubernetesObject {
    const existing = this.get(definition, namespace, name);
    const changed = change(existing);
    this.#checkVersion(definition, existing, changed);
    const next = nextState(definition, existing, changed, options.part ?? 'spec');
    const errors = [...metadataUpdateErrors(next, existing), ...(definition.errors?.(next, existing) ?? [])];
    this.#check(definition, next, errors);
    if (options.dryRun === true || isDeepStrictEqual(next, existing)) return next;
    if (isReleased(next, existing)) {
      this.store.remove(definition.storage, objectKey(existing));
      return next;
    }
    return this.store.put(definition.storage, next);
  }

  #checkVersion(definition: ResourceDefinition, existing: KubernetesObject, changed: KubernetesObject): void {
    const { name, resourceVersion } = changed.metadata;
    if (resourceVersion === '' && !definition.allowsUnconditionalUpdate) {
      const message = 'Invalid value: 0: must be specified for an update';
      throw invalid(definition, existing.metadata.name, [
        { type: 'Invalid', field: 'metadata.resourceVersion', message },
      ]);
    }
    if (resourceVersion !== '' && resourceVersion !== existing.metadata.resourceVersion) {
      throw conflict(definition, name, stale);
    }
  }

  #prepared(definition: ResourceDefinition, input: KubernetesObject): KubernetesObject {
    const { generateName } = input.metadata;
    if (input.metadata.name === '' && generateName === undefined) {
      throw invalid(groupKindOf(definition), '', [requiredValue('metadata.name', 'name or generateName is required')]);
    }
    const name =
      input.metadata.name === '' ? `${(generateName ?? '').slice(0, 58)}${randomSuffix()}` : input.metadata.name;
    const { deletionTimestamp: _at, deletionGracePeriodSeconds: _grace, generation: _count, ...given } = input.metadata;
    const metadata = {
      ...given,
      name,
      uid: randomUUID(),
      creationTimestamp: isoSeconds(this.clock.now()),
      ...(definition.countsGenerations ? { generation: 1 } : {}),
    };
    const status = definition.initialStatus === 'as-given' ? input.status : definition.initialStatus;
    const complete = { ...input, metadata, ...(definition.hasStatus ? { status } : {}) };
    return canonical(definition, complete);
  }

  #check(definition: ResourceDefinition, object: KubernetesObject, errors: readonly FieldError[]): void {
    const all = [...metadataErrors(object, definition.nameRule), ...errors];
    if (all.length > 0) throw invalid(groupKindOf(definition), object.metadata.name, all);
  }
}

/** Was the last finalizer of an object whose deletion has begun, and whose grace is over, taken away? */
function isReleased(next: KubernetesObject, existing: KubernetesObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = existing.metadata;
  const finalizers = next.metadata.finalizers ?? [];
  return finalizers.length === 0 && deletionTimestamp !== undefined && deletionGracePeriodSeconds === 0;
}

/** What an update makes of an object: the server keeps what this part of it may not change. */
function nextState(
  definition: ResourceDefinition,
  existing: KubernetesObject,
  changed: KubernetesObject,
  part: 'spec' | 'status',
): KubernetesObject {
  const metadata = nextMetadata(existing, changed);
  if (!definition.hasStatus) return canonical(definition, { ...changed, metadata });
  if (part === 'status') {
    const owners = existing.metadata.ownerReferences;
    const kept = owners === undefined ? metadata : { ...metadata, ownerReferences: owners };
    return canonical(definition, { ...existing, metadata: kept, status: changed.status });
  }
  const next = canonical(definition, { ...changed, metadata, status: existing.status });
  if (!definition.countsGenerations || isDeepStrictEqual(next.spec, existing.spec)) return next;
  return { ...next, metadata: { ...next.metadata, generation: (existing.metadata.generation ?? 0) + 1 } };
}

function nextMetadata(existing: KubernetesObject, changed: KubernetesObject): ObjectMetadata {
  const {
    deletionTimestamp: _at,
    deletionGracePeriodSeconds: _grace,
    generation: _generation,
    uid,
    creationTimestamp,
    ...given
  } = changed.metadata;
  const { deletionTimestamp, deletionGracePeriodSeconds, generation } = existing.metadata;
  return {
    ...given,
    resourceVersion: existing.metadata.resourceVersion,
    uid: uid === '' ? existing.metadata.uid : uid,
    creationTimestamp: creationTimestamp === '' ? existing.metadata.creationTimestamp : creationTimestamp,
    ...(generation === undefined ? {} : { generation }),
    ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    ...(deletionGracePeriodSeconds === undefined ? {} : { deletionGracePeriodSeconds }),
  };
}

/** Without vowels and look-alikes, as the API server and its controllers have it. */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** The five characters that end a generated name. */
export function randomSuffix(): string {
  return Array.from({ length: 5 }, () => alphabet[randomInt(alphabet.length)]).join('');
}
