import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { freePorts } from './ports.ts';

describe('freePorts', () => {
  it('gives as many different ports as asked for', async () => {
    const ports = await freePorts(20);
    expect(new Set(ports).size).toBe(20);
  });

  it('gives none that the system gives to others, and that anybody could take before it is used', async () => {
    const ports = await freePorts(20);
    const others = Array.from({ length: 200 }, () => createServer().listen(0, '127.0.0.1'));
    await Promise.all(others.map((server) => once(server, 'listening')));
    const given = others.map((server) => (server.address() as AddressInfo).port);
    for (const server of others) server.close();
    expect(Math.max(...ports)).toBeLessThan(Math.min(...given));
  });
});
