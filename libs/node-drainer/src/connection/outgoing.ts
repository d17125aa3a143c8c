import type { ApiCall, Query, ResourceRef, WatchCall } from './client.ts';
import { InvalidNameError } from './errors.ts';

/** One request, ready to be sent. */
export interface OutgoingRequest {
  readonly method: string;
  /** Path with query, under the server's own path. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

const METHODS = { get: 'GET', list: 'GET', create: 'POST', update: 'PUT', patch: 'PATCH', delete: 'DELETE' } as const;
const PATCH_TYPES = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
} as const;

/** A call in the form in which it goes out. @throws {@link InvalidNameError} */
export function outgoingCall(call: ApiCall, userAgent: string): OutgoingRequest {
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

/** A watch in the form in which it goes out. @throws {@link InvalidNameError} */
export function outgoingWatch(call: WatchCall, timeoutSeconds: number, userAgent: string): OutgoingRequest {
  const { resourceVersion, fieldSelector, labelSelector } = call;
  const selection = { resourceVersion, fieldSelector, labelSelector, timeoutSeconds };
  return {
    method: 'GET',
    path: urlPath(call, { watch: true, allowWatchBookmarks: true, ...selection, ...call.query }),
    headers: { Accept: 'application/json', 'User-Agent': userAgent },
    body: undefined,
  };
}

/**
 * The path of a resource on the API server. Names come from outside (messages, metadata), so a segment that would
 * lead elsewhere is refused, not only encoded: servers and proxies decode and clean paths before they look.
 *
 * See https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris
 *
 * @throws {@link InvalidNameError}
 */
export function urlPath(ref: ResourceRef, query: Query = {}): string {
  const version = ref.version ?? 'v1';
  const segments = ref.group ? ['apis', ref.group, version] : ['api', version];
  if (ref.namespace !== undefined) segments.push('namespaces', ref.namespace);
  segments.push(ref.resource);
  if (ref.name !== undefined) segments.push(ref.name);
  if (ref.subresource !== undefined) segments.push(ref.subresource);
  return `/${segments.map(encodeSegment).join('/')}${encodeQuery(query)}`;
}

/** Whether a name may stand as one segment of a path. See https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#path-segment-names */
export function isPathSegment(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[/%\\\p{Cc}]/u.test(name) && name.length <= 253;
}

/** A value as it stands in a field selector. See https://kubernetes.io/docs/concepts/overview/working-with-objects/field-selectors/ */
export function escapeFieldValue(value: string): string {
  return value.replaceAll(/[\\,=]/g, (character) => `\\${character}`);
}

function encodeSegment(segment: string): string {
  if (!isPathSegment(segment)) throw new InvalidNameError(`not a name in a URL path: ${JSON.stringify(segment)}`);
  return encodeURIComponent(segment);
}

function encodeQuery(query: Query): string {
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value !== undefined) parameters.set(key, String(value));
  const text = parameters.toString();
  return text && `?${text}`;
}
