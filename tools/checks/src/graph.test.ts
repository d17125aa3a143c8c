import { expect, it } from 'vitest';
import { findCycle } from './graph.ts';

it('finds a cycle wherever it begins, and none where there is none', () => {
  const tree = new Map([
    ['app', ['a', 'b']],
    ['a', ['b']],
    ['b', []],
  ]);
  expect(findCycle(tree)).toBeUndefined();
  expect(findCycle(new Map([...tree, ['b', ['c']], ['c', ['a']]]))).toEqual(['a', 'b', 'c', 'a']);
});
