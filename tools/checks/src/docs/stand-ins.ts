import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { json } from 'node:stream/consumers';
import { errorText } from '../finding.ts';

/** What a command that is stood in for does: it answers with what the command would print, and throws where that would fail. */
export type StandIn = (args: readonly string[]) => Promise<string> | string;

/** Commands that are stood in for, while shells run with its `path` first in theirs. */
export interface StandIns extends AsyncDisposable {
  /** The folder with the commands. */
  readonly folder: string;
}

/** Stands in for commands such as `kubectl`, by programs of their names that ask this process. */
export async function standInFor(commands: Readonly<Record<string, StandIn>>): Promise<StandIns> {
  await using stack = new AsyncDisposableStack();
  const server = createServer((request, response) => {
    void json(request).then(async (body) => {
      const [name = '', ...args] = body as readonly string[];
      try {
        response.end(await (commands[name] ?? unknown(name))(args));
      } catch (error) {
        response.writeHead(400).end(`${name} ${args.join(' ')}: ${errorText(error)}\n`);
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  stack.defer(async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });
  const folder = await mkdtemp(path.join(tmpdir(), 'nth-stand-ins-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  for (const name of Object.keys(commands)) {
    const file = path.join(folder, name);
    await writeFile(file, program(name, (server.address() as AddressInfo).port));
    await chmod(file, 0o755);
  }
  const owned = stack.move();
  return { folder, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

function program(name: string, port: number): string {
  return `#!${process.execPath}
const body = JSON.stringify([${JSON.stringify(name)}, ...process.argv.slice(2)]);
fetch('http://127.0.0.1:${port}', { method: 'POST', body }).then(async (answer) => {
  (answer.ok ? process.stdout : process.stderr).write(await answer.text());
  process.exitCode = answer.ok ? 0 : 1;
});
`;
}

function unknown(name: string): StandIn {
  return () => {
    throw new Error(`nothing stands in for ${name}`);
  };
}
