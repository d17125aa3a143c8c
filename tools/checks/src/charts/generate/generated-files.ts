import type { Program } from '@node-termination-handler/settings';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { format } from 'prettier';
import { dashboard } from '../dashboard/dashboard.ts';
import { chartFolder, chartsFolder, programs } from '../program/program.ts';
import { valuesSchema } from '../schema/values-schema.ts';
import { settingsTemplate } from '../settings/settings-template.ts';
import { withSettings } from '../settings/values-block.ts';

/** A file of a chart that nobody writes by hand. */
export interface GeneratedFile {
  readonly path: string;
  readonly text: string;
}

const sharedTemplates = join(chartsFolder, 'shared', 'templates');

/** Everything in the charts that follows from something else. */
export async function generatedFiles(): Promise<readonly GeneratedFile[]> {
  return (await Promise.all(programs.map(filesOf))).flat();
}

async function filesOf(program: Program): Promise<readonly GeneratedFile[]> {
  const chart = chartFolder(program);
  const values = join(chart, 'values.yaml');
  return [
    { path: values, text: withSettings(await readFile(values, 'utf8'), program) },
    { path: join(chart, 'values.schema.json'), text: await json(valuesSchema(program)) },
    { path: join(chart, 'templates', '_settings.tpl'), text: settingsTemplate(program) },
    { path: join(chart, 'files', 'dashboard.json'), text: await json(dashboard(program)) },
    ...(await sharedOf(program)),
  ];
}

async function json(value: unknown): Promise<string> {
  return format(JSON.stringify(value), { parser: 'json', printWidth: 120 });
}

/** Both charts stand alone, so what they share is copied; names of templates are global in Helm and take the chart's name. */
async function sharedOf(program: Program): Promise<readonly GeneratedFile[]> {
  const entries = await readdir(sharedTemplates, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(
    files.map(async (file) => {
      const name = relative(sharedTemplates, file);
      const text = await readFile(file, 'utf8');
      const note = `{{- /* Generated from tools/checks/charts/shared/templates/${name}: change it there. */ -}}\n`;
      return {
        path: join(chartFolder(program), 'templates', name),
        text: note + text.replaceAll('"app.', `"${program}.`),
      };
    }),
  );
}

/** The files that are not what they should be. */
export async function staleFiles(): Promise<readonly GeneratedFile[]> {
  const files = await generatedFiles();
  const stale = await Promise.all(
    files.map(async ({ path, text }) => (await readFile(path, 'utf8').catch(() => undefined)) !== text),
  );
  return files.filter((_, index) => stale[index]);
}
