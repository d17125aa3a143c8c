import { systemClock } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import { createFaultBook } from '../fault-book.ts';
import type { FaultBook, Recorded } from '../fault-book.ts';
import { answerWithFault } from '../http/answer.ts';
import { startLoopbackServer } from '../http/server.ts';
import type { LoopbackHost } from '../http/server.ts';
import { answerImdsRequest, tokenPath, tokenUse } from './answer.ts';
import type { ImdsMode, ImdsState, TokenUse } from './answer.ts';
import {
  defaultImdsInstance,
  instanceDocuments,
  noticeTime,
  rebalanceRecommendation,
  scheduledEvents,
  spotInstanceAction,
} from './documents.ts';
import type { ImdsInstance, ImdsScheduledEvent, SpotInterruption } from './documents.ts';

/** One request that the metadata service has seen. */
interface ImdsRequest {
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
  /** Default: the machine's. */
  readonly clock?: Clock;
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
  spotTime: 'meta-data/spot/termination-time',
  rebalance: 'meta-data/events/recommendations/rebalance',
  scheduled: 'meta-data/events/maintenance/scheduled',
  lifecycle: 'meta-data/autoscaling/target-lifecycle-state',
} as const;

/** Starts the instance metadata service of one instance on the loopback interface. */
export async function startImds(options: ImdsOptions = {}): Promise<ImdsSimulator> {
  const { clock = systemClock, mode = 'v2-required', host = '127.0.0.1' } = options;
  const instance = { ...defaultImdsInstance, ...options.instance };
  const documents = instanceDocuments(instance);
  const state: ImdsState = { clock, mode, tokens: new Map(), documents };
  const faults = createFaultBook<ImdsRequest>();
  const requests: ImdsRequest[] = [];

  const server = await startLoopbackServer(
    async ({ method = 'GET', url = '/', headers }, response, closed) => {
      const [wholePath = '/'] = url.split('?', 1);
      const record: Recorded<ImdsRequest> = {
        at: clock.now(),
        method,
        path: wholePath,
        token: tokenUse(state, headers),
        status: undefined,
      };
      requests.push(record);
      const fault = faults.take(record);
      // The state is read after a delay: a slow service answers with what is true when it answers.
      const work = () => answerImdsRequest(state, method, wholePath, headers);
      record.status = (await answerWithFault(response, { clock, closed, fault, work })).status;
    },
    { host },
  );

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
      set(path.spotTime, notice?.action === 'terminate' ? noticeTime(notice.time) : undefined);
    },
    setRebalance: (time) => set(path.rebalance, time && rebalanceRecommendation(time)),
    setScheduledEvents: (events) => set(path.scheduled, scheduledEvents(events)),
    setLifecycleState: (lifecycleState) => set(path.lifecycle, lifecycleState),
    setMode: (next) => void (state.mode = next),
    invalidateTokens: () => state.tokens.clear(),
    faults,
    hangTokenRequests: () =>
      faults.add({ matches: (request) => request.path === tokenPath, misbehaviour: { kind: 'hang' } }),
    refuseTokens: () =>
      faults.add({
        matches: (request) => request.token !== 'none',
        misbehaviour: { kind: 'status', status: 401 },
      }),
    pause: server.pause,
    resume: server.resume,
    [Symbol.asyncDispose]: server[Symbol.asyncDispose],
  };
}
