import { describe, expect, it } from 'vitest';
import { chooseScenarios } from './run.ts';

describe('the scenarios of a run', () => {
  const scenarios = [{ name: 'pods: one' }, { name: 'nodes: two' }, { name: 'pods: hours', onlyInLongRuns: true }];
  const chosen = (filters: readonly string[], long = false) =>
    chooseScenarios(scenarios, { filters, long }).map(({ name }) => name);

  it('are all but those that take too long, unless they are asked for', () => {
    expect(chosen([])).toEqual(['pods: one', 'nodes: two']);
    expect(chosen([], true)).toEqual(['pods: one', 'nodes: two', 'pods: hours']);
  });

  it('are those whose name contains one of the words, however long they take', () => {
    expect(chosen(['pods'])).toEqual(['pods: one', 'pods: hours']);
    expect(chosen(['two', 'one'])).toEqual(['pods: one', 'nodes: two']);
  });
});
