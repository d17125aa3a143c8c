import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from '../command.ts';
import { root } from '../workspace.ts';

/** A section of CONTRIBUTING.md that says how to add something, by an example that is there. */
interface Recipe {
  readonly title: string;
  /** What names the example in a file: an extended regular expression. */
  readonly pattern: string;
  /** The files of the list; a `*` stands for any name. */
  readonly files: readonly string[];
}

/** The sections "Add …" of a text: the pattern stands as `names it (…)`, the files in the first column of the table. */
function recipesIn(markdown: string): readonly Recipe[] {
  return [...markdown.matchAll(/^## (Add .+)\n((?:(?!## ).*\n?)*)/gm)].map(([, title = '', section = '']) => ({
    title,
    pattern: /names it \(`([^`]+)`\)/.exec(section)?.[1] ?? '',
    files: [...section.matchAll(/^\| (`.+?) \|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file),
    ),
  }));
}

/** Where a list and the files that name the example differ, a sentence each. */
function differences({ title, pattern, files }: Recipe, naming: readonly string[]): readonly string[] {
  const missing = naming.filter((name) => !files.some((file) => path.matchesGlob(name, file)));
  const needless = files.filter((file) => !naming.some((name) => path.matchesGlob(name, file)));
  return [
    ...missing.map(
      (name) => `"${title}" in CONTRIBUTING.md does not list ${name}, which names the example (${pattern})`,
    ),
    ...needless.map(
      (file) =>
        `"${title}" in CONTRIBUTING.md lists ${file}, which is not there or does not name the example (${pattern})`,
    ),
  ];
}

/** The files of the repository that name an example; what only tells of it is none of its parts. */
async function filesNaming(pattern: string): Promise<readonly string[]> {
  const args = ['grep', '--untracked', '-lIE', pattern, '--', '.', ':!CHANGELOG.md', ':!CONTRIBUTING.md'];
  return (await run('git', args, { cwd: root })).stdout.split('\n').filter((name) => name !== '');
}

const contributing = await readFile(path.join(root, 'CONTRIBUTING.md'), 'utf8');
const recipes = recipesIn(contributing);

it('CONTRIBUTING.md says how to add a kind of event, a setting, a step of a drain, and a fault', () => {
  expect(recipes.map(({ title }) => title)).toEqual([
    'Add a kind of event',
    'Add a setting',
    'Add a step to a drain',
    'Add a fault',
  ]);
});

it.each(recipes)('$title: the list has every file that names the example, and no other', async (recipe) => {
  expect(recipe.pattern).not.toBe('');
  const naming = await filesNaming(recipe.pattern);
  expect(naming.length).toBeGreaterThan(1);
  expect(differences(recipe, naming)).toEqual([]);
});

describe('a recipe', () => {
  const markdown = [
    '## House rules',
    '- none',
    '## Add a thing',
    'Every file names it (`my.?thing`).',
    '| file | what |',
    '| --- | --- |',
    '| `libs/a.ts`, `libs/*/b.ts` | `code` |',
    '',
    '## More',
  ].join('\n');
  const [recipe] = recipesIn(markdown);

  it('is a section with a pattern and a table', () => {
    expect(recipesIn(markdown)).toEqual([
      { title: 'Add a thing', pattern: 'my.?thing', files: ['libs/a.ts', 'libs/*/b.ts'] },
    ]);
  });

  it('differs by what is missing in it, and by what it lists in vain', () => {
    expect(differences(recipe!, ['libs/a.ts', 'libs/x/b.ts'])).toEqual([]);
    expect(differences(recipe!, ['libs/x/b.ts', 'apps/c.ts'])).toEqual([
      '"Add a thing" in CONTRIBUTING.md does not list apps/c.ts, which names the example (my.?thing)',
      '"Add a thing" in CONTRIBUTING.md lists libs/a.ts, which is not there or does not name the example (my.?thing)',
    ]);
  });
});
