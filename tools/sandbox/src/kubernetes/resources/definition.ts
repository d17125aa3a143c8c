import type { KubernetesObject } from '../object/object.ts';
import { patchSchemas } from '../patch/schema.ts';
import type { PatchSchema } from '../patch/schema.ts';
import type { FieldError } from '../status.ts';
import type { NameRule } from '../validation/metadata.ts';

/** A form in which another API group shows the same stored objects (`events.k8s.io` shows those of `v1`). */
export interface View {
  /** From the stored form to the one that is shown. */
  readonly show: (stored: KubernetesObject) => KubernetesObject;
  /** From the one that is shown to the stored form. */
  readonly store: (shown: KubernetesObject) => KubernetesObject;
}

/** One resource of the API: adding a resource is adding one of these to the table. */
export interface ResourceDefinition {
  /** The API group; empty for the core group. */
  readonly group: string;
  readonly version: string;
  /** The plural in the URL: `pods`. */
  readonly resource: string;
  readonly singular: string;
  readonly kind: string;
  readonly shortNames: readonly string[];
  readonly namespaced: boolean;
  /** Where the objects are kept; two definitions with the same storage show the same objects. */
  readonly storage: string;
  /** The path below `/registry` in etcd, which some messages spell out. */
  readonly etcdPath: string;
  /** The fields besides kind, apiVersion and metadata; the server drops all others. */
  readonly fields: readonly string[];
  /** Has it a status of its own, with the subresource `status`? */
  readonly hasStatus: boolean;
  /** The status that the server gives a new object; `as-given` keeps the caller's. */
  readonly initialStatus: 'as-given' | Readonly<Record<string, unknown>>;
  /** Does `metadata.generation` count the changes of its spec? */
  readonly countsGenerations: boolean;
  /** Does a deletion answer with the object instead of a Status? */
  readonly returnsDeleted: boolean;
  /** May an update leave out the resource version? */
  readonly allowsUnconditionalUpdate: boolean;
  /** Does an update of an object that is not there create it? */
  readonly createsOnUpdate: boolean;
  readonly nameRule: NameRule;
  /** The fields that a field selector may use. */
  readonly selectableFields: readonly string[];
  /** How a field selector on another field is refused. */
  readonly refuseField: (field: string) => string;
  /** Boolean fields whose absence a field selector reads as `false`. */
  readonly booleanFields: readonly string[];
  /** Fields that the server leaves out when they are empty, false or zero; `*` stands for each item of a list. */
  readonly omittedWhenEmpty: readonly string[];
  /** The types of fields that the server checks when it reads an object. */
  readonly fieldTypes: Readonly<Record<string, 'bool' | 'string' | 'int64' | 'array'>>;
  /** Fields of the type MicroTime, which the server takes with six digits only. */
  readonly microTimes: readonly string[];
  /** How strategic merge patches treat its lists. */
  readonly patchSchema: PatchSchema;
  /** Fills in what the server fills in, whenever it reads an object. */
  readonly defaults?: (object: KubernetesObject) => KubernetesObject;
  /** What breaks the rules of the kind. */
  readonly errors?: (object: KubernetesObject, previous?: KubernetesObject) => readonly FieldError[];
  /** What breaks them when it is created through this version of the API. */
  readonly createErrors?: (object: KubernetesObject) => readonly FieldError[];
  readonly view?: View;
}

/** The `apiVersion` of a definition's objects. */
export function apiVersionOf({ group, version }: Pick<ResourceDefinition, 'group' | 'version'>): string {
  return group === '' ? version : `${group}/${version}`;
}

/** The type inside the API server, which some messages give away: `core.Node`. */
export function goTypeOf({ group, kind }: ResourceDefinition): string {
  return `${group === '' ? 'core' : (group.split('.')[0] ?? '')}.${kind}`;
}

/** The kind as messages about invalid objects name it. */
export function groupKindOf({ group, kind, view }: ResourceDefinition): { group: string; resource: string } {
  return { group: view === undefined ? group : '', resource: kind };
}

/** What a row of the table has to say: the rest, also its version, its plural and the core group, goes without saying. */
type Row = Pick<ResourceDefinition, 'kind'> & Partial<ResourceDefinition>;

function notAKnownField(field: string): string {
  return `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`;
}

/** How the built-in kinds refuse a field selector. */
export function notSupported(field: string): string {
  return `field label not supported: ${field}`;
}

/** The fields that every namespaced object can be selected by. */
export const named = ['metadata.name', 'metadata.namespace'];

/** Completes a row of the table. */
export function define(row: Row): ResourceDefinition {
  const singular = row.kind.toLowerCase();
  const { group = '', resource = `${singular}s` } = row;
  return {
    group,
    version: 'v1',
    resource,
    singular,
    shortNames: [],
    namespaced: true,
    storage: group === '' ? resource : `${resource}.${group}`,
    etcdPath: resource,
    fields: row.hasStatus === true ? ['spec', 'status'] : ['spec'],
    hasStatus: false,
    initialStatus: {},
    countsGenerations: false,
    returnsDeleted: false,
    allowsUnconditionalUpdate: true,
    createsOnUpdate: false,
    nameRule: 'dns-subdomain',
    selectableFields: named,
    refuseField: notAKnownField,
    booleanFields: [],
    omittedWhenEmpty: [],
    fieldTypes: {},
    microTimes: [],
    patchSchema: patchSchemas.metadataOnly,
    ...row,
  };
}
