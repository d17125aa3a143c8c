import type { Agent } from 'node:http';
import type { OpenRequest } from './request.ts';

/** How to reach one kind of address: the function that opens requests, and the agent that pools their connections. */
interface Transport {
  readonly open: OpenRequest;
  readonly agent: Agent;
}

/** Hands out transports by protocol and closes them all. */
export interface Transports {
  transportFor(protocol: string): Promise<Transport>;
  close(): void;
}

/**
 * Opens transports as they are needed: TLS and the proxy agents are loaded at the first notification that goes through them.
 *
 * A proxy is asked to forward `http:` requests, and to tunnel `https:` ones.
 */
export function createTransports(proxy: URL | undefined): Transports {
  const opened = new Map<string, Promise<Transport>>();
  const agents = new Set<Agent>();
  return {
    transportFor(protocol) {
      const transport = opened.get(protocol) ?? openTransport(protocol, proxy, agents);
      opened.set(protocol, transport);
      return transport;
    },
    close() {
      for (const agent of agents) agent.destroy();
      agents.clear();
      opened.clear();
    },
  };
}

// Notifications come in bursts: a connection waits a second for the next one, and no longer, before the receiver gives it up.
const POOLING = { keepAlive: true, timeout: 1000 };

async function openTransport(protocol: string, proxy: URL | undefined, agents: Set<Agent>): Promise<Transport> {
  const transport = protocol === 'https:' ? await secureTransport(proxy) : await plainTransport(proxy);
  agents.add(transport.agent);
  return transport;
}

async function plainTransport(proxy: URL | undefined): Promise<Transport> {
  const { Agent, request } = await import('node:http');
  if (proxy === undefined) return { open: request, agent: new Agent(POOLING) };
  const { HttpProxyAgent } = await import('http-proxy-agent');
  return { open: request, agent: new HttpProxyAgent(withoutCredentials(proxy), { headers: authorization(proxy) }) };
}

async function secureTransport(proxy: URL | undefined): Promise<Transport> {
  const { Agent, request } = await import('node:https');
  if (proxy === undefined) return { open: request, agent: new Agent(POOLING) };
  const { HttpsProxyAgent } = await import('https-proxy-agent');
  return { open: request, agent: new HttpsProxyAgent(withoutCredentials(proxy), { headers: authorization(proxy) }) };
}

// The agents write the proxy's address to their debug log; the credentials are handed to them where they do not.
function withoutCredentials(proxy: URL): URL {
  const bare = new URL(proxy);
  bare.username = '';
  bare.password = '';
  return bare;
}

function authorization({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'Proxy-Authorization': `Basic ${Buffer.from(credentials).toString('base64')}` };
}
