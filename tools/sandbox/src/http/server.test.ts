import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { startLoopbackServer } from './server.ts';

/** What the system's table of TCP sockets says of a local port on 127.0.0.1. */
function socketsOn(port: number): readonly string[] {
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, address, , state] = line.trim().split(/\s+/);
      return address === local && state !== undefined ? [state] : [];
    });
}

const ESTABLISHED = '01';
const LISTENS = '0A';

describe('a server that pauses', () => {
  it.runIf(process.platform === 'linux')('keeps its port, refuses connections, and listens on it again', async () => {
    await using server = await startLoopbackServer((_, response) => void response.end('well'));
    const port = Number(new URL(server.url).port);
    for (let round = 0; round < 3; round += 1) {
      await server.pause();
      await server.pause();
      expect(socketsOn(port)).toContain(ESTABLISHED);
      await expect(fetch(server.url)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
      await server.resume();
      await server.resume();
      expect(socketsOn(port)).toContain(LISTENS);
      expect(await fetch(server.url).then((answer) => answer.text())).toBe('well');
    }
  });

  it('can be closed while it pauses', async () => {
    const server = await startLoopbackServer((_, response) => void response.end());
    await server.pause();
    await server[Symbol.asyncDispose]();
    await expect(fetch(server.url)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  });
});
