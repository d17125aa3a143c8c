import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Program } from '@node-termination-handler/settings';
import { examine } from '../finding.ts';
import type { Finding, Verdict } from '../finding.ts';
import { appFolder, programs, root } from '../workspace.ts';
import { canConfine, imageUser, rootFileSystem, runConfined } from './confined.ts';
import { imageFiles, layOut } from './contents.ts';
import { dockerfiles, entrypointFlags, judgeDockerfile } from './dockerfile.ts';

const cluster = {
  KUBERNETES_SERVICE_HOST: '127.0.0.1',
  KUBERNETES_SERVICE_PORT: '9',
  ENABLE_PROBES_SERVER: 'true',
  PROBES_SERVER_PORT: '0',
};

/** How a program is tried in its image. */
interface Trial {
  /** The environment of a pod in a cluster where nothing answers: the program starts, and waits. */
  readonly env: Readonly<Record<string, string>>;
  /** The line that says that the program is at work, and has its handler of signals: process 1 does not get those it does not handle. */
  readonly atWork: string;
  /** The memory limit of the chart, in bytes. */
  readonly memoryLimit: number;
}

const trials: Readonly<Record<Program, Trial>> = {
  'imds-agent': {
    env: {
      ...cluster,
      NODE_NAME: 'node-a',
      INSTANCE_METADATA_URL: 'http://127.0.0.1:9',
      NODE_OPTIONS: '--max-old-space-size=64',
    },
    atWork: 'the instance metadata cannot be read',
    memoryLimit: 128 * 2 ** 20,
  },
  'queue-processor': {
    env: {
      ...cluster,
      QUEUE_URL: 'http://127.0.0.1:9/123456789012/q',
      AWS_ENDPOINT: 'http://127.0.0.1:9',
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'a',
      AWS_SECRET_ACCESS_KEY: 'b',
      NODE_OPTIONS: '--max-old-space-size=256',
    },
    atWork: 'Started monitoring for events',
    memoryLimit: 384 * 2 ** 20,
  },
};

/** Checks the Dockerfiles, and of the images everything that can be checked without a container runtime. */
export async function* checkImages(): AsyncGenerator<Finding> {
  for (const file of dockerfiles) yield await examine(path.relative(root, file), () => judgeDockerfile(file));
  for (const program of programs) {
    yield await examine(`${program}: contents`, async () => {
      const files = await layOut(program);
      // The parts of a bundle come and go with what the program loads when it needs it.
      const lasting = files.filter((name) => name === 'main.cjs' || !name.endsWith('.cjs'));
      const isAsExpected = lasting.join() === [...imageFiles].sort().join();
      return isAsExpected ? { detail: files.join(', ') } : { problems: [`there are ${files.join(', ')}`] };
    });
    yield await examine(`${program}: confined`, () => tryConfined(program));
  }
}

/** What a program finds: no write, process 1, the image's user and group, no capability, no way to get one. */
const confined = `EROFS 1 ${imageUser} ${imageUser} ${'0'.repeat(16)} ${'0'.repeat(16)} 1`;

/** The script that finds out. */
const attempt = `
  const status = fs.readFileSync('/proc/self/status', 'utf8');
  const line = (name) => status.split(name + ':')[1].trim().split(/\\s/)[0];
  let write = 'wrote';
  try { fs.writeFileSync('/app/x', '') } catch (error) { write = error.code }
  console.log(write, process.pid, process.getuid(), process.getgid(), line('CapEff'), line('CapPrm'), line('NoNewPrivs'))`;

async function tryConfined(program: Program): Promise<Verdict> {
  if (!(await canConfine())) return { skipped: 'needs Linux, root and namespaces' };
  const { env, atWork, memoryLimit } = trials[program];
  await using folder = await rootFileSystem(program);
  const flags = await entrypointFlags(path.join(appFolder(program), 'Dockerfile'));
  const writes = await runConfined(folder.path, ['-e', attempt], { env: {} });
  const check = await runConfined(folder.path, [...flags, '/app/main.cjs', '--check'], { env });
  const start = await runConfined(folder.path, [...flags, '/app/main.cjs'], { env, stopAfter: atWork });
  const peak = start.peakBytes ?? Infinity;
  // Nothing answers here, so an end with 1 is right for a program that still waits for its first answer.
  const endedInTime = !start.wasKilled && (start.code === 0 || start.code === 1) && start.output.includes('stopping: ');
  const entries = await readdir(folder.path, { recursive: true, withFileTypes: true });
  const mebibytes = Math.round(peak / 2 ** 20);
  return {
    problems: [
      ...(writes.output === confined ? [] : [`the constraints do not hold: ${writes.output}`]),
      ...(check.code === 0 ? [] : [`--check ended with ${check.code}: ${check.output}`]),
      ...(endedInTime ? [] : [`SIGTERM did not end process 1 in time (exit code ${start.code}): ${start.output}`]),
      ...(peak < memoryLimit ? [] : [`${peak} bytes of memory are more than the chart's limit`]),
    ],
    detail: `${entries.filter((entry) => entry.isFile()).length} files, read-only, user ${imageUser}, no capabilities; ends on SIGTERM; ${mebibytes} MiB at its start`,
  };
}
