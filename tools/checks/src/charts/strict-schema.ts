import { isRecord } from './manifests.ts';

type Schema = Readonly<Record<string, unknown>>;

const reference = '#/definitions/';

/** Kinds of text that Kubernetes takes as numbers too. */
const numberOrText = new Set([
  'io.k8s.apimachinery.pkg.api.resource.Quantity',
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
]);

/**
 * A schema in which no field may stand that the API does not know: the API server drops such a field in silence.
 */
export function strict(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strict);
  if (!isRecord(schema)) return schema;
  if (schema['x-kubernetes-int-or-string'] === true || schema.format === 'int-or-string') {
    return { type: ['string', 'integer'] };
  }
  const inner = Object.fromEntries(
    Object.entries(schema)
      // Only some validators know these formats, and none agrees with Kubernetes on them.
      .filter(([name]) => name !== 'format' && name !== 'description' && !name.startsWith('x-kubernetes'))
      .map(([name, value]) => [name, name === 'properties' ? mapValues(value, strict) : strict(value)]),
  );
  const isClosed =
    isRecord(schema.properties) &&
    schema.additionalProperties === undefined &&
    schema['x-kubernetes-preserve-unknown-fields'] !== true;
  return isClosed ? { ...inner, additionalProperties: false } : inner;
}

/** The strict schema of one definition of Kubernetes' OpenAPI document, complete with those that it refers to. */
export function definitionSchema(definitions: Schema, name: string): Schema {
  const needed = new Set<string>();
  const collect = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(collect);
    if (!isRecord(value)) return;
    const to = value.$ref;
    if (typeof to === 'string' && to.startsWith(reference)) add(to.slice(reference.length));
    Object.values(value).forEach(collect);
  };
  const add = (definition: string): void => {
    if (needed.has(definition)) return;
    needed.add(definition);
    collect(definitions[definition]);
  };
  add(name);
  const own = [...needed].map((needed): [string, unknown] => [
    needed,
    numberOrText.has(needed) ? { type: ['string', 'number'] } : strict(definitions[needed]),
  ]);
  return { $ref: `${reference}${name}`, definitions: Object.fromEntries(own) };
}

function mapValues(value: unknown, change: (inner: unknown) => unknown): unknown {
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, change(inner)]));
}
