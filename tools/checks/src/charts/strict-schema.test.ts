import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { definitionSchema, strict } from './strict-schema.ts';

const definitions = {
  Pod: {
    type: 'object',
    properties: {
      spec: { $ref: '#/definitions/Spec' },
      labels: { type: 'object', additionalProperties: { type: 'string' } },
    },
    'x-kubernetes-group-version-kind': [],
  },
  Spec: {
    type: 'object',
    properties: {
      memory: { $ref: '#/definitions/io.k8s.apimachinery.pkg.api.resource.Quantity' },
      port: { type: 'string', format: 'int-or-string' },
      // A recursive schema must not loop.
      inner: { $ref: '#/definitions/Spec' },
    },
    required: ['memory'],
  },
  'io.k8s.apimachinery.pkg.api.resource.Quantity': { type: 'string' },
  Unused: { type: 'object' },
};

describe('definitionSchema', () => {
  const schema = definitionSchema(definitions, 'Pod');
  const takes = new Ajv().compile(schema);

  it('holds what the definition refers to, and nothing else', () => {
    expect(Object.keys(schema.definitions as object).sort()).toEqual(
      Object.keys(definitions)
        .sort()
        .filter((name) => name !== 'Unused'),
    );
  });

  it('takes what Kubernetes takes', () => {
    expect(
      takes({ spec: { memory: 1, port: 'http', inner: { memory: '1Gi', port: 80 } }, labels: { any: 'thing' } }),
    ).toBe(true);
  });

  it('refuses a field that Kubernetes would drop, and one that is missing', () => {
    expect(takes({ spec: { memory: 1, prot: 80 } })).toBe(false);
    expect(takes({ spec: {} })).toBe(false);
    expect(takes({ labels: { any: 1 } })).toBe(false);
  });
});

describe('strict', () => {
  it('leaves open what a custom resource leaves open', () => {
    expect(strict({ properties: { a: {} }, 'x-kubernetes-preserve-unknown-fields': true })).not.toHaveProperty(
      'additionalProperties',
    );
    expect(strict({ properties: { a: {} } })).toHaveProperty('additionalProperties', false);
  });

  it('takes numbers and texts where a custom resource says so', () => {
    expect(strict({ 'x-kubernetes-int-or-string': true, anyOf: [] })).toEqual({ type: ['string', 'integer'] });
  });
});
