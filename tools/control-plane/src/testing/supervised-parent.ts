import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSupervisor } from '../supervisor.ts';

// A program that starts a long-lived one through a supervisor, says its id and its directory, and waits to be killed.

const directory = mkdtempSync(join(tmpdir(), 'supervised-'));
const supervisor = createSupervisor();
supervisor.removeAtEnd(directory);
const child = await supervisor.start({
  name: 'sleeper',
  command: process.execPath,
  args: ['-e', 'setInterval(() => undefined, 1000)'],
  logFile: join(directory, 'sleeper.log'),
});
process.stdout.write(`${JSON.stringify({ pid: child.pid, directory })}\n`);
