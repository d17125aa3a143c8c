import { describe, expect, it } from 'vitest';
import { freePorts } from './ports.ts';

describe('freePorts', () => {
  it('gives as many different ports as asked for', async () => {
    const ports = await freePorts(20);
    expect(new Set(ports).size).toBe(20);
    expect(ports.every((port) => port > 0 && port < 65536)).toBe(true);
  });
});
