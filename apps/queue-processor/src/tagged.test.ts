import { expect, it } from 'vitest';
import { tagFilter } from './tagged.ts';

it.each([
  [{ key: 'managed' }, { Name: 'tag-key', Values: ['managed'] }],
  [
    { key: 'team/managed', value: 'yes' },
    { Name: 'tag:team/managed', Values: ['yes'] },
  ],
  [
    { key: 'managed', value: '' },
    { Name: 'tag:managed', Values: [''] },
  ],
  [
    { key: 'managed', value: String.raw`a*b?c\d` },
    { Name: 'tag:managed', Values: [String.raw`a\*b\?c\\d`] },
  ],
])('instances with the tag %j are asked for by it, and by nothing that it could match (A17)', (tag, filter) => {
  expect(tagFilter(tag)).toEqual(filter);
});
