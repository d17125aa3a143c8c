import { withTimeLimit } from '@node-termination-handler/clock';
import type { Answer } from '../../http/answer.ts';
import { parseRecord, readNumber, readString } from '../../json-value.ts';
import { itemJson, objectJson } from '../object/json.ts';
import { objectKey } from '../object/object.ts';
import type { KubernetesObject } from '../object/object.ts';
import { apiVersionOf } from '../resources/definition.ts';
import { requiredField } from '../selectors/field-selector.ts';
import { jsonText } from '../server/answer.ts';
import { negotiatedForm } from '../server/negotiate.ts';
import { badRequest, expired, timeout } from '../status.ts';
import type { Store } from '../store/store.ts';
import { errorsAmong, forbiddenValue, unsupportedValue } from '../validation/metadata.ts';
import { isSelected } from '../watch/watcher.ts';
import type { Selection } from '../watch/watcher.ts';
import { requestedRevision, requireValidOptions, selectionOf } from './call.ts';
import type { Api, Call } from './call.ts';

const gone =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';

/** Reads one object, or its status. */
export async function get(api: Api, call: Call): Promise<Answer> {
  const { registry } = api;
  const { definition, namespace, name } = call;
  const form = negotiatedForm(call.accept, 'object', call.definition);
  await waitForRevision(api, call, requestedRevision(call));
  const past =
    call.staleBy > 0 ? registry.store.listAt(definition.storage, registry.store.revision - call.staleBy) : undefined;
  const object =
    past?.find((one) => one.metadata.name === name && one.metadata.namespace === namespace) ??
    registry.get(definition, namespace, name);
  return jsonText(200, objectJson(definition, object, form));
}

interface Page {
  readonly revision: number;
  readonly objects: readonly KubernetesObject[];
  /** The key after which the page begins. */
  readonly after?: string;
}

/** Lists objects, in pages if the client wants them. */
export async function list(api: Api, call: Call): Promise<Answer> {
  const { store } = api.registry;
  const selection = selectionOf(call, 'list');
  const revision = requestedRevision(call);
  checkVersionMatch(call.query, revision);
  const continued = call.query.get('continue') ?? '';
  const requestedLimit = Number(call.query.get('limit') ?? 0);
  // A list at revision 0 comes from the watch cache, which knows no pages.
  const limit = requestedLimit > 0 && revision !== 0 ? requestedLimit : Infinity;
  if (continued === '') await waitForRevision(api, call, revision);
  const page =
    continued === ''
      ? firstPage(store, call, selection, revision, limit)
      : nextPage(store, selection, continued, revision);

  const rest = page.objects.filter((object) => page.after === undefined || objectKey(object) > page.after);
  const selected = rest.filter((object) => isSelected(selection, object));
  const items = selected.slice(0, limit);
  const last = items.at(-1);
  const remaining = selected.length - items.length;
  const isCounted = selection.labels.length === 0 && selection.fields.length === 0;
  const metadata = {
    resourceVersion: String(page.revision),
    ...(remaining > 0 && last !== undefined
      ? {
          continue: encodeToken({ revision: page.revision, start: `${objectKey(last)}\0` }),
          ...(isCounted ? { remainingItemCount: remaining } : {}),
        }
      : {}),
  };
  return jsonText(200, listJson(selection, metadata, items));
}

function listJson(selection: Selection, metadata: unknown, items: readonly KubernetesObject[]): string {
  const { definition, form } = selection;
  const kind = form === 'metadata' ? 'PartialObjectMetadataList' : `${definition.kind}List`;
  const apiVersion = form === 'metadata' ? 'meta.k8s.io/v1' : apiVersionOf(definition);
  const texts = items.map((object) => itemJson(definition, object, form));
  return `{"kind":"${kind}","apiVersion":"${apiVersion}","metadata":${JSON.stringify(metadata)},"items":[${texts.join(',')}]}`;
}

function firstPage(store: Store, call: Call, selection: Selection, revision: number | undefined, limit: number): Page {
  const { definition, namespace, fields } = selection;
  const match = call.query.get('resourceVersionMatch') ?? '';
  const isExact = revision !== undefined && revision > 0 && (match === 'Exact' || (match === '' && limit !== Infinity));
  if (isExact) {
    const objects = store.listAt(definition.storage, revision);
    if (objects === undefined) throw expired('The resourceVersion for the provided list is too old.');
    return { revision, objects };
  }
  if (call.staleBy > 0) {
    const past = Math.max(store.floor(definition.storage), store.revision - call.staleBy);
    return { revision: past, objects: store.listAt(definition.storage, past) ?? [] };
  }
  const nodeName = requiredField(fields, 'spec.nodeName');
  return { revision: store.revision, objects: store.list(definition.storage, { namespace, nodeName }) };
}

function nextPage(store: Store, selection: Selection, continued: string, revision: number | undefined): Page {
  const { definition } = selection;
  const token = decodeToken(continued, revision);
  const after = token.start.replace(/\0$/, '');
  const at = token.revision === -1 ? store.revision : token.revision;
  const objects = store.listAt(definition.storage, at);
  if (objects === undefined) throw expired(gone, encodeToken({ revision: -1, start: token.start }));
  return { revision: at, objects, after };
}

function checkVersionMatch(query: URLSearchParams, revision: number | undefined): void {
  const match = query.get('resourceVersionMatch') ?? '';
  const field = 'resourceVersionMatch';
  const errors = errorsAmong(
    match !== '' &&
      revision === undefined &&
      forbiddenValue(field, 'resourceVersionMatch is forbidden unless resourceVersion is provided'),
    match !== '' &&
      query.has('continue') &&
      forbiddenValue(field, 'resourceVersionMatch is forbidden when continue is provided'),
    !['', 'Exact', 'NotOlderThan'].includes(match) && unsupportedValue(field, match, ['Exact', 'NotOlderThan', '']),
    match === 'Exact' &&
      revision === 0 &&
      forbiddenValue(field, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'),
    query.has('sendInitialEvents') && forbiddenValue('sendInitialEvents', 'sendInitialEvents is forbidden for list'),
  );
  requireValidOptions('ListOptions', errors);
}

/** Where a list goes on: at which revision (−1: the newest) and from which key. */
interface ContinueToken {
  readonly revision: number;
  readonly start: string;
}

/** The token as clients get it, which they may not look into. */
function encodeToken({ revision, start }: ContinueToken): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start })).toString('base64url');
}

/**
 * Reads a token back.
 * @throws {ApiError} 400 when it is none, or comes together with a resource version.
 */
function decodeToken(text: string, revision: number | undefined): ContinueToken {
  if (revision !== undefined && revision !== 0)
    throw badRequest('specifying resource version is not allowed when using continue');
  const content = parseRecord(Buffer.from(text, 'base64url').toString('utf8'));
  const rv = readNumber(content, 'rv');
  const start = readString(content, 'start');
  if (readString(content, 'v') !== 'meta.k8s.io/v1' || rv === undefined || start === undefined) {
    throw badRequest('invalid continue token: continue key is not valid');
  }
  return { revision: rv, start };
}

/**
 * Waits until the store has come to a revision, as a server does that is asked for what it has not seen yet.
 * @throws {ApiError} 504 when it does not come in time.
 */
async function waitForRevision({ registry, freshnessTimeoutMs }: Api, call: Call, revision = 0): Promise<void> {
  const { store, clock } = registry;
  if (store.revision >= revision) return;
  const reason = (): Error => {
    const message = 'Too large resource version';
    const causes = [{ reason: 'ResourceVersionTooLarge', message }];
    return timeout(`${message}: ${revision}, current: ${store.revision}`, { causes, retryAfterSeconds: 1 });
  };
  const arrived = Promise.withResolvers<undefined>();
  const stop = store.onChange(() => {
    if (store.revision >= revision) arrived.resolve(undefined);
  });
  const limit = { clock, limitMs: freshnessTimeoutMs, signals: [call.signal], reason };
  await withTimeLimit(limit, () => arrived.promise).finally(stop);
}
