import type { Answer } from '../../http/answer.ts';
import type { ResourceDefinition } from '../resources/definition.ts';
import { resources } from '../resources/resources.ts';
import { pageNotFound, refusal } from '../server/answer.ts';
import type { WatchAnswer } from '../server/answer.ts';
import type { ResourceRequest } from '../server/request.ts';
import { methodNotAllowed, noSuchResource } from '../status.ts';
import type { Api, Call } from './call.ts';
import { get, list } from './read.ts';
import { watch } from './watch.ts';
import { create, evict, patch, remove, update } from './write.ts';

type Handler = (api: Api, call: Call) => Answer | WatchAnswer | Promise<Answer>;

/** What is done for a request, or how it is refused when the simulator does not serve it. */
type Route =
  | { readonly handler: Handler; readonly definition: ResourceDefinition; readonly request: ResourceRequest }
  | { readonly refusal: Answer };

/** Finds the handler of a request for a resource. */
export function routeOf(request: ResourceRequest): Route {
  const { definition, name, namespace, verb } = request;
  if (definition === undefined) {
    const isKnownVersion = resources.some(
      ({ group, version }) => group === request.group && version === request.version,
    );
    return { refusal: isKnownVersion ? refusal(noSuchResource()) : pageNotFound() };
  }
  const isOwnNamespace = definition.resource === 'namespaces' && definition.group === '';
  // A namespaced object is found below its namespace only, any other only at the top.
  const isMisplaced = definition.namespaced
    ? name !== '' && namespace === undefined && !isCollection(verb)
    : namespace !== undefined && !isOwnNamespace;
  const handlers = isMisplaced ? undefined : handlersOf(request, definition);
  if (handlers === undefined) return { refusal: refusal(noSuchResource()) };
  const handler = handlers[verb];
  return handler === undefined ? { refusal: refusal(methodNotAllowed()) } : { handler, definition, request };
}

function isCollection(verb: string): boolean {
  return verb === 'list' || verb === 'watch' || verb === 'deletecollection';
}

/** What can be done where a request points to, by verb; undefined where there is nothing. */
function handlersOf(
  { subresource, verb, name, namespace }: ResourceRequest,
  { hasStatus, kind, namespaced }: ResourceDefinition,
): Readonly<Partial<Record<string, Handler>>> | undefined {
  switch (subresource) {
    case '':
      if (name !== '' && !isCollection(verb)) return { get, update, patch, delete: remove };
      // Objects in namespaces are created below one, never across all.
      return namespaced && namespace === undefined ? { list, watch } : { list, watch, create };
    case 'status':
      return hasStatus ? { get, update, patch } : undefined;
    case 'eviction':
      return kind === 'Pod' ? { create: evict } : undefined;
    default:
      return undefined;
  }
}
