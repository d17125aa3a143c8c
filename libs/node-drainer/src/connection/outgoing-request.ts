import type { ApiCall } from './client.ts';
import type { OutgoingRequest } from './exchange.ts';
import { urlPath } from './url-path.ts';

const METHODS = { get: 'GET', list: 'GET', create: 'POST', update: 'PUT', patch: 'PATCH', delete: 'DELETE' } as const;
const PATCH_TYPES = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
} as const;

/** A call in the form in which it goes out. @throws {@link InvalidNameError} */
export function outgoingRequest(call: ApiCall, userAgent: string): OutgoingRequest {
  const headers: Record<string, string> = { Accept: call.accept ?? 'application/json', 'User-Agent': userAgent };
  // The server takes a patch without this header for a JSON Patch, whatever it is.
  if (call.verb === 'patch') headers['Content-Type'] = PATCH_TYPES[call.patchType ?? 'json'];
  else if (call.body !== undefined) headers['Content-Type'] = 'application/json';
  return {
    method: METHODS[call.verb],
    path: urlPath(call, call.query),
    headers,
    body: call.body === undefined ? undefined : JSON.stringify(call.body),
  };
}
