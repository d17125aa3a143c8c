import { patchSchemas } from '../patch/schema.ts';
import type { ResourceDefinition } from './definition.ts';

/** What a row of the table has to say; the rest has defaults. */
export type Row = Pick<ResourceDefinition, 'group' | 'version' | 'resource' | 'kind'> & Partial<ResourceDefinition>;

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
  const namespaced = row.namespaced ?? true;
  return {
    singular: row.kind.toLowerCase(),
    shortNames: [],
    namespaced,
    storage: row.group === '' ? row.resource : `${row.resource}.${row.group}`,
    etcdPath: row.resource,
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
