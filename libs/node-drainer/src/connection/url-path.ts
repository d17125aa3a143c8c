import type { Query, ResourceRef } from './client.ts';
import { InvalidNameError } from './errors.ts';

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
