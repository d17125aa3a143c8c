// node -C @node-termination-handler/source tools/checks/src/main.ts <command>
import { parseArgs } from 'node:util';
import { CommandError } from './command.ts';
import { errorText, report } from './finding.ts';

/** One command; it answers whether all is well. Its parts are loaded when it runs: the bundler needs none of the others. */
interface Command {
  /** What may stand behind its name. */
  readonly args?: string;
  readonly what: string;
  run(words: readonly string[], isWriting: boolean): Promise<boolean>;
}

const commands: Readonly<Record<string, Command>> = {
  bundle: {
    args: '<folder of a program> [names]',
    what: 'bundles a program into its dist folder; with names, functions keep theirs for a profile (node --cpu-prof)',
    async run([app, names]) {
      if (app === undefined) throw new CommandError('bundle needs the folder of a program, such as apps/imds-agent');
      const { bundleApp } = await import('./bundle-app.ts');
      for (const { name, bytes } of await bundleApp(app, undefined, names === 'names'))
        console.log(`${name} ${Math.round(bytes / 1024)} KiB`);
      return true;
    },
  },
  'lay-out': {
    what: 'lays out apps/*/dist/image, the folders that the images are built from',
    async run() {
      const [{ layOut }, { programs }] = [await import('./images/contents.ts'), await import('./workspace.ts')];
      for (const program of programs) console.log(`${program}: ${(await layOut(program)).join(', ')}`);
      return true;
    },
  },
  images: {
    what: 'the Dockerfiles, and what can be checked of the images without a container runtime',
    run: async () => report((await import('./images/images.ts')).checkImages()),
  },
  charts: {
    args: '[--write]',
    what: 'the Helm charts: what is generated, what Helm makes of them, alerts, dashboards, and the workflows',
    run: async (_, isWriting) => report((await import('./charts/charts.ts')).checkCharts(isWriting)),
  },
  packages: {
    args: '[--write]',
    what: 'the published packages: files, exports, types, docs/api, and their use from a registry in a fresh project',
    run: async (_, isWriting) => report((await import('./packages/packages.ts')).checkPackages(isWriting)),
  },
  docs: {
    what: 'the documentation: links, runnable commands, API references, and the files for AWS',
    run: async () => report((await import('./docs/docs.ts')).checkDocs()),
  },
  size: {
    what: 'sizes of bundles and libraries against their budgets',
    run: async () => report((await import('./sizes.ts')).checkSizes()),
  },
  unused: {
    what: 'files, exports and dependencies that nobody uses',
    run: async () => report((await import('./unused.ts')).checkUnused()),
  },
  mutants: {
    args: '[part of a path]… [--write]',
    what: 'small mistakes in the pure files, one at a time: the tests beside them notice each',
    run: async (words, isWriting) => report((await import('./mutants/mutants.ts')).checkMutants(words, isWriting)),
  },
  graph: {
    what: 'no cycle between the projects of the workspace',
    run: async () => report((await import('./graph.ts')).checkGraph()),
  },
  ci: {
    args: '[check]…',
    what: 'every check of the repository, or those that are named',
    run: async (words) => (await import('./ci/ci.ts')).runCi(words),
  },
  long: {
    args: '[command]…',
    what: 'the longer commands, or those that are named, one after the other',
    run: async (words) => (await import('./ci/ci.ts')).runLong(words),
  },
};

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { write: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
  });
  const [name = '', ...words] = positionals;
  const command = commands[name];
  if (values.help || command === undefined) {
    (values.help ? console.log : console.error)(usage());
    return values.help ? 0 : 2;
  }
  const { args = '' } = command;
  if (values.write && !args.endsWith('[--write]')) throw new CommandError(`${name} has no --write`);
  if (words.length > 0 && !/[<…]/.test(args)) throw new CommandError(`${name} takes no ${words.join(' ')}`);
  return (await command.run(words, values.write)) ? 0 : 1;
}

function usage(): string {
  const lines = Object.entries(commands).map(
    ([name, { args = '', what }]) => `  ${`${name} ${args}`.padEnd(32)}${what}`,
  );
  return `Usage: node -C @node-termination-handler/source tools/checks/src/main.ts <command>

${lines.join('\n')}

--write first makes anew what is generated; read the difference before you commit it.`;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(errorText(error));
  process.exitCode = 2;
}
