import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { Handler } from '../testing/api-server.ts';
import { json, startApiServer } from '../testing/api-server.ts';
import type { KubernetesClient, WatchCall, WatchEvent } from './client.ts';
import { connect } from './connect.ts';
import { KubernetesConnectionError } from './errors.ts';

interface Named {
  metadata: { name: string };
}

const open: KubernetesClient[] = [];

afterEach(() => {
  for (const client of open.splice(0)) client.close();
});

async function setUp(handler: Handler) {
  const server = await startApiServer(handler);
  const client = connect(server.kubeConfig());
  open.push(client);
  const collect = async (call: Partial<WatchCall> = {}, onEvent?: (event: WatchEvent<Named>) => void) => {
    const events: string[] = [];
    for await (const event of client.watch<Named>({ resource: 'nodes', ...call })) {
      events.push(`${event.type} ${event.object.metadata.name}`);
      onEvent?.(event);
    }
    return events;
  };
  return { server, client, collect };
}

const line = (type: string, name: string) => `${JSON.stringify({ type, object: { metadata: { name } } })}\n`;
const begin = (response: ServerResponse) => response.writeHead(200, { 'Content-Type': 'application/json' });

describe('a watch', () => {
  it('gives out events as they come, and ends quietly with the server', async () => {
    const { server, collect } = await setUp((_, response) => {
      begin(response);
      const bytes = Buffer.from(line('ADDED', 'ä') + line('BOOKMARK', 'b') + '\n' + line('DELETED', 'c'));
      // Cut in the middle of a character, as networks do.
      const cut = bytes.indexOf(Buffer.from('ä')) + 1;
      response.write(bytes.subarray(0, cut));
      setImmediate(() => response.end(bytes.subarray(cut)));
    });
    await using _ = server;
    await expect(collect()).resolves.toEqual(['ADDED ä', 'BOOKMARK b', 'DELETED c']);
  });

  it('asks for what the call says', async () => {
    const { server, collect } = await setUp((_, response) => void begin(response).end());
    await using _ = server;
    await collect({ resourceVersion: '5', fieldSelector: 'spec.nodeName=a', timeoutSeconds: 30, labelSelector: 'a=b' });
    expect(Object.fromEntries(new URL(server.requests[0]!.url, server.url).searchParams)).toEqual({
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: '5',
      fieldSelector: 'spec.nodeName=a',
      labelSelector: 'a=b',
      timeoutSeconds: '30',
    });
  });

  it.each<[string, Handler]>([
    ['at once', (_, response) => json(response, 410, { kind: 'Status', code: 410, reason: 'Expired', message: 'old' })],
    [
      'in the stream',
      (_, response) => {
        const object = { kind: 'Status', code: 410, reason: 'Expired', message: 'old' };
        begin(response).end(`${JSON.stringify({ type: 'ERROR', object })}\n`);
      },
    ],
  ])('whose place is forgotten throws the 410, be it told %s', async (_, handler) => {
    const { server, collect } = await setUp(handler);
    await using __ = server;
    await expect(collect()).rejects.toMatchObject({ status: 410, reason: 'Expired', verb: 'watch' });
  });

  it('that is refused by an answer without an end is given up like any call', async () => {
    const server = await startApiServer((_, response) => {
      response.writeHead(403, { 'Content-Length': '100' });
      response.write('{"kind":"Status"');
    });
    await using _ = server;
    const client = connect(server.kubeConfig(), { attemptTimeoutMs: 200 });
    open.push(client);
    const events = client.watch({ resource: 'nodes' })[Symbol.asyncIterator]();
    await expect(events.next()).rejects.toThrow('watch: no end of the answer within 200 ms');
  });

  it('that is stopped between its head and its first event ends at once', async () => {
    const stop = new AbortController();
    const { server, collect } = await setUp((_, response) => {
      begin(response);
      response.flushHeaders();
      setImmediate(() => stop.abort(new Error('enough')));
    });
    await using _ = server;
    await expect(collect({ signal: stop.signal })).rejects.toThrow('enough');
  });

  it('that breaks off throws', async () => {
    const { server, collect } = await setUp((_, response) => {
      begin(response).write(line('ADDED', 'a'));
    });
    await using _ = server;
    await expect(collect({}, () => server.dropConnections())).rejects.toBeInstanceOf(KubernetesConnectionError);
  });

  it('that stays silent too long is taken for dead', async () => {
    const { server, collect } = await setUp((_, response) => {
      begin(response).write(line('ADDED', 'a'));
    });
    await using _ = server;
    await expect(collect({ quietMs: 50 })).rejects.toThrow('silent for 50 ms');
  });

  it('does not wait for ever for its first byte', async () => {
    const server = await startApiServer(() => undefined);
    await using _ = server;
    const client = connect(server.kubeConfig(), { attemptTimeoutMs: 50 });
    open.push(client);
    const first = client.watch({ resource: 'nodes' })[Symbol.asyncIterator]().next();
    await expect(first).rejects.toThrow('no answer within 50 ms');
  });

  it.each([
    ['no JSON', 'nonsense\n'],
    ['no event', '{"type":"SURPRISE"}\n'],
  ])('that sends %s throws', async (_, text) => {
    const { server, collect } = await setUp((__, response) => void begin(response).end(text));
    await using __ = server;
    await expect(collect()).rejects.toBeInstanceOf(KubernetesConnectionError);
  });

  it('ends by its signal, with its reason, and lets the connection go', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const { server, collect } = await setUp((_, response) => {
      begin(response).write(line('ADDED', 'a'));
    });
    await using _ = server;
    await expect(collect({ signal: controller.signal }, () => controller.abort(reason))).rejects.toBe(reason);
    await expect(collect({ signal: controller.signal })).rejects.toBe(reason);
  });

  it('ends when its reader leaves', async () => {
    const closed = Promise.withResolvers<undefined>();
    const { server, client } = await setUp((_, response) => {
      response.on('close', () => closed.resolve(undefined));
      begin(response).write(line('ADDED', 'a'));
    });
    await using _ = server;
    for await (const event of client.watch<Named>({ resource: 'nodes' })) {
      expect(event.type).toBe('ADDED');
      break;
    }
    await closed.promise;
  });

  it('ends when the client is closed', async () => {
    const { server, client, collect } = await setUp((_, response) => {
      begin(response).write(line('ADDED', 'a'));
    });
    await using _ = server;
    await expect(collect({}, () => client.close())).rejects.toThrow('the client is closed');
  });

  it('does not take a place away from the calls', async () => {
    const { server, client } = await setUp((request, response) => {
      if (request.url.includes('watch=true')) begin(response).write(line('ADDED', 'a'));
      else json(response, 200, {});
    });
    await using _ = server;
    const narrow = connect(server.kubeConfig(), { maxSockets: 1 });
    open.push(narrow);
    for await (const event of narrow.watch<Named>({ resource: 'nodes' })) {
      expect(event.object.metadata.name).toBe('a');
      await expect(narrow.request({ verb: 'get', resource: 'nodes', name: 'a' })).resolves.toEqual({});
      break;
    }
    client.close();
  });

  it('asks with fresh credentials once when the old ones have expired', async () => {
    const { server, collect } = await setUp((_, response) =>
      server.requests.length === 1
        ? json(response, 401, { kind: 'Status', code: 401, reason: 'Unauthorized', message: 'no' })
        : void begin(response).end(line('ADDED', 'a')),
    );
    await using _ = server;
    await expect(collect()).resolves.toEqual(['ADDED a']);
  });
});
