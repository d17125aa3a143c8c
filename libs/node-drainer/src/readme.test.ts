import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { aNode, aPod } from './testing/objects.ts';
import { json, startApiServer } from './testing/api-server.ts';

// Beside the build's output, where no other tool looks, and below the node_modules that it imports from.
const example = new URL('../out-tsc/readme/example.ts', import.meta.url);

afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await rm(example, { force: true });
});

describe('the README', () => {
  it('drains a node as its example says, in fewer than ten lines', async () => {
    const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
    const code = /```ts\n(.*?)```/s.exec(readme)![1]!;
    expect(code.split('\n').filter((line) => line !== '' && !line.startsWith('import')).length).toBeLessThan(10);

    const ended = Promise.withResolvers<undefined>();
    await using server = await startApiServer(async (request, response) => {
      const { pathname, searchParams } = new URL(request.url, server.url);
      if (request.method === 'PATCH') json(response, 200, aNode({ unschedulable: true }));
      else if (pathname.startsWith('/api/v1/nodes')) json(response, 200, aNode());
      else if (searchParams.has('watch')) {
        response.writeHead(200);
        await ended.promise;
        response.end(`${JSON.stringify({ type: 'DELETED', object: aPod() })}\n`);
      } else if (request.method === 'GET') json(response, 200, { metadata: { resourceVersion: '1' }, items: [aPod()] });
      else {
        json(response, 201, { kind: 'Status', status: 'Success' });
        ended.resolve(undefined);
      }
    });
    const directory = await mkdtemp(join(tmpdir(), 'node-drainer-'));
    await writeFile(join(directory, 'config'), server.kubeConfig().exportConfig());
    vi.stubEnv('KUBECONFIG', join(directory, 'config'));
    const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);

    await mkdir(new URL('.', example), { recursive: true });
    await writeFile(example, code.replace('@node-termination-handler/node-drainer', '../../src/index.ts'));
    await import(/* @vite-ignore */ example.href);

    expect(log.mock.calls).toEqual([
      ['planned', ''],
      ['evicting', 'web-1'],
      ['evicted', 'web-1'],
      ['gone', 'web-1'],
      ['finished', ''],
    ]);
    await rm(directory, { recursive: true });
  });
});
