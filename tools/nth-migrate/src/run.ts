import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { migrate } from './migrate.ts';
import { findValues, ValuesFileError } from './read/find-values.ts';
import type { FoundValues } from './read/find-values.ts';
import { findTerraformValues } from './read/terraform.ts';
import { publishedCharts, render } from './render.ts';
import { report } from './report.ts';
import { charts } from './values.ts';
import { valuesFile } from './write-values.ts';

const usage = `Usage: nth-migrate FILE [OPTION]...

Turns values of the AWS Node Termination Handler's Helm chart into values for imds-agent and queue-processor, says what
became of each and why, and has Helm render the outcome. FILE holds the values themselves, or is one of a chart that has
the handler for a dependency, an Argo CD Application, a Flux HelmRelease, a kustomization, a Terraform file (.tf) or a
list of set entries; - is the standard input.
  --out FOLDER            where imds-agent.values.yaml and queue-processor.values.yaml go (default: here)
  --key NAME              the values stand under this key (default: it is looked for)
  --keep-service-account  the new release uses the service account that the old one made
  --charts LOCATION       a folder or registry with both charts, for Helm to render (default: ${publishedCharts})
  --no-render             Helm is not asked
  --force                 write over files that are there
`;

/** Where the tool reads and writes. */
export interface Terminal {
  readonly stdin: NodeJS.ReadableStream;
  out(text: string): void;
  error(text: string): void;
}

/** Runs the tool, and returns its exit code: 0, 1 when it cannot do it or Helm refuses the outcome, 2 when it does not understand. */
export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const parsed = parse(args);
  if (typeof parsed === 'string') {
    terminal.error(`${parsed}\n${usage}`);
    return 2;
  }
  if (parsed.help) {
    terminal.out(usage);
    return 0;
  }
  try {
    return await migrateFile(parsed, terminal);
  } catch (error) {
    terminal.error(`nth-migrate: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

async function migrateFile(options: Arguments, terminal: Terminal): Promise<number> {
  const found = await read(options, terminal);
  const migration = migrate(found.values, { keepServiceAccount: options.keepServiceAccount });
  const files = charts.map((chart) => ({
    chart,
    path: join(options.out, `${chart}.values.yaml`),
    text: valuesFile(migration, chart),
  }));
  if (!options.force) await refuseExisting(files.map(({ path }) => path));
  await mkdir(options.out, { recursive: true });
  for (const { path, text } of files) await writeFile(path, text);
  const [replaced] = files.filter(({ chart }) => chart === migration.replacement);
  const isComplete =
    migration.replacement === 'imds-agent' || migration.values['queue-processor'].queueURL !== undefined;
  const renderings =
    options.render && isComplete && replaced !== undefined
      ? [await render(replaced.chart, replaced.path, { charts: options.charts, helm: options.helm })]
      : [];
  terminal.out(report(migration, renderings));
  terminal.error(`read ${found.where}\n`);
  for (const name of found.elsewhere) terminal.error(`not in this file, migrate it too: ${name}\n`);
  terminal.error(files.map(({ path }) => `wrote ${path}\n`).join(''));
  return renderings.some(({ outcome }) => outcome.kind === 'refused') ? 1 : 0;
}

async function read({ file, key }: Arguments, terminal: Terminal): Promise<FoundValues> {
  const content = file === '-' ? await text(terminal.stdin) : await readFile(file, 'utf8');
  const isTerraform = file.endsWith('.tf') || /^\s*resource\s+"helm_release"/m.test(content);
  return isTerraform ? findTerraformValues(content) : findValues(content, key);
}

async function refuseExisting(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const isThere = await access(path).then(
      () => true,
      () => false,
    );
    if (isThere) throw new ValuesFileError(`${path} is there already: use --force, or another --out`);
  }
}

interface Arguments {
  readonly file: string;
  readonly out: string;
  readonly key: string | undefined;
  readonly keepServiceAccount: boolean;
  readonly charts: string;
  readonly helm: string;
  readonly render: boolean;
  readonly force: boolean;
  readonly help: boolean;
}

/** The arguments, or what is wrong with them. */
function parse(args: readonly string[]): Arguments | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        out: { type: 'string', default: '.' },
        key: { type: 'string' },
        'keep-service-account': { type: 'boolean', default: false },
        charts: { type: 'string', default: publishedCharts },
        helm: { type: 'string', default: 'helm' },
        'no-render': { type: 'boolean', default: false },
        force: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    const [file, ...others] = positionals;
    if (!values.help && (file === undefined || others.length > 0)) return 'one file is needed';
    const { out, key, charts: location, helm, force, help } = values;
    const keepServiceAccount = values['keep-service-account'];
    return {
      file: file ?? '',
      out,
      key,
      keepServiceAccount,
      charts: location,
      helm,
      render: !values['no-render'],
      force,
      help,
    };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
