import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  findTerraformValues,
  findValues,
  migrate,
  valueRules,
  valuesFile,
} from '@node-termination-handler/nth-migrate';
import type { Fate, Values } from '@node-termination-handler/nth-migrate';
import { parse } from 'yaml';
import { run } from '../command.ts';
import type { Verdict } from '../finding.ts';
import { programs, root } from '../workspace.ts';
import { chartsFolder, templateArgs } from './cases.ts';
import type { RenderedCharts } from './cases.ts';
import { isRecord } from './manifests.ts';
import { valuesSchema } from './values-schema.ts';

const goHandlerFile = path.join(chartsFolder, 'go-handler-values.yaml');
const filesFolder = path.join(root, 'tools/nth-migrate/test/files');
const queueURL = 'https://sqs.eu-central-1.amazonaws.com/123456789012/nth';

/** What people have for the Go handler, and the values of its chart, all written out. */
async function oldFiles(): Promise<readonly (readonly [string, Values])[]> {
  const goHandler = findValues(await readFile(goHandlerFile, 'utf8')).values;
  const files = await Promise.all(
    (await readdir(filesFolder)).map(async (file) => {
      const text = await readFile(path.join(filesFolder, file), 'utf8');
      const { values } = file.endsWith('.tf') ? await findTerraformValues(text) : findValues(text);
      return [file, values] as const;
    }),
  );
  return [
    ...files,
    ['all values', goHandler],
    ['all values, with the queue', { ...goHandler, enableSqsTerminationDraining: true, queueURL }],
  ];
}

/** Helm makes objects of whatever becomes of the files that people have for the Go handler, for both charts. */
export async function migratedRender({ tools }: RenderedCharts): Promise<Verdict> {
  const folder = await mkdtemp(path.join(tmpdir(), 'migrated-'));
  const problems: string[] = [];
  const files = await oldFiles();
  try {
    for (const [name, values] of files) {
      const migration = migrate(values);
      for (const program of programs) {
        const file = path.join(folder, `${program}.yaml`);
        await writeFile(file, valuesFile(migration, program));
        const missing = program === 'queue-processor' && migration.values[program].queueURL === undefined;
        const args = [
          ...templateArgs({ program, name, valuesFile: file, hasPolicies: true }),
          ...(missing ? ['--set', `queueURL=${queueURL}`] : []),
        ];
        const { code, output } = await run(tools.helm, args);
        if (code !== 0) problems.push(`${name}, ${program}: ${output}`);
      }
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  return { detail: `${files.length} files`, problems };
}

/** The page that lists every value of the Go handler's chart and what becomes of it, made from both charts and the rules of the migration. */
export async function migratedValuesPage(): Promise<string> {
  const goHandler = parse(await readFile(goHandlerFile, 'utf8')) as Values;
  const schemas = await Promise.all(programs.map(async (program) => (await valuesSchema(program)).properties ?? {}));
  const has = (properties: Values, name: string) => {
    const schema = properties[name];
    const isRefused = isRecord(schema) && String(schema.description).startsWith('Refused: ');
    return schema !== undefined && !isRefused;
  };
  const rows = valueRules().map(({ value, fate, about }) => {
    const cells = schemas.map((properties) => (has(properties, value) ? 'yes' : ''));
    const known = Object.hasOwn(goHandler, value) ? '' : ' Of an older chart, or of Helm.';
    return `| \`${value}\` | ${cells.join(' | ')} | ${words[fate]} | ${`${about}${known}`.trim().replaceAll('|', '\\|')} |`;
  });
  return [
    "# The values of the Go handler's chart, one by one",
    '',
    'Generated from its values, the schemas of both charts, and the rules of [`nth-migrate`](../tools/nth-migrate/README.md), which does this for your',
    'file: `npm run chart-check -- --write`. How to go over is told in [migrating](migrating.md).',
    '',
    `| its value | in ${programs[0]} | in ${programs[1]} | becomes | |`,
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

const words: Readonly<Record<Fate, string>> = {
  kept: 'kept',
  renamed: 'renamed',
  changed: 'changed',
  dropped: 'left out',
  asked: 'asked about',
};
