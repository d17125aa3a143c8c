import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ApiError } from '../status.ts';
import { labelsMatch, parseLabelSelector, selectorRequirements } from './label-selector.ts';

function selects(selector: string, labels: Record<string, string>): boolean {
  return labelsMatch(parseLabelSelector(selector), labels);
}

describe('a label selector in a query', () => {
  it.each([
    ['', {}, true],
    ['app=web', { app: 'web' }, true],
    ['app==web', { app: 'db' }, false],
    ['app=', { app: '' }, true],
    ['app!=web', {}, true],
    ['app!=web', { app: 'web' }, false],
    ['app', { app: 'x' }, true],
    ['!app', { app: 'x' }, false],
    ['app in (web, db)', { app: 'db' }, true],
    ['app in (web,db)', {}, false],
    ['app notin (web,db)', {}, true],
    ['app notin (web,db)', { app: 'db' }, false],
    ['a.b/c in (x),!d,e=f', { 'a.b/c': 'x', e: 'f' }, true],
    ['count>5', { count: '6' }, true],
    ['count<5', { count: '6' }, false],
    ['count>5', { count: 'many' }, false],
    ['count>5', {}, false],
  ] as const)('%j on %j: %s', (selector, labels, expected) => {
    expect(selects(selector, { ...labels })).toBe(expected);
  });

  it.each(['a in b', 'a b', 'a=b c', 'a=b$', '=x', 'a>many', ',a', 'a in (b', '$'])('refuses %j', (selector) => {
    expect(() => parseLabelSelector(selector)).toThrow(ApiError);
  });

  it('never takes labels of the prototype for labels', () => {
    expect(selects('constructor', {})).toBe(false);
  });

  it('never fails otherwise than with a refusal', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          labelsMatch(parseLabelSelector(text), { app: 'web' });
        } catch (error) {
          expect(error).toBeInstanceOf(ApiError);
        }
      }),
    );
  });
});

describe('a LabelSelector in an object', () => {
  it('means labels and expressions together', () => {
    const requirements = selectorRequirements({
      matchLabels: { app: 'web' },
      matchExpressions: [
        { key: 'tier', operator: 'In', values: ['a', 'b'] },
        { key: 'old', operator: 'DoesNotExist' },
      ],
    });
    expect(labelsMatch(requirements ?? [], { app: 'web', tier: 'b' })).toBe(true);
    expect(labelsMatch(requirements ?? [], { app: 'web', tier: 'b', old: '' })).toBe(false);
  });

  it('is everything when empty, and nothing when it is missing or unreadable', () => {
    expect(selectorRequirements({})).toEqual([]);
    expect(selectorRequirements(undefined)).toBeUndefined();
    expect(selectorRequirements({ matchExpressions: [{ key: 'a', operator: 'Foo' }] })).toBeUndefined();
  });
});
