import { isRecord } from '../object/read.ts';
import type { KubernetesObject } from '../object/kubernetes-object.ts';
import { decodeObject } from '../resources/decode.ts';
import { withMetadata } from '../object/kubernetes-object.ts';
import { badRequest, invalid, unsupportedMediaType } from '../status.ts';
import { unsupportedValue } from '../validation/field-errors.ts';
import type { Call } from './api.ts';

const accepted = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];

/**
 * The JSON in a request's body; `context` says what it is read for when it is none.
 * @throws {ApiError} 400 when it is none.
 */
export function jsonBody({ body }: Pick<Call, 'body'>, context: string): unknown {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return value;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw badRequest(`${context}${why}`);
  }
}

/** How the server begins to say that a body is not an object of a kind. */
export function unrecognized(kind: string): string {
  return `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: `;
}

/**
 * The object in a request's body, in the namespace of the request.
 * @throws {ApiError} 400 when it is none or belongs elsewhere, 415 when it is not JSON by its type.
 */
export function objectBody(call: Call): KubernetesObject {
  requireJson(call);
  const object = decodeObject(call.definition, jsonBody(call, unrecognized(call.definition.kind)));
  const { namespace } = object.metadata;
  if (!call.definition.namespaced) return object;
  if (namespace !== undefined && namespace !== call.namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  return call.namespace === undefined ? object : withMetadata(object, { namespace: call.namespace });
}

/**
 * Lets only JSON pass.
 * @throws {ApiError} 415 for another content type.
 */
export function requireJson({ contentType }: Pick<Call, 'contentType'>): void {
  const type = contentType.split(';')[0]?.trim() ?? '';
  if (type !== '' && type !== 'application/json') throw unsupportedMediaType(accepted);
}

/**
 * Is the request a dry run?
 * @throws {ApiError} 422 for a value of `dryRun` that the server does not know.
 */
export function isDryRun(values: readonly string[], optionsKind: string): boolean {
  if (values.some((value) => value !== 'All')) {
    throw invalid({ group: 'meta.k8s.io', resource: optionsKind }, '', [unsupportedValue('dryRun', values, ['All'])]);
  }
  return values.length > 0;
}

/** The body as options of a deletion; empty when there is none. */
export function optionsBody(call: Call): Readonly<Record<string, unknown>> | undefined {
  if (call.body.length === 0) return undefined;
  requireJson(call);
  const value = jsonBody(call, unrecognized('DeleteOptions'));
  if (!isRecord(value)) throw badRequest(unrecognized('DeleteOptions'));
  return value;
}
