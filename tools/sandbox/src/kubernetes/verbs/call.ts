import { isRecord, readAt, readList, readNumber, readString } from '../../json-value.ts';
import type { DisruptionController } from '../eviction/disruption-controller.ts';
import { withMetadata } from '../object/object.ts';
import type { KubernetesObject } from '../object/object.ts';
import type { DeleteOptions } from '../registry/delete.ts';
import type { Registry } from '../registry/registry.ts';
import { decodeObject } from '../resources/decode.ts';
import type { ResourceDefinition } from '../resources/definition.ts';
import { parseFieldSelector } from '../selectors/field-selector.ts';
import { parseLabelSelector } from '../selectors/label-selector.ts';
import { negotiatedForm } from '../server/negotiate.ts';
import type { ResourceRequest } from '../server/request.ts';
import { badRequest, invalid, serverFailure, unsupportedMediaType } from '../status.ts';
import type { FieldError } from '../status.ts';
import { unsupportedValue } from '../validation/metadata.ts';
import type { WatchHub } from '../watch/hub.ts';
import type { Selection } from '../watch/watcher.ts';

/** What the verbs work with. */
export interface Api {
  readonly registry: Registry;
  readonly hub: WatchHub;
  readonly budgets: DisruptionController;
  /** How long a read waits for a revision that is not there yet, in milliseconds. */
  readonly freshnessTimeoutMs: number;
  /** How long a watch lasts whose client names no timeout, in milliseconds. */
  readonly watchTimeoutMs: number;
}

/** A request for a resource that the simulator serves. */
export interface Call extends ResourceRequest {
  readonly definition: ResourceDefinition;
  readonly user: string;
  readonly accept: string | undefined;
  readonly contentType: string;
  readonly body: string;
  /** How many revisions ago reads look, for a server that lags behind. */
  readonly staleBy: number;
  /** Aborts when the client has left. */
  readonly signal: AbortSignal;
}

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

const accepted = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];

/**
 * The JSON in a request's body; `context` says what it is read for when it is none.
 * @throws {ApiError} 400 when it is none.
 */
export function jsonBody({ body }: Pick<Call, 'body'>, context: string): unknown {
  try {
    const value: unknown = JSON.parse(body);
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
  if (namespace !== undefined) requireNamespace(call, namespace);
  return call.namespace === undefined ? object : withMetadata(object, { namespace: call.namespace });
}

/**
 * Lets only an object pass that belongs where the request says.
 * @throws {ApiError} 400 for one of another namespace.
 */
export function requireNamespace(call: Call, namespace: string | undefined): void {
  if (namespace === call.namespace) return;
  throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
}

/**
 * Lets only JSON pass.
 * @throws {ApiError} 415 for another content type.
 */
export function requireJson({ contentType }: Pick<Call, 'contentType'>): void {
  const type = contentType.split(';')[0]?.trim() ?? '';
  if (type !== '' && type !== 'application/json') throw unsupportedMediaType(accepted);
}

/** @throws {ApiError} 422 when something is wrong with the options of a request. */
export function requireValidOptions(kind: string, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', resource: kind }, '', errors);
}

/**
 * Is the request a dry run?
 * @throws {ApiError} 422 for a value of `dryRun` that the server does not know.
 */
export function isDryRun(values: readonly string[], optionsKind: string): boolean {
  const isKnown = values.every((value) => value === 'All');
  requireValidOptions(optionsKind, isKnown ? [] : [unsupportedValue('dryRun', values, ['All'])]);
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

const policies = ['Foreground', 'Background', 'Orphan'];

/**
 * Reads DeleteOptions out of a body, or out of a query when there is no body.
 * @throws {ApiError} 400 or 422 when they can't be read.
 */
export function deleteOptions(body: unknown, query: URLSearchParams): DeleteOptions {
  const fromQuery = {
    gracePeriodSeconds: query.has('gracePeriodSeconds') ? Number(query.get('gracePeriodSeconds')) : undefined,
    propagationPolicy: query.get('propagationPolicy') ?? undefined,
    dryRun: query.getAll('dryRun'),
  };
  const options: unknown = body ?? fromQuery;
  const grace = readAt(options, 'gracePeriodSeconds') ?? undefined;
  if (grace !== undefined && (typeof grace !== 'number' || !Number.isInteger(grace))) {
    throw badRequest('DeleteOptions can not be read: gracePeriodSeconds is not an integer');
  }
  const policy = readString(options, 'propagationPolicy');
  const isKnown = policy === undefined || policies.includes(policy);
  const unknown = unsupportedValue('propagationPolicy', policy, [...policies, 'nil']);
  requireValidOptions('DeleteOptions', isKnown ? [] : [unknown]);
  const dryRun = readList(options, 'dryRun').filter((value) => typeof value === 'string');
  return {
    gracePeriodSeconds: readNumber(options, 'gracePeriodSeconds'),
    uid: readString(options, 'preconditions', 'uid'),
    resourceVersion: readString(options, 'preconditions', 'resourceVersion'),
    dryRun: isDryRun(dryRun, 'DeleteOptions'),
  };
}
