import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import path from 'node:path';
import { createThrottle } from './throttle.ts';

/** What the baseline's API server said. */
export interface KubernetesAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** Calls the API server, five requests a second. */
export type CallKubernetes = (method: string, url: string, body?: unknown) => Promise<KubernetesAnswer>;

/** A client with the incumbent's default limits: 5 requests a second, 10 at once. */
export function connectKubernetes(env: NodeJS.ProcessEnv): CallKubernetes {
  const directory = env.KUBERNETES_SERVICE_ACCOUNT_DIRECTORY ?? '';
  const token = readFileSync(path.join(directory, 'token'), 'utf8').trim();
  const agent = new Agent({ keepAlive: true, ca: readFileSync(path.join(directory, 'ca.crt')) });
  const turn = createThrottle(5, 10);
  return async (method, url, body) => {
    await turn();
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      authorization: `Bearer ${token}`,
      ...(text === undefined
        ? {}
        : {
            'content-type': method === 'PATCH' ? 'application/strategic-merge-patch+json' : 'application/json',
            'content-length': String(Buffer.byteLength(text)),
          }),
    };
    const { promise, resolve, reject } = Promise.withResolvers<KubernetesAnswer>();
    const options = {
      host: env.KUBERNETES_SERVICE_HOST,
      port: env.KUBERNETES_SERVICE_PORT,
      path: url,
      method,
      agent,
      headers,
    };
    const sent = request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const answer = Buffer.concat(chunks).toString();
        const isJson = response.headers['content-type']?.includes('json') === true;
        resolve({ status: response.statusCode ?? 0, body: isJson ? (JSON.parse(answer) as unknown) : answer });
      });
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(text);
    return promise;
  };
}
