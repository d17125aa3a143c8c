import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { canConfine, runConfined } from './confined.ts';
import { brokenRules, dockerfiles, entrypointFlags, hadolint } from './dockerfile.ts';
import { appFolder, imagePrograms, workspaceFolder } from './programs.ts';
import type { ImageProgram } from './programs.ts';
import { filesIn, imageUser, rootFileSystem } from './root-file-system.ts';
import { imageFiles, stage } from './stage.ts';

/** One line of the result. */
export interface Finding {
  readonly what: string;
  readonly status: 'passed' | 'failed' | 'skipped';
  readonly detail: string;
}

/** The environment of a pod in a cluster where nothing answers: the program starts, and waits. */
const environment: Readonly<Record<ImageProgram, Readonly<Record<string, string>>>> = {
  'imds-agent': {
    NODE_NAME: 'node-a',
    INSTANCE_METADATA_URL: 'http://127.0.0.1:9',
    NODE_OPTIONS: '--max-old-space-size=64',
  },
  'queue-processor': {
    QUEUE_URL: 'http://127.0.0.1:9/123456789012/q',
    AWS_ENDPOINT: 'http://127.0.0.1:9',
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'a',
    AWS_SECRET_ACCESS_KEY: 'b',
    NODE_OPTIONS: '--max-old-space-size=256',
  },
};
const cluster = {
  KUBERNETES_SERVICE_HOST: '127.0.0.1',
  KUBERNETES_SERVICE_PORT: '9',
  ENABLE_PROBES_SERVER: 'true',
  PROBES_SERVER_PORT: '0',
};

/** The line that says that the program is at work, and has its handler of signals: process 1 does not get those it does not handle. */
const atWork: Readonly<Record<ImageProgram, string>> = {
  'imds-agent': 'the instance metadata cannot be read',
  'queue-processor': 'Started monitoring for events',
};

/** The memory limits of the charts, in bytes. */
const memoryLimit: Readonly<Record<ImageProgram, number>> = {
  'imds-agent': 128 * 2 ** 20,
  'queue-processor': 384 * 2 ** 20,
};

/** Checks the Dockerfiles, and every image that can be checked without a container runtime. */
export async function checkImages(): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const file of dockerfiles) findings.push(await checkDockerfile(file));
  for (const program of imagePrograms) findings.push(...(await checkProgram(program)));
  return findings;
}

async function checkDockerfile(file: string): Promise<Finding> {
  const what = relative(workspaceFolder, file);
  const broken = brokenRules(await readFile(file, 'utf8'));
  if (broken.length > 0) return { what, status: 'failed', detail: `not so: ${broken.join('; ')}` };
  const complaints = await hadolint(file);
  if (complaints === undefined) return { what, status: 'skipped', detail: 'own rules hold; hadolint cannot be had' };
  return complaints === ''
    ? { what, status: 'passed', detail: 'own rules and hadolint' }
    : { what, status: 'failed', detail: complaints };
}

async function checkProgram(program: ImageProgram): Promise<readonly Finding[]> {
  const files = await stage(program);
  const contents: Finding = {
    what: `${program}: contents`,
    status: withoutParts(files).join() === [...imageFiles].sort().join() ? 'passed' : 'failed',
    detail: files.join(', '),
  };
  const what = `${program}: confined`;
  if (!(await canConfine())) return [contents, { what, status: 'skipped', detail: 'needs Linux, root and namespaces' }];
  return [contents, await checkConfined(program, what)];
}

/** What a program finds: no write, process 1, the image's user and group, no capability, no way to get one. */
const confined = `EROFS 1 ${imageUser} ${imageUser} ${'0'.repeat(16)} ${'0'.repeat(16)} 1`;

async function checkConfined(program: ImageProgram, what: string): Promise<Finding> {
  await using root = await rootFileSystem(program);
  const flags = await entrypointFlags(join(appFolder(program), 'Dockerfile'));
  const env = { ...cluster, ...environment[program] };
  const attempt = `
    const status = fs.readFileSync('/proc/self/status', 'utf8');
    const line = (name) => status.split(name + ':')[1].trim().split(/\\s/)[0];
    let write = 'wrote';
    try { fs.writeFileSync('/app/x', '') } catch (error) { write = error.code }
    console.log(write, process.pid, process.getuid(), process.getgid(), line('CapEff'), line('CapPrm'), line('NoNewPrivs'))`;
  const writes = await runConfined(root.folder, ['-e', attempt], { env: {} });
  const check = await runConfined(root.folder, [...flags, '/app/main.cjs', '--check'], { env });
  const start = await runConfined(root.folder, [...flags, '/app/main.cjs'], {
    env,
    stopAfter: atWork[program],
  });
  const peak = start.peakBytes ?? Infinity;
  const problems = [
    writes.output === confined ? '' : `the constraints do not hold: ${writes.output}`,
    check.code === 0 ? '' : `--check ended with ${check.code}: ${check.output}`,
    // Nothing answers here, so an end with 1 is right for a program that still waits for its first answer.
    !start.wasKilled && (start.code === 0 || start.code === 1) && start.output.includes('stopping: ')
      ? ''
      : `SIGTERM did not end process 1 in time (exit code ${start.code}): ${start.output}`,
    peak < memoryLimit[program] ? '' : `${peak} bytes of memory are more than the chart's limit`,
  ].filter((problem) => problem !== '');
  if (problems.length > 0) return { what, status: 'failed', detail: problems.join('\n') };
  const size = (await filesIn(root.folder)).length;
  const mebibytes = Math.round(peak / 2 ** 20);
  return {
    what,
    status: 'passed',
    detail: `${size} files, read-only, user 65532, no capabilities; ends on SIGTERM; ${mebibytes} MiB at its start`,
  };
}

/** The parts of a bundle come and go with what the program loads when it needs it. */
function withoutParts(files: readonly string[]): readonly string[] {
  return files.filter((name) => name === 'main.cjs' || !name.endsWith('.cjs'));
}
