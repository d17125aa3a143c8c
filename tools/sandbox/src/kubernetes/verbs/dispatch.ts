import { resources } from '../resources/resources.ts';
import type { Answer } from '../server/answer.ts';
import type { ResourceRequest } from '../server/request.ts';
import { methodNotAllowed, noSuchResource } from '../status.ts';
import type { Api, Call } from './call.ts';
import { get, list } from './read.ts';
import { watch } from './watch.ts';
import { create, evict, patch, remove, update } from './write.ts';

type Handler = (api: Api, call: Call) => Answer | Promise<Answer>;

/** What is done for a request: a handler, or why there is none. */
type Route = { readonly handler: Handler } | { readonly missing: 'path' | 'resource' | 'method' };

/** Finds the handler of a request for a resource. */
export function routeOf(request: ResourceRequest): Route {
  const { definition, subresource, name, namespace, verb } = request;
  if (definition === undefined) {
    const isKnownVersion = resources.some(
      ({ group, version }) => group === request.group && version === request.version,
    );
    return { missing: isKnownVersion ? 'resource' : 'path' };
  }
  const isOwnNamespace = definition.resource === 'namespaces' && definition.group === '';
  // A namespaced object is found below its namespace only, any other only at the top.
  if (
    definition.namespaced
      ? name !== '' && namespace === undefined && !isCollection(verb)
      : namespace !== undefined && !isOwnNamespace
  ) {
    return { missing: 'resource' };
  }
  if (subresource === '') return handled(topLevel(request));
  if (subresource === 'status' && definition.hasStatus) return handled(statusHandlers[verb]);
  if (subresource === 'eviction' && definition.kind === 'Pod') return handled(verb === 'create' ? evict : undefined);
  return { missing: 'resource' };
}

/**
 * Says in the server's words why there is no handler.
 * @throws {ApiError} always.
 */
export function refuseRoute(missing: 'resource' | 'method'): never {
  throw missing === 'method' ? methodNotAllowed() : noSuchResource();
}

function handled(handler: Handler | undefined): Route {
  return handler === undefined ? { missing: 'method' } : { handler };
}

function isCollection(verb: string): boolean {
  return verb === 'list' || verb === 'watch' || verb === 'deletecollection';
}

const statusHandlers: Readonly<Record<string, Handler>> = { get, update, patch };
const objectHandlers: Readonly<Record<string, Handler>> = { get, update, patch, delete: remove };
const collectionHandlers: Readonly<Record<string, Handler>> = { list, watch, create };

function topLevel({ verb, name, namespace, definition }: ResourceRequest): Handler | undefined {
  if (verb === 'list' || verb === 'watch') return collectionHandlers[verb];
  if (name !== '') return objectHandlers[verb];
  // Objects in namespaces are created below one, never across all.
  return verb === 'create' && definition?.namespaced === true && namespace === undefined
    ? undefined
    : collectionHandlers[verb];
}
