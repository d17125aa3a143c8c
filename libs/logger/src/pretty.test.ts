import { expect, it } from 'vitest';
import { prettyLine } from './pretty.ts';

it('writes what it can of a line without the usual fields', () => {
  expect(prettyLine({})).toBe('- ???');
  expect(prettyLine({ time: 'x', level: 'odd', message: '', b: undefined, a: 'x=y' })).toBe('- ??? a="x=y" b=');
});
