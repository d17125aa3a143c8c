import { evictPod } from '../eviction/evict.ts';
import { isRecord, readAt, readList, readString } from '../object/read.ts';
import { resourceOf } from '../resources/table.ts';
import { json } from '../server/answer.ts';
import type { Answer } from '../server/answer.ts';
import { badRequest } from '../status.ts';
import type { Api, Call } from './api.ts';
import { isDryRun, jsonBody, requireJson, unrecognized } from './body.ts';
import { deleteOptions } from './delete-options.ts';

const versions = ['policy/v1', 'policy/v1beta1'];

function otherKind(apiVersion: string, kind: string): string {
  const version = apiVersion.slice(apiVersion.indexOf('/') + 1);
  const why =
    resourceOf(apiVersion, kind) === undefined
      ? `no kind "${kind}" is registered for version "${apiVersion}" in scheme "pkg/runtime/scheme.go:111"`
      : `converting (${version}.${kind}) to (policy.Eviction): unknown conversion`;
  return `${kind} in version "${version}" cannot be handled as a Eviction: ${why}`;
}

/** Evicts a pod: a creation of its subresource `eviction`. */
export function evict(api: Api, call: Call): Answer {
  requireJson(call);
  const body = jsonBody(call, unrecognized('Eviction'));
  if (!isRecord(body)) throw badRequest(unrecognized('Eviction'));
  const kind = readString(body, 'kind') ?? 'Eviction';
  const apiVersion = readString(body, 'apiVersion') ?? 'policy/v1';
  if (kind !== 'Eviction' || !versions.includes(apiVersion)) throw badRequest(otherKind(apiVersion, kind));
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
