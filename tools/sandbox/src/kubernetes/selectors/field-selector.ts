import { readAt, readString } from '../../json-value.ts';
import type { KubernetesObject } from '../object/object.ts';
import type { ResourceDefinition } from '../resources/definition.ts';
import { badRequest } from '../status.ts';

/** One condition on a field; all of a selector's have to hold. */
export interface FieldTerm {
  readonly field: string;
  readonly equal: boolean;
  readonly value: string;
}

/**
 * Reads a `fieldSelector` of a query for a resource; see https://kubernetes.io/docs/concepts/overview/working-with-objects/field-selectors/.
 * @throws {ApiError} 400 when it can't be read, or the resource can't be selected by that field.
 */
export function parseFieldSelector(definition: ResourceDefinition, text: string): readonly FieldTerm[] {
  if (text === '') return [];
  const parts = text.split(/(?<!\\),/).filter((part) => part !== '');
  const terms = parts.map((part) => parseTerm(part, text));
  const refused = terms.find(({ field }) => !definition.selectableFields.includes(field));
  if (refused !== undefined) throw badRequest(definition.refuseField(refused.field));
  return terms;
}

function parseTerm(part: string, whole: string): FieldTerm {
  const match = /^(?<field>[^=!]*?)(?<operator>!=|==|=)(?<value>.*)$/s.exec(part)?.groups;
  if (match === undefined) throw badRequest(`invalid selector: '${whole}'; can't understand '${part}'`);
  const value = (match.value ?? '').replaceAll(/\\([\\,=])/g, '$1');
  return { field: match.field ?? '', equal: match.operator !== '!=', value };
}

/** Do an object's fields meet every term? */
export function fieldsMatch(
  definition: ResourceDefinition,
  terms: readonly FieldTerm[],
  object: KubernetesObject,
): boolean {
  return terms.every(({ field, equal, value }) => (fieldValue(definition, field, object) === value) === equal);
}

/** The value that a field has to have, if the terms ask for exactly one. */
export function requiredField(terms: readonly FieldTerm[], field: string): string | undefined {
  return terms.find((term) => term.equal && term.field === field)?.value;
}

function fieldValue(definition: ResourceDefinition, field: string, stored: KubernetesObject): string {
  const object = definition.view === undefined ? stored : definition.view.show(stored);
  if (field === 'source' && definition.storage === 'events') {
    return readString(object, 'source', 'component') ?? readString(object, 'reportingComponent') ?? '';
  }
  const value = readAt(object, ...field.split('.'));
  if (definition.booleanFields.includes(field)) return String(value === true);
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}
