import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { auditedRequests, isDeletion, isWrite, kindOfCall, podRequests, takenAt } from './audit.ts';
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

  it('gives what was asked of the pods of a namespace, and tells what deleted one, and when', async () => {
    const file = join(folder, 'log');
    const pod = { resource: 'pods', name: 'web', namespace: 'shop' };
    const eviction = request('create', '/x', { objectRef: { ...pod, subresource: 'eviction' } });
    const refused = request('delete', '/x', { objectRef: pod, responseStatus: { code: 403 } });
    const deletion = request('delete', '/x', { objectRef: pod, responseStatus: { code: 200 } });
    const others = [
      request('delete', '/x', { objectRef: { ...pod, namespace: 'other', name: 'shop' } }),
      request('delete', '/x', { objectRef: { ...pod, resource: 'services' } }),
    ];
    const log = [eviction, refused, ...others, deletion].map((line) => JSON.stringify(line)).join('\n');
    await writeFile(file, `${log}\n`);
    const requests = await podRequests(file, 'shop');
    expect(requests).toEqual([eviction, refused, deletion]);
    expect(requests.filter(isDeletion).map(takenAt)).toEqual([Date.UTC(2026, 0, 2, 3, 4, 5)]);
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
