import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { send } from './answer.ts';
import { startLoopbackServer } from './server.ts';

it('goes out also where the answer before it on the connection has not been written off yet', async () => {
  await using server = await startLoopbackServer(({ url = '' }, response) => {
    send(response, { status: 200, body: url });
  });
  const client = connect(Number(new URL(server.url).port), '127.0.0.1');
  // Two at once: the server reads the second before it hears that the first answer has gone out.
  client.write('GET /first HTTP/1.1\r\nHost: it\r\n\r\nGET /second HTTP/1.1\r\nHost: it\r\nConnection: close\r\n\r\n');
  let received = '';
  client.setEncoding('utf8').on('data', (text: string) => (received += text));
  await once(client, 'close');
  expect(received.match(/\/\w+$|\/\w+(?=HTTP)/g)).toEqual(['/first', '/second']);
}, 5_000);
