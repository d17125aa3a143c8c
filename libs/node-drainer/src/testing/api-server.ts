import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { TLSSocket } from 'node:tls';
import { KubeConfig } from '@kubernetes/client-node';
import type { User } from '@kubernetes/client-node';
import { generate } from 'selfsigned';

/** A certificate that is its own authority, for 127.0.0.1. */
export async function certificate(commonName = 'kube-apiserver'): Promise<{ cert: string; key: string }> {
  const made = await generate([{ name: 'commonName', value: commonName }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
    ],
  });
  return { cert: made.cert, key: made.private };
}

/** One request as the server saw it. */
interface SeenRequest {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
  /** Common name of the client's certificate. */
  client: string | undefined;
}

export type Handler = (request: SeenRequest, response: ServerResponse) => void | Promise<void>;

/** A TLS server that answers as the test says. */
export async function startApiServer(handler: Handler, clientCa?: string) {
  const own = await certificate();
  const requests: SeenRequest[] = [];
  let handshakes = 0;
  const server = createServer({
    ...own,
    ...(clientCa !== undefined && { ca: clientCa, requestCert: true, rejectUnauthorized: false }),
  });
  server.on('secureConnection', () => (handshakes += 1));
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    void text(request)
      .then(async (body) => {
        const { socket } = request;
        const isKnown = socket instanceof TLSSocket && socket.authorized;
        const subject = isKnown ? socket.getPeerCertificate().subject.CN : undefined;
        const client = Array.isArray(subject) ? subject[0] : subject;
        const seen = { method: request.method!, url: request.url!, headers: request.headers, body, client };
        requests.push(seen);
        await handler(seen, response);
      })
      .catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    caPem: own.cert,
    requests,
    get handshakes() {
      return handshakes;
    },
    kubeConfig: (user: Partial<User> = { token: 'secret' }, server = url, ca = own.cert) => {
      const config = new KubeConfig();
      const cluster = { name: 'test', server, skipTLSVerify: false, caData: Buffer.from(ca).toString('base64') };
      config.loadFromClusterAndUser(cluster, { name: 'tester', ...user });
      return config;
    },
    useCertificate: (next: { cert: string; key: string }) => {
      server.setSecureContext(next);
      server.closeAllConnections();
    },
    dropConnections: () => server.closeAllConnections(),
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** Answers with JSON. */
export function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}
