import { chmod, copyFile, cp, mkdir, mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemClock } from '@node-termination-handler/clock';
import type { Timer } from '@node-termination-handler/clock';
import type { Program } from '@node-termination-handler/settings';
import { mustRun, run } from '../command.ts';
import type { CommandResult } from '../command.ts';
import { contextFolder } from './contents.ts';

/** The user of the images. */
export const imageUser = 65_532;

/**
 * Lays out the root file system of a program's image from this machine's Node.js: Node.js, the libraries it needs, and the program. The
 * folder is gone when disposed of.
 */
export async function rootFileSystem(program: Program) {
  const folder = await mkdtempDisposable(path.join(tmpdir(), `image-${program}-`));
  const inside = (name: string) => path.join(folder.path, name);
  const put = async (from: string, to: string) => {
    await mkdir(path.dirname(inside(to)), { recursive: true });
    await copyFile(from, inside(to));
  };
  // A temporary folder is its owner's alone; the image's user has to get in.
  await chmod(folder.path, 0o755);
  await put(process.execPath, '/nodejs/bin/node');
  const linked = await mustRun('ldd', [process.execPath]);
  for (const [library] of linked.matchAll(/\/\S+(?= \(0x)/g)) await put(library, library);
  await cp(contextFolder(program), inside('app'), { recursive: true });
  for (const name of ['etc', 'proc', 'dev']) await mkdir(inside(name));
  await writeFile(inside('etc/passwd'), `nonroot:x:${imageUser}:${imageUser}:nonroot:/:/sbin/nologin\n`);
  return folder;
}

/**
 * Mounts the root file system read-only in a mount namespace of its own, with a /proc of its own, and starts Node there as process 1, as
 * the image's user and without new privileges. The change of root and user takes three capabilities, which end with root.
 */
const confine = `
set -eu
mount --bind "$ROOT" "$ROOT"
mount -t proc proc "$ROOT/proc"
mount --bind /dev "$ROOT/dev"
mount -o remount,bind,ro "$ROOT"
cd "$ROOT"
exec setpriv --no-new-privs --bounding-set=-all,+sys_chroot,+setuid,+setgid --inh-caps=-all -- chroot --userspec="$IMAGE_USER:$IMAGE_USER" --groups= "$ROOT" /nodejs/bin/node "$@"
`;

/** How long a program may take to end, in milliseconds: the shortest grace period that the charts take. */
const PATIENCE_MS = 40_000;

/** Whether this machine lets us: Linux, as root, with the right to make namespaces. */
export async function canConfine(): Promise<boolean> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  return run('unshare', ['--mount', '--pid', '--fork', 'true']).then(
    ({ code }) => code === 0,
    () => false,
  );
}

/** What is told about a program that runs confined. */
export interface ConfinedOptions {
  readonly env: Readonly<Record<string, string>>;
  /** Ends the program by SIGTERM once it has written a line that holds this text. */
  readonly stopAfter?: string;
}

/** How a confined program ended. */
export interface ConfinedResult extends CommandResult {
  /** The most memory that it had in RAM, in bytes; undefined for a program that was not told to stop. */
  readonly peakBytes: number | undefined;
  /** Whether it had to be ended by SIGKILL; the exit code of `unshare` does not say. */
  readonly wasKilled: boolean;
}

/** Runs Node in a root file system under the constraints of a pod. */
export async function runConfined(
  root: string,
  args: readonly string[],
  { env, stopAfter }: ConfinedOptions,
): Promise<ConfinedResult> {
  const unshare = ['--mount', '--pid', '--fork', '--kill-child=SIGKILL', 'sh', '-c', confine, 'sh', ...args];
  const environment = { ...env, ROOT: root, IMAGE_USER: String(imageUser), PATH: process.env.PATH ?? '' };
  let stopped: Promise<number | undefined> | undefined;
  let wasKilled = false;
  let waiting: Timer | undefined;
  const result = await run('unshare', unshare, {
    env: environment,
    onOutput: (_, { output, pid }) => {
      if (stopAfter === undefined) return;
      const end = () => (stopped ??= stop(pid, () => (wasKilled = true)));
      // A program that never writes that line must not hold up the check; what it wrote instead shows in the result.
      waiting ??= systemClock.startTimer(PATIENCE_MS, () => void end());
      if (output.includes(stopAfter)) void end();
    },
  });
  waiting?.stop();
  return { ...result, peakBytes: await stopped, wasKilled };
}

/** Process 1 inside is the only child of `unshare`; the signal goes to it alone, as the kubelet's does. */
async function stop(unsharePid: number | undefined, onKilled: () => void): Promise<number | undefined> {
  const children = await readFile(`/proc/${unsharePid}/task/${unsharePid}/children`, 'utf8');
  const inside = Number(children.trim().split(' ')[0]);
  const status = await readFile(`/proc/${inside}/status`, 'utf8');
  process.kill(inside, 'SIGTERM');
  const kill = (): void => {
    try {
      process.kill(inside, 'SIGKILL');
      onKilled();
    } catch {
      // It has ended meanwhile.
    }
  };
  // What does not end is ended, as by the kubelet, and that counts as a failure.
  systemClock.startTimer(PATIENCE_MS, kill, { keepsProcessAlive: false });
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}
