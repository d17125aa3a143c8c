import { linkSignals, sleep } from '@node-termination-handler/clock';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Answer } from '../../http/answer.ts';
import { readBody } from '../../http/server.ts';
import { isAccessReview, reviewAccess } from '../access/access.ts';
import type { AccessRules, Tokens, User } from '../access/access.ts';
import type { KubernetesFaultEffect, KubernetesFaults, RequestFacts } from '../faults.ts';
import { keyOf, withMetadata } from '../object/object.ts';
import type { Registry } from '../registry/registry.ts';
import type { ResourceDefinition } from '../resources/definition.ts';
import { ApiError, internalError, serviceUnavailable, timeout, tooLarge, unauthorized } from '../status.ts';
import type { Api } from '../verbs/call.ts';
import { routeOf } from '../verbs/dispatch.ts';
import { admissionRefusal } from './admission.ts';
import { flowControl, refusal, respond } from './answer.ts';
import type { WatchAnswer } from './answer.ts';
import { answerPath } from './discovery.ts';
import { requestInfo } from './request.ts';
import type { RequestInfo, ResourceRequest } from './request.ts';

/** One request that came in. */
export interface RequestRecord extends RequestFacts {
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

/** One request on its way to its answer. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly info: RequestInfo;
  readonly user: User | undefined;
  readonly effects: readonly KubernetesFaultEffect[];
  /** Aborts when the client has left, or the server has closed. */
  readonly signal: AbortSignal;
}

/** The largest body that the real server takes, in bytes. */
const maxBodyBytes = 3 * 1024 * 1024;

/** What the other writer of a contended object leaves behind. */
const touchedAnnotation = 'sandbox.node-termination-handler/touched';

/** Answers requests the way the real server's chain does: who is it, is there room, may he, what is it. */
export class RequestHandler {
  readonly #context: ServerContext;
  #inFlight = 0;

  constructor(context: ServerContext) {
    this.#context = context;
  }

  /** Answers one request. */
  async handle(request: IncomingMessage, response: ServerResponse, closed: AbortSignal): Promise<void> {
    const { api, tokens, faults, log } = this.#context;
    const at = api.registry.clock.now();
    const info = requestInfo(request.method ?? 'GET', request.url ?? '/');
    const user = tokens.authenticate(request.headers.authorization);
    const facts = factsOf(info, user);
    const left = linkSignals([closed]);
    const { signal } = left;
    response.once('close', () => {
      left.abort();
      left[Symbol.dispose]();
    });
    const counts = info.verb !== 'watch';
    if (counts) this.#inFlight++;
    try {
      const effects = faults.strike(facts);
      const exchange: Exchange = { request, info, user, effects, signal };
      const answer = await this.#answer(exchange).catch((cause: unknown) => {
        if (signal.aborted) return undefined;
        throw cause;
      });
      const { path, query } = info;
      const asked = { dryRun: query.get('dryRun') === 'All', fieldSelector: query.get('fieldSelector') ?? '' };
      log.add({ ...facts, code: answer?.status ?? 0, at, path, ...asked });
      const spoiled = (['truncate', 'stall', 'trickle'] as const).find((kind) => has(effects, kind));
      if (answer !== undefined) await respond(response, answer, { spoiled, clock: api.registry.clock, signal });
    } finally {
      if (counts) this.#inFlight--;
    }
  }

  /** The answer, unless a fault keeps it from being given. */
  async #answer(exchange: Exchange): Promise<Answer | WatchAnswer | undefined> {
    const { request, info, effects, signal } = exchange;
    const { api, faults } = this.#context;
    const retryAfter = info.verb === 'watch' ? undefined : faults.throttled(this.#inFlight);
    for (const effect of effects) {
      // Who has no seat is told so at once; who has one keeps it while he is slow.
      if (effect.kind !== 'latency' || retryAfter !== undefined) continue;
      await sleep(api.registry.clock, faults.latencyMs(effect), signal, { keepsProcessAlive: false });
    }
    if (has(effects, 'hang')) return undefined;
    const drop = (when: string): boolean => effects.some((effect) => effect.kind === 'drop' && effect.when === when);
    if (drop('before-write')) {
      request.socket.destroy();
      return undefined;
    }
    const answer =
      faultAnswer(effects) ??
      (retryAfter === undefined ? await this.#served(exchange).catch(failure) : flowControl(retryAfter));
    if (!drop('after-write')) return answer;
    request.socket.destroy();
    return undefined;
  }

  async #served({ request, info, user, effects, signal }: Exchange): Promise<Answer | WatchAnswer> {
    const { api, rules, countUnknown } = this.#context;
    const body = await readBody(request, maxBodyBytes, () => tooLarge(`limit is ${maxBodyBytes}`));
    if (user === undefined) throw unauthorized();
    if (isAccessReview(info, user)) return reviewAccess(rules, user, body);
    const refused = info.kind === 'path' ? rules.pathRefusal(user, info.verb, info.path) : rules.refusal(user, info);
    if (refused !== undefined) throw refused;
    const route = info.kind === 'path' ? { refusal: answerPath(info.path) } : routeOf(info);
    if ('refusal' in route) {
      if (route.refusal.status !== 200) countUnknown(info.method, info.path);
      return route.refusal;
    }
    const { handler, definition } = route;
    for (const effect of effects) {
      if (effect.kind !== 'admission') continue;
      throw await admissionRefusal(effect.refusal, route.request, { clock: api.registry.clock, signal });
    }
    if (has(effects, 'contend')) touch(api.registry, definition, route.request);
    const stale = effects.find((effect) => effect.kind === 'stale');
    const query = has(effects, 'forget') ? new URLSearchParams({ dryRun: 'All' }) : route.request.query;
    return handler(api, {
      ...route.request,
      query,
      definition,
      // Requests for a namespace itself name it as their namespace too.
      namespace: definition.namespaced ? route.request.namespace : undefined,
      user: user.name,
      accept: request.headers.accept,
      contentType: request.headers['content-type'] ?? '',
      body,
      staleBy: stale?.revisions ?? 0,
      signal,
    });
  }
}

function has(effects: readonly KubernetesFaultEffect[], kind: KubernetesFaultEffect['kind']): boolean {
  return effects.some((effect) => effect.kind === kind);
}

function failure(cause: unknown): Answer {
  if (cause instanceof ApiError) return refusal(cause);
  return refusal(internalError(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)));
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
    const error = statusFault(effect.code, effect.message);
    if (effect.retryAfterSeconds === undefined) return refusal(error);
    const details = { ...error.status.details, retryAfterSeconds: effect.retryAfterSeconds };
    return refusal(new ApiError({ ...error.status, details }));
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
