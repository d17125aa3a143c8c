import type { Answer } from '../../http/answer.ts';
import { isRecord, readAt, readList, readString } from '../../json-value.ts';
import { evictPod } from '../eviction/evict.ts';
import { objectJson } from '../object/json.ts';
import { keyOf, withMetadata } from '../object/object.ts';
import type { KubernetesObject } from '../object/object.ts';
import { patchOf } from '../patch/patch.ts';
import { deleteObject } from '../registry/delete.ts';
import { otherKind } from '../resources/decode.ts';
import { json, jsonText } from '../server/answer.ts';
import { negotiatedForm } from '../server/negotiate.ts';
import { badRequest, conflict, deleted } from '../status.ts';
import {
  deleteOptions,
  isDryRun,
  jsonBody,
  objectBody,
  optionsBody,
  requireJson,
  requireNamespace,
  unrecognized,
} from './call.ts';
import type { Api, Call } from './call.ts';

function objectAnswer(call: Call, code: number, object: KubernetesObject): Answer {
  return jsonText(code, objectJson(call.definition, object, negotiatedForm(call.accept, 'object', call.definition)));
}

/** Creates an object. */
export function create(api: Api, call: Call): Answer {
  const dryRun = isDryRun(call.query.getAll('dryRun'), 'CreateOptions');
  return objectAnswer(call, 201, api.registry.create(call.definition, objectBody(call), { dryRun }));
}

/** Replaces an object, or its status. */
export function update(api: Api, call: Call): Answer {
  const { definition, namespace, name } = call;
  const dryRun = isDryRun(call.query.getAll('dryRun'), 'UpdateOptions');
  const object = objectBody(call);
  checkName(object, name);
  const { uid } = object.metadata;
  const existing = api.registry.store.get(definition.storage, keyOf(namespace, name));
  if (existing === undefined && definition.createsOnUpdate && call.subresource === '') {
    const fresh = withMetadata(object, { resourceVersion: '' });
    return objectAnswer(call, 201, api.registry.create(definition, fresh, { dryRun }));
  }
  if (existing !== undefined && uid !== '' && uid !== existing.metadata.uid) {
    const where = `/registry/${definition.etcdPath}/${keyOf(namespace, name)}`;
    const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${existing.metadata.uid}`;
    const detail = `StorageError: invalid object, Code: 4, Key: ${where}, ResourceVersion: 0, AdditionalErrorMsg: ${why}`;
    throw conflict(definition, name, detail);
  }
  const part = call.subresource === 'status' ? 'status' : 'spec';
  const updated = api.registry.update(definition, namespace, name, () => object, { dryRun, part });
  return objectAnswer(call, 200, updated);
}

/** Patches an object, or its status. */
export function patch(api: Api, call: Call): Answer {
  const { definition, namespace, name } = call;
  const dryRun = isDryRun(call.query.getAll('dryRun'), 'PatchOptions');
  const apply = patchOf(definition, call.contentType, (context) => jsonBody(call, context));
  const part = call.subresource === 'status' ? 'status' : 'spec';
  const patched = (existing: KubernetesObject): KubernetesObject => {
    const result = apply(existing);
    checkName(result, name);
    if (definition.namespaced) requireNamespace(call, result.metadata.namespace);
    return result;
  };
  return objectAnswer(call, 200, api.registry.update(definition, namespace, name, patched, { dryRun, part }));
}

function checkName(object: KubernetesObject, name: string): void {
  if (object.metadata.name === name) return;
  if (object.metadata.name === '') {
    throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
  }
  throw badRequest(`the name of the object (${object.metadata.name}) does not match the name on the URL (${name})`);
}

/** Deletes an object. */
export function remove(api: Api, call: Call): Answer {
  const { definition, namespace, name } = call;
  const options = deleteOptions(optionsBody(call), call.query);
  const { object, gone } = deleteObject(api.registry, definition, namespace, name, options);
  // Most kinds answer with a Status when the object is gone; one that waits for its finalizers is shown.
  if (definition.returnsDeleted || !gone) return objectAnswer(call, 200, object);
  return json(200, deleted(definition, name, object.metadata.uid));
}

const evictionVersions = ['policy/v1', 'policy/v1beta1'];

/** Evicts a pod: a creation of its subresource `eviction`. */
export function evict(api: Api, call: Call): Answer {
  requireJson(call);
  const body = jsonBody(call, unrecognized('Eviction'));
  if (!isRecord(body)) throw badRequest(unrecognized('Eviction'));
  const kind = readString(body, 'kind') ?? 'Eviction';
  const apiVersion = readString(body, 'apiVersion') ?? 'policy/v1';
  if (kind !== 'Eviction' || !evictionVersions.includes(apiVersion)) {
    throw badRequest(otherKind(apiVersion, kind, 'policy.Eviction'));
  }
  if (readString(body, 'metadata', 'name') !== call.name) {
    throw badRequest('name in URL does not match name in Eviction object');
  }
  const given = readString(body, 'metadata', 'namespace') ?? '';
  if (given !== '') requireNamespace(call, given);
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
