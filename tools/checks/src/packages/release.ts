import { once } from 'node:events';
import { cp, mkdir, mkdtempDisposable, readFile, symlink, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runServer } from 'verdaccio';
import { mustRun } from '../command.ts';
import { repositoryFiles, root } from '../workspace.ts';
import type { WorkspacePackage } from '../workspace.ts';

/** A registry of this machine's own, into which anybody may publish. */
export interface Registry extends AsyncDisposable {
  readonly url: string;
}

/** Starts a registry on a free port of 127.0.0.1; what it holds is gone when it ends. */
export async function startRegistry(): Promise<Registry> {
  const storage = await mkdtempDisposable(path.join(tmpdir(), 'nth-registry-'));
  const everybody = { access: '$all', publish: '$all', unpublish: '$all' };
  const server = (await runServer({
    storage: storage.path,
    self_path: storage.path,
    uplinks: {},
    packages: { '**': everybody },
    auth: { htpasswd: { file: path.join(storage.path, 'htpasswd'), max_users: -1 } },
    log: { type: 'stdout', format: 'json', level: 'fatal' },
    web: { enable: false },
  })) as Server;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      await storage.remove();
    },
  };
}

/** The version of a rehearsed release. */
const REHEARSED = '0.0.0-rehearsal.0';

/**
 * Rehearses a release: `nx release version` and `nx release publish` into a local registry, on a copy of the workspace, so that the
 * workspace itself stays as it is.
 *
 * @throws CommandError with what nx wrote when it fails
 */
export async function rehearseRelease(registry: Registry, libraries: readonly WorkspacePackage[]): Promise<void> {
  await using copy = await mkdtempDisposable(path.join(tmpdir(), 'nth-release-'));
  const cwd = copy.path;
  await copyWorkspace(cwd, libraries);
  const userConfig = path.join(cwd, 'user.npmrc');
  await writeFile(userConfig, `//${new URL(registry.url).host}/:_authToken=anybody\n`, { mode: 0o600 });
  const env = {
    ...process.env,
    NX_DAEMON: 'false',
    NX_WORKSPACE_DATA_DIRECTORY: path.join(cwd, '.nx-data'),
    NPM_CONFIG_USERCONFIG: userConfig,
  };
  const nx = (...args: string[]) => mustRun(path.join(root, 'node_modules/.bin/nx'), args, { cwd, env });
  await nx('release', 'version', REHEARSED, '--git-commit=false', '--git-tag=false', '--stage-changes=false');
  await nx('release', 'publish', `--registry=${registry.url}`, '--access=public', '--tag=latest');
}

/** Everything that git would commit, what the libraries were built to, and the installed dependencies. */
async function copyWorkspace(copy: string, libraries: readonly WorkspacePackage[]): Promise<void> {
  for (const file of await repositoryFiles()) {
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
  await mustRun('git', ['init', '--quiet'], { cwd: copy });
  await mustRun('git', ['add', '--all'], { cwd: copy });
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
