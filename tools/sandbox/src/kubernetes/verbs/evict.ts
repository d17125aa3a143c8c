import { evictPod } from '../eviction/evict.ts';
import { isRecord, readAt, readList, readString } from '../object/read.ts';
import { json } from '../server/answer.ts';
import type { Answer } from '../server/answer.ts';
import { badRequest } from '../status.ts';
import type { Api, Call } from './api.ts';
import { isDryRun, jsonBody, requireJson } from './body.ts';
import { deleteOptions } from './delete-options.ts';

const versions = ['policy/v1', 'policy/v1beta1'];

/** Evicts a pod: a creation of its subresource `eviction`. */
export function evict(api: Api, call: Call): Answer {
  requireJson(call);
  const body = jsonBody(call);
  if (!isRecord(body)) throw badRequest('the object provided is unrecognized (must be of type Eviction)');
  const kind = readString(body, 'kind') ?? 'Eviction';
  const apiVersion = readString(body, 'apiVersion') ?? 'policy/v1';
  if (kind !== 'Eviction') throw badRequest(`${kind} in version "${apiVersion}" cannot be handled as a Eviction`);
  if (!versions.includes(apiVersion)) {
    throw badRequest(`the API version in the data (${apiVersion}) does not match the expected API version (policy/v1)`);
  }
  if (readString(body, 'metadata', 'name') !== call.name) {
    throw badRequest('name in URL does not match name in Eviction object');
  }
  const given = readString(body, 'metadata', 'namespace') ?? '';
  if (given !== '' && given !== call.namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  const inQuery = call.query.getAll('dryRun');
  const inBody = readList(body, 'deleteOptions', 'dryRun').filter((value) => typeof value === 'string');
  if (inQuery.length > 0 && inBody.length > 0 && inQuery.join() !== inBody.join()) {
    throw badRequest(
      `Non-matching dry-run options in request and content: [${inQuery.join(' ')}] and [${inBody.join(' ')}]`,
    );
  }
  const dryRun = isDryRun(inQuery, 'CreateOptions') || isDryRun(inBody, 'DeleteOptions');
  const options = { ...deleteOptions(readAt(body, 'deleteOptions') ?? {}, new URLSearchParams()), dryRun };
  const pod = { namespace: call.namespace ?? '', name: call.name };
  return json(201, evictPod(api.registry, api.budgets, pod, options));
}
