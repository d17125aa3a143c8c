import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { supportedKubernetesVersions } from '@node-termination-handler/control-plane';
import { Ajv } from 'ajv';
import { remark } from 'remark';
import { visit } from 'unist-util-visit';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { at, isRecord } from '../charts/manifests.ts';
import { appFolder, programs, repositoryFiles, root } from '../workspace.ts';

const read = (file: string) => readFile(path.join(root, file), 'utf8');

describe('the versions of Kubernetes', () => {
  const minors = supportedKubernetesVersions().map(({ minor }) => minor);

  it('of docs/upgrading.md are those that the tests can run', async () => {
    const [, head = ''] = /^## Versions of Kubernetes\n\n\| +\|(.*)\|$/m.exec(await read('docs/upgrading.md')) ?? [];
    const tried = head.split('|').map((cell) => cell.trim());
    expect(tried.slice(0, -1).toSorted()).toEqual(minors.toSorted());
  });

  it('of README.md are the same', async () => {
    const [, named = ''] = /on Kubernetes ([\d., and]+) \|/.exec(await read('README.md')) ?? [];
    expect((named.match(/1\.\d+/g) ?? []).toSorted()).toEqual(minors.toSorted());
  });

  it('are each run by the workflow of main', async () => {
    const workflow: unknown = parse(await read('.github/workflows/main.yml'));
    const matrix = at(workflow, 'jobs', 'everything', 'strategy', 'matrix', 'kubernetes') as readonly string[];
    expect(matrix.toSorted()).toEqual(minors.toSorted());
  });
});

/** YAML of a page that is values of a chart: by itself, below `valuesObject` of Argo CD or `values` of Flux. */
interface ValuesBlock {
  readonly where: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/** YAML that is no values: files of other tools. They say so by a kind, or by a comment on top. */
function valuesIn(file: string, markdown: string): readonly ValuesBlock[] {
  const blocks: ValuesBlock[] = [];
  visit(remark().parse(markdown), 'code', ({ lang, value, position }) => {
    if (lang !== 'yaml' || /^# (kops|\S+\.ya?ml)|^dependencies:|^groups:/.test(value)) return;
    const where = `${file}:${position?.start.line ?? 0}`;
    for (const document of parseAllDocuments(value)) {
      const content: unknown = document.toJS();
      const values =
        at(content, 'kind') === undefined
          ? content
          : (at(content, 'spec', 'source', 'helm', 'valuesObject') ?? at(content, 'spec', 'values'));
      if (isRecord(values)) blocks.push({ where, values });
    }
  });
  return blocks;
}

describe('values in the documentation', async () => {
  const files = await repositoryFiles('README.md', 'docs/*.md', 'docs/aws/*.md');
  const blocks = await Promise.all(files.map(async (file) => valuesIn(file, await read(file))));
  const ajv = new Ajv({ allowUnionTypes: true, strict: false });
  const schemas = await Promise.all(
    programs.map(async (program) => {
      const schema = JSON.parse(
        await readFile(path.join(appFolder(program), 'chart/values.schema.json'), 'utf8'),
      ) as object;
      return { program, fits: ajv.compile(schema) };
    }),
  );

  it('are there', () => {
    expect(blocks.flat().length).toBeGreaterThan(15);
  });

  it.each(blocks.flat())('of $where are taken by a chart', ({ values }) => {
    const faults = schemas.map(({ program, fits }) => {
      // What the queue-processor can't do without need not stand in every example.
      const whole =
        program === 'queue-processor' ? { queueURL: 'https://sqs.eu-central-1.amazonaws.com/1/q', ...values } : values;
      return fits(whole) ? [] : [`${program}: ${ajv.errorsText(fits.errors)}`];
    });
    expect(faults.some((found) => found.length === 0) ? [] : faults.flat()).toEqual([]);
  });
});
