import type { CorrectedClock } from '@node-termination-handler/clock';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';

/**
 * Sends the requests of one AWS client over a pool of kept-alive connections of its own.
 *
 * @param requestTimeoutMs - How long an answer may take, in milliseconds: the SDK has no limit of its own.
 * @param clock - Put right by the `Date` of each answer. Default: none is.
 */
export function awsConnections(requestTimeoutMs: number, clock?: CorrectedClock): NodeHttpHandler {
  const pool = { keepAlive: true, maxSockets: 50 };
  const connections = new NodeHttpHandler({
    connectionTimeout: 3_000,
    requestTimeout: requestTimeoutMs,
    throwOnRequestTimeout: true,
    httpAgent: new HttpAgent(pool),
    httpsAgent: new HttpsAgent(pool),
  });
  if (clock === undefined) return connections;
  const send = connections.handle.bind(connections);
  connections.handle = async (...request) => {
    const askedAtMs = clock.monotonic();
    const answer = await send(...request);
    clock.answered(answer.response.headers.date, askedAtMs);
    return answer;
  };
  return connections;
}
