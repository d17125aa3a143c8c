import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { migrate } from './migrate.ts';
import { readValues, ValuesFileError } from './read-values.ts';
import { report } from './report.ts';
import { charts } from './values.ts';
import { valuesFile } from './write-values.ts';

const usage = `Usage: nth-migrate VALUES_FILE [--out FOLDER] [--key NAME] [--force]

Turns values of the AWS Node Termination Handler's Helm chart into values for imds-agent and queue-processor,
and says what changed and why. VALUES_FILE may be - for the standard input.
  --out FOLDER  where imds-agent.values.yaml and queue-processor.values.yaml go (default: here)
  --key NAME    the values stand under this key, as in a chart that has the handler for a dependency
  --force       write over files that are there
`;

/** Where the tool reads and writes. */
export interface Terminal {
  readonly stdin: NodeJS.ReadableStream;
  out(text: string): void;
  error(text: string): void;
}

/** Runs the tool, and returns its exit code: 0, 1 when it cannot do it, 2 when it does not understand. */
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
    const yaml = parsed.file === '-' ? await text(terminal.stdin) : await readFile(parsed.file, 'utf8');
    const migration = migrate(readValues(yaml, parsed.key));
    const files = charts.map((chart) => ({
      path: join(parsed.out, `${chart}.values.yaml`),
      text: valuesFile(migration, chart),
    }));
    if (!parsed.force) await refuseExisting(files.map(({ path }) => path));
    await mkdir(parsed.out, { recursive: true });
    for (const { path, text } of files) await writeFile(path, text);
    terminal.out(report(migration));
    terminal.error(files.map(({ path }) => `wrote ${path}\n`).join(''));
    return 0;
  } catch (error) {
    terminal.error(`nth-migrate: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
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
        force: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    const [file, ...others] = positionals;
    if (!values.help && (file === undefined || others.length > 0)) return 'one values file is needed';
    return { file: file ?? '', out: values.out, key: values.key, force: values.force, help: values.help };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
