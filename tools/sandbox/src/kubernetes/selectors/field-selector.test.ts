import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../object/object.ts';
import { resourceOf } from '../resources/resources.ts';
import { badRequest } from '../status.ts';
import { fieldsMatch, parseFieldSelector, requiredField } from './field-selector.ts';

const pods = resourceOf('v1', 'Pod')!;
const nodes = resourceOf('v1', 'Node')!;
const events = resourceOf('v1', 'Event')!;

function object(fields: Record<string, unknown>, name = 'a'): KubernetesObject {
  return {
    kind: '',
    apiVersion: 'v1',
    metadata: { name, uid: '', resourceVersion: '', creationTimestamp: '' },
    ...fields,
  };
}

describe('a field selector', () => {
  it.each([
    ['metadata.name=a', {}, true],
    ['metadata.name!=a', {}, false],
    ['spec.nodeName=', {}, true],
    ['spec.nodeName=n1,status.phase==Running', { spec: { nodeName: 'n1' }, status: { phase: 'Running' } }, true],
    ['spec.nodeName=n1,status.phase!=Running', { spec: { nodeName: 'n1' }, status: { phase: 'Running' } }, false],
    ['spec.hostNetwork=false', {}, true],
  ] as const)('%s on %j: %s', (selector, fields, expected) => {
    expect(fieldsMatch(pods, parseFieldSelector(pods, selector), object(fields))).toBe(expected);
  });

  it('reads a missing boolean as false', () => {
    const cordoned = parseFieldSelector(nodes, 'spec.unschedulable=true');
    expect(fieldsMatch(nodes, cordoned, object({ spec: { unschedulable: true } }))).toBe(true);
    expect(fieldsMatch(nodes, cordoned, object({}))).toBe(false);
  });

  it('finds events by the component that sent them', () => {
    const terms = parseFieldSelector(events, 'source=nth');
    expect(fieldsMatch(events, terms, object({ source: { component: 'nth' } }))).toBe(true);
    expect(fieldsMatch(events, terms, object({ reportingComponent: 'nth' }))).toBe(true);
    expect(fieldsMatch(events, terms, object({}))).toBe(false);
  });

  it('takes escaped commas and equal signs as part of the value', () => {
    expect(parseFieldSelector(pods, 'metadata.name=a\\,b\\=c')).toEqual([
      { field: 'metadata.name', equal: true, value: 'a,b=c' },
    ]);
  });

  it('knows the value that it asks for, if it is one', () => {
    const terms = parseFieldSelector(pods, 'spec.nodeName=n1,metadata.name!=x');
    expect(requiredField(terms, 'spec.nodeName')).toBe('n1');
    expect(requiredField(terms, 'metadata.name')).toBeUndefined();
  });

  it.each([
    [pods, 'spec.foo=1', 'field label not supported: spec.foo'],
    [
      resourceOf('policy/v1', 'PodDisruptionBudget')!,
      'spec.foo=1',
      '"spec.foo" is not a known field selector: only "metadata.name", "metadata.namespace"',
    ],
    [resourceOf('batch/v1', 'Job')!, 'spec.foo=1', 'field label "spec.foo" not supported for Job'],
    [pods, 'foo', "invalid selector: 'foo'; can't understand 'foo'"],
  ])('refuses what the resource can not be selected by', (definition, selector, message) => {
    expect(() => parseFieldSelector(definition, selector)).toThrow(badRequest(message));
  });
});
