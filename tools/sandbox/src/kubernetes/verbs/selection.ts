import { parseFieldSelector } from '../selectors/field-selector.ts';
import { parseLabelSelector } from '../selectors/label-selector.ts';
import { negotiatedForm } from '../server/negotiate.ts';
import { badRequest, serverFailure } from '../status.ts';
import type { Selection } from '../watch/watcher.ts';
import type { Call } from './api.ts';

/**
 * Which objects a list or a watch is about.
 * @throws {ApiError} 400 for a selector that can't be read, 406 for a form that is not served.
 */
export function selectionOf(call: Call, shape: 'list' | 'watch'): Selection {
  const { definition, query } = call;
  return {
    definition,
    namespace: definition.namespaced ? call.namespace : undefined,
    labels: parseLabelSelector(query.get('labelSelector') ?? ''),
    fields: parseFieldSelector(definition, query.get('fieldSelector') ?? ''),
    form: negotiatedForm(call.accept, shape, definition),
  };
}

/**
 * The revision in a query's `resourceVersion`, undefined when there is none.
 * @throws {ApiError} 400 from a list, 500 from a get or a watch, when it is not a number.
 */
export function requestedRevision({ query, verb }: Pick<Call, 'query' | 'verb'>): number | undefined {
  const text = query.get('resourceVersion') ?? '';
  if (text === '') return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  const quoted = JSON.stringify(text);
  const why = `resourceVersion: Invalid value: ${quoted}: strconv.ParseUint: parsing ${quoted}: invalid syntax`;
  throw verb === 'list' ? badRequest(`invalid resource version: ${why}`) : serverFailure(why);
}
