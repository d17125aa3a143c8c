import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { modulesFolder } from '../components/modules-folder.ts';
import type { Component } from '../components/components.ts';

/** The folder for what is built once per machine: `$XDG_CACHE_HOME/node-termination-handler`, else under `~/.cache`. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  const base = env.XDG_CACHE_HOME;
  return join(base === undefined || base === '' ? join(homedir(), '.cache') : base, 'node-termination-handler');
}

/** Where a component's binary is kept: a change of its module, its flags or of Go makes another folder. */
export async function cachedBinary(
  component: Component,
  goVersion: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const folder = join(modulesFolder, component.module);
  const key = createHash('sha256');
  for (const file of ['go.mod', 'go.sum']) key.update(await readFile(join(folder, file)));
  key.update(
    [goVersion, process.platform, process.arch, component.package, ...component.linkerFlags, ...component.tags].join(
      '\n',
    ),
  );
  return join(cacheFolder(env), `${component.name}-${key.digest('hex').slice(0, 16)}`, component.name);
}
