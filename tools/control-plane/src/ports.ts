import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { Server } from 'node:net';

/** Below it are ports that Kubernetes and common services have by habit. */
const LOWEST = 12_000;

/** Where the ports begin that systems give out, unless they say otherwise. */
const USUALLY_GIVEN_OUT = 32_768;

/**
 * Ports on 127.0.0.1 that nobody listens on now, and that the system gives to nobody who asks for any: between this look and their use only
 * somebody who names one of them can take it.
 *
 * @see https://docs.kernel.org/networking/ip-sysctl.html `ip_local_port_range`
 */
export async function freePorts(count: number): Promise<readonly number[]> {
  const range = await readFile('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').catch(() => '');
  const givenOut = Number.parseInt(range, 10) || USUALLY_GIVEN_OUT;
  const highest = givenOut > LOWEST + 1_000 ? givenOut : USUALLY_GIVEN_OUT;
  const held = new Map<number, Server>();
  try {
    while (held.size < count) {
      const port = randomInt(LOWEST, highest);
      if (held.has(port)) continue;
      const server = createServer().listen(port, '127.0.0.1');
      const isFree = await once(server, 'listening').then(
        () => true,
        () => false,
      );
      if (isFree) held.set(port, server);
    }
    return [...held.keys()];
  } finally {
    await Promise.all(held.values().map((server) => once(server.close(), 'close')));
  }
}
