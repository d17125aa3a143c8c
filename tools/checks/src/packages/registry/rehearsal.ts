import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root } from '../../workspace.ts';
import type { PublishedPackage } from '../published.ts';
import { runCommand } from '../run-command.ts';
import type { Registry } from './registry.ts';

/** The version of a rehearsed release. */
export const REHEARSED = '0.0.0-rehearsal.0';

/**
 * Rehearses a release: `nx release version` and `nx release publish` into a local registry, on a copy of the workspace, so that the
 * workspace itself stays as it is.
 *
 * @throws Error with what nx wrote when it fails
 */
export async function rehearseRelease(registry: Registry, libraries: readonly PublishedPackage[]): Promise<void> {
  const copy = await mkdtemp(path.join(tmpdir(), 'nth-release-'));
  try {
    await copyWorkspace(copy, libraries);
    const userConfig = path.join(copy, 'user.npmrc');
    await writeFile(userConfig, `//${new URL(registry.url).host}/:_authToken=anybody\n`, { mode: 0o600 });
    const env = {
      NX_DAEMON: 'false',
      NX_WORKSPACE_DATA_DIRECTORY: path.join(copy, '.nx-data'),
      NPM_CONFIG_USERCONFIG: userConfig,
    };
    const nx = (...args: string[]) => runCommand(path.join(root, 'node_modules/.bin/nx'), args, { cwd: copy, env });
    await nx('release', 'version', REHEARSED, '--git-commit=false', '--git-tag=false', '--stage-changes=false');
    await nx('release', 'publish', `--registry=${registry.url}`, '--access=public', '--tag=latest');
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

/** Everything that git would commit, what the libraries were built to, and the installed dependencies. */
async function copyWorkspace(copy: string, libraries: readonly PublishedPackage[]): Promise<void> {
  const git = (...args: string[]) => runCommand('git', args, { cwd: copy });
  const listed = await runCommand('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: root });
  for (const file of listed.split('\0').filter((name) => name !== '')) {
    await mkdir(path.dirname(path.join(copy, file)), { recursive: true });
    // A file that was deleted and not yet committed is still listed.
    await cp(path.join(root, file), path.join(copy, file)).catch(ignoreMissing);
  }
  for (const { folder } of libraries) {
    const relative = path.relative(root, folder);
    await cp(path.join(folder, 'dist'), path.join(copy, relative, 'dist'), { recursive: true });
    await withoutProvenance(path.join(copy, relative, 'package.json'));
  }
  await symlink(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
  // nx asks git what there is.
  await git('init', '--quiet');
  await git('add', '--all');
}

/** Who built a package is attested by the continuous integration of a host that npm knows, and by nobody here. */
async function withoutProvenance(file: string): Promise<void> {
  const manifest = JSON.parse(await readFile(file, 'utf8')) as { publishConfig?: Readonly<Record<string, unknown>> };
  const publishConfig = { ...manifest.publishConfig, provenance: false };
  await writeFile(file, `${JSON.stringify({ ...manifest, publishConfig }, undefined, 2)}\n`);
}

function ignoreMissing(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}
