import { mkdtemp, rm } from 'node:fs/promises';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runServer } from 'verdaccio';

/** A registry of this machine's own, into which anybody may publish. */
export interface Registry extends AsyncDisposable {
  readonly url: string;
}

/** Starts a registry on a free port of 127.0.0.1; what it holds is gone when it ends. */
export async function startRegistry(): Promise<Registry> {
  const storage = await mkdtemp(path.join(tmpdir(), 'nth-registry-'));
  const everybody = { access: '$all', publish: '$all', unpublish: '$all' };
  const server = (await runServer({
    storage,
    self_path: storage,
    uplinks: {},
    packages: { '**': everybody },
    auth: { htpasswd: { file: path.join(storage, 'htpasswd'), max_users: -1 } },
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
      await rm(storage, { recursive: true, force: true });
    },
  };
}
