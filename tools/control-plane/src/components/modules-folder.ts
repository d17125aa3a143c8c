import { fileURLToPath } from 'node:url';

/** Where the pinned Go modules lie: one folder per module, each with its go.mod and go.sum. */
export const modulesFolder: string = fileURLToPath(new URL('../../go/', import.meta.url));
