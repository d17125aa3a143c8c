import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { auditedRequests, isWrite, kindOfCall } from './audit.ts';
import type { AuditedRequest } from './audit.ts';

const request = (verb: string, requestURI: string, more: Partial<AuditedRequest> = {}): AuditedRequest => ({
  verb,
  requestURI,
  user: { username: 'me' },
  requestReceivedTimestamp: '2026-01-02T03:04:05.000000Z',
  ...more,
});

describe('the audit log', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'audit-'))));
  afterEach(async () => rm(folder, { recursive: true }));

  it('gives one user’s requests, not those that only mention the user', async () => {
    const file = join(folder, 'log');
    const mine = request('get', '/api/v1/nodes/a');
    const other = request('get', '/x', { user: { username: 'other' }, objectRef: { name: 'me' } });
    await writeFile(file, `${JSON.stringify(mine)}\n${JSON.stringify(other)}\n`);
    expect(await auditedRequests(file, 'me')).toEqual([mine]);
    expect(await auditedRequests(join(folder, 'none'), 'me')).toEqual([]);
  });

  it('tells writes from reads and dry runs', () => {
    expect(isWrite(request('watch', '/api/v1/pods?watch=1'))).toBe(false);
    expect(isWrite(request('patch', '/api/v1/nodes/a'))).toBe(true);
    expect(isWrite(request('patch', '/api/v1/nodes/a?dryRun=All'))).toBe(false);
    const question = request('create', '/x', { objectRef: { resource: 'selfsubjectaccessreviews' } });
    expect(isWrite(question)).toBe(false);
  });

  it('names the kind of a call', () => {
    const objectRef = { resource: 'pods', subresource: 'eviction', name: 'a', namespace: 'b' };
    expect(kindOfCall(request('create', '/x', { objectRef }))).toBe('create pods/eviction');
    expect(kindOfCall(request('list', '/x', { objectRef: { resource: 'nodes' } }))).toBe('list nodes');
    expect(kindOfCall(request('get', '/version'))).toBe('get /version');
  });
});
