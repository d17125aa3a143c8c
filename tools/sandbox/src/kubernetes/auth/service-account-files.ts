import { randomUUID } from 'node:crypto';
import { mkdir, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a pod finds at `/var/run/secrets/kubernetes.io/serviceaccount`. */
export interface ServiceAccountFiles {
  readonly token: string;
  readonly caPem: string;
  readonly namespace: string;
}

/**
 * Writes a service account's files into a directory the way the kubelet keeps a projected volume: the files are links
 * through `..data`, and a second call swaps that link, so that a reader sees all old or all new files.
 */
export async function writeServiceAccountFiles(directory: string, files: ServiceAccountFiles): Promise<void> {
  const version = `..${randomUUID()}`;
  await mkdir(join(directory, version), { recursive: true });
  const contents = { token: files.token, 'ca.crt': files.caPem, namespace: files.namespace };
  for (const [name, text] of Object.entries(contents)) await writeFile(join(directory, version, name), text);
  const previous = await readlink(join(directory, '..data')).catch(() => undefined);
  await symlink(version, join(directory, '..data_tmp'));
  await rename(join(directory, '..data_tmp'), join(directory, '..data'));
  if (previous === undefined) {
    for (const name of Object.keys(contents)) await symlink(join('..data', name), join(directory, name));
  } else {
    await rm(join(directory, previous), { recursive: true, force: true });
  }
}
