import { BundleMissingError } from '@node-termination-handler/trials';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { runDemo } from './run-demo.ts';

const workspaceRoot = path.resolve(import.meta.dirname, '../../..');
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());

const { picture } = parseArgs({ options: { picture: { type: 'string' } } }).values;

try {
  const good = await runDemo({
    workspaceRoot,
    output: process.stdout,
    signal: interrupted.signal,
    ...(picture !== undefined && { picture }),
  });
  process.exitCode = good ? 0 : 1;
} catch (error) {
  if (!(error instanceof BundleMissingError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
