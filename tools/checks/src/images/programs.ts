import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the workspace. */
export const workspaceFolder: string = fileURLToPath(new URL('../../../../', import.meta.url));

/** A program that has an image. */
export type ImageProgram = 'imds-agent' | 'queue-processor';

/** The programs that have images. */
export const imagePrograms: readonly ImageProgram[] = ['imds-agent', 'queue-processor'];

/** The folder of a program. */
export function appFolder(program: ImageProgram): string {
  return join(workspaceFolder, 'apps', program);
}

/** The folder that a program's image is built from. */
export function contextFolder(program: ImageProgram): string {
  return join(appFolder(program), 'dist', 'image');
}
