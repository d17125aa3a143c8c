import type { ResourceDefinition } from '../resources/definition.ts';
import { resourceAt } from '../resources/resources.ts';

/** What every request has. */
interface RequestLine {
  readonly verb: string;
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
}

/** A request for a resource, taken apart as the API server does it before it asks who may do it. */
export interface ResourceRequest extends RequestLine {
  readonly kind: 'resource';
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string | undefined;
  /** Empty for a request for many. */
  readonly name: string;
  /** Undefined when the simulator does not serve it. */
  readonly definition: ResourceDefinition | undefined;
}

/** A request for anything else: health, version, discovery. */
interface PathRequest extends RequestLine {
  readonly kind: 'path';
}

/** What a request asks for. */
export type RequestInfo = ResourceRequest | PathRequest;

const verbs: Readonly<Record<string, string>> = {
  POST: 'create',
  GET: 'get',
  HEAD: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** Takes a request's method and URL apart; see https://kubernetes.io/docs/reference/using-api/api-concepts/. */
export function requestInfo(method: string, target: string): RequestInfo {
  const [, rawPath = '', search = ''] = /^([^?]*)\??(.*)$/s.exec(target) ?? [];
  const query = new URLSearchParams(search);
  // Decoded before it is split: an escaped slash is a slash to the server.
  const parts = decoded(rawPath)
    .split('/')
    .filter((part) => part !== '');
  const path = rawPath === '' ? '/' : rawPath;
  const other: PathRequest = { kind: 'path', verb: method.toLowerCase(), method, path, query };
  const rest =
    parts[0] === 'api'
      ? { group: '', version: parts[1], names: parts.slice(2) }
      : { group: parts[1] ?? '', version: parts[2], names: parts.slice(3) };
  if ((parts[0] !== 'api' && parts[0] !== 'apis') || rest.version === undefined || rest.names.length === 0)
    return other;

  const { namespace, names } = splitNamespace(rest.names);
  const [resource = '', name = '', ...sub] = names;
  const verb = collectionVerb(verbs[method] ?? method.toLowerCase(), name, query);
  return {
    kind: 'resource',
    verb,
    method,
    path,
    query,
    group: rest.group,
    version: rest.version,
    resource,
    subresource: sub.join('/'),
    namespace,
    name: name === '' && (verb === 'list' || verb === 'watch') ? requestedName(query) : name,
    definition: resourceAt(rest.group, rest.version, resource),
  };
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function splitNamespace(names: readonly string[]): { namespace: string | undefined; names: readonly string[] } {
  const [first, namespace, third] = names;
  if (first !== 'namespaces' || namespace === undefined) return { namespace: undefined, names };
  // `/namespaces/x` and its subresources are about the namespace itself, which is also the namespace of the request.
  if (third === undefined || third === 'status' || third === 'finalize') return { namespace, names };
  return { namespace, names: names.slice(2) };
}

function collectionVerb(verb: string, name: string, query: URLSearchParams): string {
  if (name !== '') return verb;
  if (verb === 'get') return ['true', '1', ''].includes(query.get('watch') ?? 'false') ? 'watch' : 'list';
  return verb === 'delete' ? 'deletecollection' : verb;
}

/**
 * The name that a list or a watch asks for by `fieldSelector=metadata.name=x`: the API server's authorization takes it
 * for the name of the request, so that rules with `resourceNames` cover it.
 */
function requestedName(query: URLSearchParams): string {
  const terms = (query.get('fieldSelector') ?? '').split(',');
  const match = terms.map((term) => /^metadata\.name==?(?<name>[^=!]+)$/.exec(term)).find((found) => found !== null);
  return match?.groups?.name ?? '';
}
