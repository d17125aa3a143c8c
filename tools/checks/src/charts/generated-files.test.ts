import { describe, expect, it } from 'vitest';
import { programs } from '../workspace.ts';
import { generatedFiles, staleFiles } from './generated-files.ts';

describe('the generated files of the charts', () => {
  it('are what the settings and the shared templates make of them', async () => {
    expect((await staleFiles()).map(({ file }) => file)).toEqual([]);
  });

  it.each(programs)('of %s name no template without the name of the chart', async (program) => {
    const files = (await generatedFiles()).filter(({ file }) => file.includes(`apps/${program}/chart/templates`));
    expect(files.length).toBeGreaterThan(5);
    for (const { file, text } of files) {
      const names = [...text.matchAll(/(?:define|include|template) "([^"]+)"/g)].map(([, name]) => name!);
      expect(
        names.filter((name) => !name.startsWith(`${program}.`)),
        file,
      ).toEqual([]);
    }
  });
});
