import path from 'node:path';
import { parseArgs } from 'node:util';
import { buildPrograms } from './play/build.ts';
import { runDemo } from './run-demo.ts';

const workspaceRoot = path.resolve(import.meta.dirname, '../../..');
const interrupted = new AbortController();
const { signal } = interrupted;
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => interrupted.abort());

const { picture } = parseArgs({ options: { picture: { type: 'string' } } }).values;

process.stdout.write('Building both programs …\n');
const problem = await buildPrograms(workspaceRoot, signal);
if (problem === undefined) {
  const options = { workspaceRoot, output: process.stdout, signal, ...(picture !== undefined && { picture }) };
  process.exitCode = (await runDemo(options)) ? 0 : 1;
} else {
  process.stderr.write(`The programs could not be built:\n${problem}\n`);
  process.exitCode = 2;
}
