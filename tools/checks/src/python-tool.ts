import { access } from 'node:fs/promises';
import path from 'node:path';
import { cacheFolder } from '@node-termination-handler/control-plane';
import { mustRun } from './command.ts';

/** A program that comes as a package of the Python Package Index. */
export interface PythonTool {
  readonly package: string;
  readonly version: string;
  /** The program's name. */
  readonly program: string;
}

/** Where a program is; it is fetched once, with the Python that is there. `undefined` for want of Python or its registry. */
export async function findPythonTool({ package: name, version, program }: PythonTool): Promise<string | undefined> {
  const folder = path.join(cacheFolder(), `${name}-${version}`);
  const binary = path.join(folder, 'bin', program);
  try {
    await access(binary).catch(async () => {
      await mustRun('python3', ['-m', 'venv', folder]);
      await mustRun(path.join(folder, 'bin/pip'), ['install', '--quiet', `${name}==${version}`]);
    });
    return binary;
  } catch {
    return undefined;
  }
}
