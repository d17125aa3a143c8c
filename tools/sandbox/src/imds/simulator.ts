import type { IncomingMessage, ServerResponse } from 'node:http';
import { createFaultBook } from '../fault-book.ts';
import type { Fault, FaultBook } from '../fault-book.ts';
import { answerWithFault } from '../http/answer.ts';
import type { Answer } from '../http/answer.ts';
import { startLoopbackServer } from '../http/server.ts';
import type { LoopbackHost } from '../http/server.ts';
import { answerImdsRequest, createImdsTokens, tokenUse } from './answer.ts';
import type { ImdsMode, TokenUse } from './answer.ts';
import {
  defaultImdsInstance,
  instanceDocuments,
  isoSeconds,
  rebalanceRecommendation,
  scheduledEvents,
  spotInstanceAction,
} from './documents.ts';
import type { ImdsInstance, ImdsScheduledEvent, SpotInterruption } from './documents.ts';

/** One request that the metadata service has seen. */
export interface ImdsRequest {
  /** When it came, in ms since the epoch. */
  readonly at: number;
  readonly method: string;
  /** Whole path, without the query. */
  readonly path: string;
  readonly token: TokenUse;
  /** Undefined while unanswered, and when it never was (hang, reset). */
  readonly status: number | undefined;
}

/** What a metadata service is started with. */
export interface ImdsOptions {
  /** Fields that differ from {@link defaultImdsInstance}. */
  readonly instance?: Partial<ImdsInstance>;
  /** Default `v2-required`. */
  readonly mode?: ImdsMode;
  /** `::1` for the service's IPv6 form. Default `127.0.0.1`. */
  readonly host?: LoopbackHost;
}

/** A running metadata service of one instance. */
export interface ImdsSimulator extends AsyncDisposable {
  /** For `INSTANCE_METADATA_URL`. */
  readonly url: string;
  readonly instance: ImdsInstance;
  /** Oldest first. */
  readonly requests: () => readonly ImdsRequest[];
  /** How many connections clients have opened. */
  readonly connections: () => number;
  /** Sets the document at a path below `/latest/`, or takes it away (404). */
  readonly set: (path: string, body: string | undefined) => void;
  readonly setSpotInterruption: (notice: SpotInterruption | undefined) => void;
  readonly setRebalance: (noticeTime: Date | string | undefined) => void;
  readonly setScheduledEvents: (events: readonly ImdsScheduledEvent[]) => void;
  /** `InService`, `Terminated`, `Warmed:Stopped`, …; undefined for an instance of no group (404). */
  readonly setLifecycleState: (state: string | undefined) => void;
  readonly setMode: (mode: ImdsMode) => void;
  /** Forgets every token: the next request with one answers 401. */
  readonly invalidateTokens: () => void;
  /** What goes wrong with requests. */
  readonly faults: FaultBook<ImdsRequest>;
  /** Hop limit 1 seen from a container: token requests hang. Call the answer to lift it. */
  readonly hangTokenRequests: () => () => void;
  /** Every request with a token answers 401, new tokens too. Call the answer to end it. */
  readonly refuseTokens: () => () => void;
  /** Connections are refused until {@link ImdsSimulator.resume}. */
  readonly pause: () => Promise<void>;
  readonly resume: () => Promise<void>;
}

const path = {
  spot: 'meta-data/spot/instance-action',
  rebalance: 'meta-data/events/recommendations/rebalance',
  scheduled: 'meta-data/events/maintenance/scheduled',
  lifecycle: 'meta-data/autoscaling/target-lifecycle-state',
} as const;

/** Starts the instance metadata service of one instance on the loopback interface. */
export async function startImds(options: ImdsOptions = {}): Promise<ImdsSimulator> {
  const instance = { ...defaultImdsInstance, ...options.instance };
  const documents = instanceDocuments(instance);
  const tokens = createImdsTokens();
  const faults = createFaultBook<ImdsRequest>();
  const requests: { -readonly [Field in keyof ImdsRequest]: ImdsRequest[Field] }[] = [];
  let mode: ImdsMode = options.mode ?? 'v2-required';

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const method = request.method ?? 'GET';
    const [wholePath = '/'] = (request.url ?? '/').split('?', 1);
    const state = { mode, tokens, documents };
    const record = {
      at: Date.now(),
      method,
      path: wholePath,
      token: tokenUse(state, request.headers),
      status: undefined as number | undefined,
    };
    requests.push(record);
    const fault: Fault = faults.take(record);
    // The state is read again after a delay: a slow service answers with what is true when it answers.
    const work = (): Answer => answerImdsRequest({ mode, tokens, documents }, method, wholePath, request.headers);
    const { status } = await answerWithFault(response, fault, work);
    record.status = status;
  };

  const server = await startLoopbackServer(answer, {
    ...(options.host && { host: options.host }),
  });

  const set = (documentPath: string, body: string | undefined): void => {
    if (body === undefined) documents.delete(documentPath);
    else documents.set(documentPath, body);
  };
  return {
    url: server.url,
    instance,
    requests: () => requests,
    connections: server.connections,
    set,
    setSpotInterruption: (notice) => {
      set(path.spot, notice && spotInstanceAction(notice));
      set('meta-data/spot/termination-time', notice?.action === 'terminate' ? isoSeconds(notice.time) : undefined);
    },
    setRebalance: (noticeTime) => set(path.rebalance, noticeTime && rebalanceRecommendation(noticeTime)),
    setScheduledEvents: (events) => set(path.scheduled, scheduledEvents(events)),
    setLifecycleState: (state) => set(path.lifecycle, state),
    setMode: (next) => void (mode = next),
    invalidateTokens: tokens.invalidate,
    faults,
    hangTokenRequests: () =>
      faults.add({ matches: (request) => request.path === '/latest/api/token', misbehaviour: { kind: 'hang' } }),
    refuseTokens: () =>
      faults.add({
        matches: (request) => request.token !== 'none',
        misbehaviour: { kind: 'status', status: 401 },
      }),
    pause: server.pause,
    resume: server.resume,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
