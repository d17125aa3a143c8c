import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Program } from '@node-termination-handler/settings';
import { format } from 'prettier';
import { stringify } from 'yaml';
import type { Verdict } from '../finding.ts';
import { programs, root } from '../workspace.ts';
import { alertRules } from './alert-rules.ts';
import { chartFolder, chartsFolder } from './cases.ts';
import { chartSettings, programDefault } from './chart-settings.ts';
import { dashboard } from './dashboard.ts';
import { withSettings } from './values-file.ts';
import { withValuesTable } from './values-table.ts';
import { migratedValuesPage } from './migrated.ts';
import { formerValues, valuesSchema } from './values-schema.ts';

/** A file of a chart that nobody writes by hand. */
interface GeneratedFile {
  readonly file: string;
  readonly text: string;
}

const sharedTemplates = path.join(chartsFolder, 'shared', 'templates');

/** Everything in the charts that follows from something else. */
export async function generatedFiles(): Promise<readonly GeneratedFile[]> {
  const page = { file: path.join(root, 'docs', 'migrating-values.md'), text: await migratedValuesPage() };
  return [...(await Promise.all(programs.map(filesOf))).flat(), page];
}

async function filesOf(program: Program): Promise<readonly GeneratedFile[]> {
  const chart = chartFolder(program);
  const values = path.join(chart, 'values.yaml');
  const readme = path.join(chart, 'README.md');
  const valuesYaml = withSettings(await readFile(values, 'utf8'), program);
  return [
    { file: values, text: valuesYaml },
    { file: readme, text: withValuesTable(await readFile(readme, 'utf8'), valuesYaml) },
    { file: path.join(chart, 'values.schema.json'), text: await json(await valuesSchema(program)) },
    { file: path.join(chart, 'templates', '_settings.tpl'), text: settingsTemplate(program) },
    { file: path.join(chart, 'templates', '_former.tpl'), text: formerTemplate(program, await formerValues(program)) },
    { file: path.join(chart, 'files', 'alerts.yaml'), text: await alertsFile(program) },
    { file: path.join(chart, 'files', 'dashboard.json'), text: await json(dashboard(program)) },
    ...(await sharedOf(program)),
  ];
}

async function alertsFile(program: Program): Promise<string> {
  const note = '# Generated from tools/checks/charts/alerts.yaml: change it there.\n';
  return format(note + stringify(alertRules(program), { lineWidth: 0 }), { parser: 'yaml', printWidth: 120 });
}

/** The template that turns values into variables: one line for each setting, with the default that need not be written. */
function settingsTemplate(program: Program): string {
  const lines = chartSettings(program).map((setting) => {
    const fallback = JSON.stringify(programDefault(setting));
    const { value, row } = setting;
    return `{{- include "${program}.variable" (list "${row.name}" .Values.${value} ${fallback}) }}`;
  });
  return [
    '{{- /* Generated from the rows of libs/settings by tools/checks: change them there. */ -}}',
    `{{- define "${program}.settings" -}}`,
    ...lines,
    '{{- end }}',
    '',
  ].join('\n');
}

/** The names that the chart refuses, with its answers, as YAML for `_refusals.tpl`. */
function formerTemplate(program: Program, former: Readonly<Record<string, string>>): string {
  const lines = Object.entries(former).map(([name, answer]) => `${name}: ${JSON.stringify(answer)}`);
  return [
    '{{- /* Generated from tools/checks/charts/former-values.yaml: change it there. */ -}}',
    `{{- define "${program}.formerNames" -}}`,
    ...lines,
    '{{- end }}',
    '',
  ].join('\n');
}

async function json(value: unknown): Promise<string> {
  return format(JSON.stringify(value), { parser: 'json', printWidth: 120 });
}

/** Both charts stand alone, so what they share is copied; names of templates are global in Helm and take the chart's name. */
async function sharedOf(program: Program): Promise<readonly GeneratedFile[]> {
  const entries = await readdir(sharedTemplates, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  return Promise.all(
    files.map(async (file) => {
      const name = path.relative(sharedTemplates, file);
      const text = await readFile(file, 'utf8');
      const note = `{{- /* Generated from tools/checks/charts/shared/templates/${name}: change it there. */ -}}\n`;
      return {
        file: path.join(chartFolder(program), 'templates', name),
        text: note + text.replaceAll('"app.', `"${program}.`),
      };
    }),
  );
}

/** The files that are not what they should be. */
export async function staleFiles(): Promise<readonly GeneratedFile[]> {
  const files = await generatedFiles();
  const stale = await Promise.all(
    files.map(async ({ file, text }) => (await readFile(file, 'utf8').catch(() => undefined)) !== text),
  );
  return files.filter((_, index) => stale[index]);
}

/** What follows from the settings and the shared templates is what it would be made anew. */
export async function generatedAreFresh(): Promise<Verdict> {
  const problems = (await staleFiles()).map(
    ({ file }) => `${path.relative(root, file)}: "chart-check --write" makes it`,
  );
  return { detail: `${(await generatedFiles()).length} files`, problems };
}

/** Makes anew what is stale. */
export async function writeGenerated(): Promise<void> {
  for (const { file, text } of await staleFiles()) {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
    console.log(`wrote ${path.relative(root, file)}`);
  }
}
