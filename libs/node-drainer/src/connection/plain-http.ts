import type { Agent, request } from 'node:http';

/**
 * `node:http`, for the few servers that speak without TLS. An `import` of it reads its every export, and with them loads a
 * second HTTP client and a WebSocket: 10 MiB that nobody needs.
 */
export function plainHttp(): { Agent: typeof Agent; request: typeof request } {
  return process.getBuiltinModule('node:http');
}
