import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAccessReview, reviewAccess } from '../access/access-review.ts';
import type { AccessRules, Tokens, User } from '../access/access.ts';
import type { KubernetesFaultEffect, KubernetesFaults, RequestFacts } from '../faults.ts';
import { withMetadata } from '../object/object.ts';
import type { Registry } from '../registry/registry.ts';
import type { ResourceDefinition } from '../resources/definition.ts';
import { ApiError, internalError, serviceUnavailable, timeout, unauthorized } from '../status.ts';
import { keyOf } from '../store/store.ts';
import type { Api } from '../verbs/call.ts';
import { refuseRoute, routeOf } from '../verbs/dispatch.ts';
import { flowControl, pageNotFound, refusal, respond, statusAnswer } from './answer.ts';
import type { Answer } from './answer.ts';
import { answerPath, isKnownPath } from './discovery.ts';
import { readBody } from './read-body.ts';
import { requestInfo } from './request.ts';
import type { RequestInfo, ResourceRequest } from './request.ts';

/** One request that came in. */
export interface RequestRecord {
  readonly verb: string;
  readonly group: string;
  /** The plural; empty for a path that is not a resource. */
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly user: string;
  /** The status code of the answer; 0 when the connection was closed or left without one. */
  readonly code: number;
  /** When it came in, in milliseconds since the epoch. */
  readonly at: number;
  readonly path: string;
  /** Did a dry run ask to write nothing? */
  readonly dryRun: boolean;
  /** The field selector of a list, watch or deletion of many; empty without one. */
  readonly fieldSelector: string;
}

/** The requests that came in, newest last, up to a limit. */
export class RequestLog {
  readonly #limit: number;
  #records: RequestRecord[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(record: RequestRecord): void {
    this.#records.push(record);
    if (this.#records.length > this.#limit * 2) this.#records = this.#records.slice(-this.#limit);
  }

  /** The newest requests, in the order in which they were answered; watches when they were opened. */
  list(): readonly RequestRecord[] {
    return this.#records.slice(-this.#limit);
  }

  clear(): void {
    this.#records = [];
  }
}

/** What the other writer of a contended object leaves behind. */
const touchedAnnotation = 'sandbox.node-termination-handler/touched';

/** What the server needs to answer requests. */
interface ServerContext {
  readonly api: Api;
  readonly tokens: Tokens;
  readonly rules: AccessRules;
  readonly faults: KubernetesFaults;
  readonly log: RequestLog;
  /** Counts a request that the simulator has no answer for. */
  readonly countUnknown: (method: string, path: string) => void;
}

/** Answers requests the way the real server's chain does: who is it, is there room, may he, what is it. */
export class RequestHandler {
  readonly #context: ServerContext;
  #inFlight = 0;

  constructor(context: ServerContext) {
    this.#context = context;
  }

  /** Answers one request; never throws. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = this.#context.api.registry.now();
    const info = requestInfo(request.method ?? 'GET', request.url ?? '/');
    const user = this.#context.tokens.authenticate(request.headers.authorization);
    const record = (code: number): void => {
      const { verb, path, query } = info;
      const asked = { dryRun: query.get('dryRun') === 'All', fieldSelector: query.get('fieldSelector') ?? '' };
      this.#context.log.add({ ...factsOf(info, user), verb, code, at, path, ...asked });
    };
    const counts = info.verb !== 'watch';
    if (counts) this.#inFlight++;
    try {
      await this.#answer(request, response, info, user, record);
    } finally {
      if (counts) this.#inFlight--;
    }
  }

  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
    info: RequestInfo,
    user: User | undefined,
    record: (code: number) => void,
  ): Promise<void> {
    const { faults } = this.#context;
    const effects = faults.strike(factsOf(info, user));
    if (!(await this.#delay(effects, response))) {
      record(0);
      return;
    }
    if (effects.some(({ kind }) => kind === 'hang')) {
      record(0);
      return;
    }
    if (effects.some((effect) => effect.kind === 'drop' && effect.when === 'before-write')) {
      record(0);
      request.socket.destroy();
      return;
    }
    const retryAfter = info.verb === 'watch' ? undefined : faults.throttled(this.#inFlight);
    const answer =
      faultAnswer(effects) ??
      (retryAfter === undefined ? await this.#outcome(request, info, user, effects) : flowControl(retryAfter));
    if (effects.some((effect) => effect.kind === 'drop' && effect.when === 'after-write')) {
      record(0);
      request.socket.destroy();
      return;
    }
    record(answer.code);
    respond(response, answer, { truncated: effects.some(({ kind }) => kind === 'truncate') });
  }

  /** Waits as long as the faults want; answers whether the client is still there. */
  async #delay(effects: readonly KubernetesFaultEffect[], response: ServerResponse): Promise<boolean> {
    const left = new AbortController();
    const leave = (): void => left.abort();
    response.once('close', leave);
    for (const effect of effects) {
      if (effect.kind !== 'latency') continue;
      const ms = this.#context.faults.latencyMs(effect);
      await sleep(ms, undefined, { ref: false, signal: left.signal }).catch(() => undefined);
    }
    response.off('close', leave);
    return !left.signal.aborted;
  }

  async #outcome(
    request: IncomingMessage,
    info: RequestInfo,
    user: User | undefined,
    effects: readonly KubernetesFaultEffect[],
  ): Promise<Answer> {
    try {
      return await this.#served(request, info, user, effects);
    } catch (cause) {
      if (cause instanceof ApiError) return refusal(cause);
      return refusal(internalError(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)));
    }
  }

  async #served(
    request: IncomingMessage,
    info: RequestInfo,
    user: User | undefined,
    effects: readonly KubernetesFaultEffect[],
  ): Promise<Answer> {
    const { api, rules, countUnknown } = this.#context;
    const body = await readBody(request);
    if (user === undefined) throw unauthorized();
    if (isAccessReview(info, user)) return reviewAccess(rules, user, body);
    const refused = info.kind === 'path' ? rules.pathRefusal(user, info.verb, info.path) : rules.refusal(user, info);
    if (refused !== undefined) throw refused;
    if (info.kind === 'path') {
      if (!isKnownPath(info.path)) countUnknown(info.method, info.path);
      return answerPath(info.path);
    }
    const route = routeOf(info);
    if ('missing' in route) {
      countUnknown(info.method, info.path);
      return route.missing === 'path' ? pageNotFound() : refuseRoute(route.missing);
    }
    const { definition } = info;
    if (definition === undefined) return pageNotFound();
    if (effects.some(({ kind }) => kind === 'contend')) touch(api.registry, definition, info);
    const stale = effects.find((effect) => effect.kind === 'stale');
    return route.handler(api, {
      ...info,
      definition,
      // Requests for a namespace itself name it as their namespace too.
      namespace: definition.namespaced ? info.namespace : undefined,
      user: user.name,
      accept: request.headers.accept,
      contentType: request.headers['content-type'] ?? '',
      body,
      staleBy: stale?.revisions ?? 0,
    });
  }
}

/** Changes an object as another writer would, if it is there. */
function touch(registry: Registry, definition: ResourceDefinition, { namespace, name }: ResourceRequest): void {
  const key = keyOf(definition.namespaced ? namespace : undefined, name);
  const object = registry.store.get(definition.storage, key);
  if (object === undefined) return;
  const annotations = { ...object.metadata.annotations, [touchedAnnotation]: object.metadata.resourceVersion };
  registry.store.put(definition.storage, withMetadata(object, { annotations }));
}

function factsOf(info: RequestInfo, user: User | undefined): RequestFacts {
  const common = { verb: info.verb, user: user?.name ?? '' };
  if (info.kind === 'path') return { ...common, group: '', resource: '', subresource: '', namespace: '', name: '' };
  const { group, resource, subresource, namespace = '', name } = info;
  return { ...common, group, resource, subresource, namespace, name };
}

function faultAnswer(effects: readonly KubernetesFaultEffect[]): Answer | undefined {
  for (const effect of effects) {
    if (effect.kind === 'flow-control') return flowControl(effect.retryAfterSeconds ?? 1);
    if (effect.kind !== 'status') continue;
    const seconds = effect.retryAfterSeconds;
    const { status } = statusFault(effect.code, effect.message);
    const details = { ...status.details, ...(seconds === undefined ? {} : { retryAfterSeconds: seconds }) };
    return statusAnswer(seconds === undefined ? status : { ...status, details });
  }
  return undefined;
}

function statusFault(code: 500 | 503 | 504, message: string | undefined): ApiError {
  switch (code) {
    case 500:
      return internalError(message ?? 'etcdserver: request timed out');
    case 503:
      return serviceUnavailable(message ?? 'the server is currently unable to handle the request');
    case 504:
      return timeout(message ?? 'request did not complete within the allotted timeout', {});
  }
}
