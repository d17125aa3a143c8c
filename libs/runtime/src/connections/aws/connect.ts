import type { AutoScalingClientConfig } from '@aws-sdk/client-auto-scaling';
import type { CorrectedClock } from '@node-termination-handler/clock';
import { createHttpClient } from '@node-termination-handler/http-client';
import type { Logger } from '@node-termination-handler/logger';
import type { Metrics } from '@node-termination-handler/metrics';
import type { SharedSettings } from '@node-termination-handler/settings';
import { credentialReader } from './credential-sources.ts';
import { Credentials } from './credentials.ts';
import type { Variables } from './credentials.ts';
import { limitCalls } from './limit-calls.ts';
import { readProxies } from './proxies.ts';
import type { ProxySettings } from './proxies.ts';
import { createRequestHandler } from './request-handler.ts';
import { createSdkLogger } from './sdk-logger.ts';

/** What the clients of a program are made of. */
export interface AwsOptions {
  /** `awsEndpoint`: one for all services. Default: the SDK's. */
  readonly settings: ProxySettings & Partial<Pick<SharedSettings, 'awsEndpoint'>>;
  /** The region of the instances. */
  readonly region: string;
  /** Put right by each answer. */
  readonly awsClock: CorrectedClock;
  readonly log: Pick<Logger, 'debug' | 'warn'>;
  /** Counts what comes of each call. */
  readonly metrics: Pick<Metrics, 'countAwsCall'>;
  /** Takes the connections, and each client. */
  readonly opened: Pick<AsyncDisposableStack, 'adopt' | 'use'>;
  /** Where credentials and the SDK's own variables come from. Default: the environment of the process. */
  readonly env?: Variables;
}

/** What is particular to one client. */
export interface ClientLimits {
  /** How long a call may take, in milliseconds: credentials, proxies, all tries, the last byte of the answer. */
  readonly withinMs: number;
  /** How long one try may take. Default: nine tenths of it, so that a try that takes too long can say how far it came. */
  readonly tryWithinMs?: number;
  /** How often a call is tried. Default 1. */
  readonly tries?: number;
  /** Whether a request may reach the service twice, when a kept connection turns out to be dead. Default true. */
  readonly isRepeatable?: boolean;
  /** Default: that of the instances. */
  readonly region?: string;
  /** Default: the SDK's, of the region. */
  readonly endpoint?: string;
}

/** What a client of the SDK is made with. */
type ClientConfig = Pick<
  AutoScalingClientConfig,
  | 'credentials'
  | 'endpoint'
  | 'logger'
  | 'maxAttempts'
  | 'region'
  | 'requestHandler'
  | 'useDualstackEndpoint'
  | 'useFipsEndpoint'
>;

/** Makes all clients of AWS of a program. */
export interface AwsConnection {
  /**
   * Makes a client, which is closed with the program. Each call of it has one total limit and heeds its signal; its failures are
   * {@link explainFailure | explained}; credentials that are refused are read again, and the call made once more.
   */
  client<C extends { readonly send: unknown; destroy(): void }>(
    make: (config: ClientConfig) => C,
    limits: ClientLimits,
  ): C;
}

/**
 * Connects to AWS; nothing is sent yet, and no credentials are read. The proxies of the environment are taken for AWS alone, that of STS
 * included; never for credentials of the container or the instance.
 */
export function connectToAws({
  settings,
  region,
  awsClock: clock,
  log,
  metrics,
  opened,
  env = process.env,
}: AwsOptions): AwsConnection {
  const { awsEndpoint } = settings;
  const http = opened.use(createHttpClient({ clock, proxy: readProxies(settings) }));
  const direct = opened.use(createHttpClient({ clock }));
  const logger = createSdkLogger(log);
  const handler = (requestWithinMs: number, isRepeatable: boolean) =>
    createRequestHandler({ http, requestWithinMs, isRepeatable, clock });
  const requestHandler = handler(STS_WITHIN_MS, true);
  const ofSts = { region, logger, maxAttempts: 2, requestHandler, ...endpointOf(awsEndpoint) };
  const read = credentialReader({ env, direct, clock, sdk: { logger, clientConfig: ofSts } });
  const credentials = new Credentials({ read, clock });
  // The SDK would keep them for itself, and go on with what was refused.
  const provider = Object.assign(() => credentials.get(), { memoized: true });

  return {
    client(make, limits) {
      const { withinMs, tryWithinMs = 0.9 * withinMs, tries = 1, isRepeatable = true } = limits;
      const config = {
        region: limits.region ?? region,
        credentials: provider,
        logger,
        maxAttempts: tries,
        requestHandler: handler(tryWithinMs, isRepeatable),
        ...endpointOf(awsEndpoint ?? limits.endpoint),
      };
      const client = opened.adopt(make(config), (made) => made.destroy());
      limitCalls(client, { clock, withinMs, region: config.region, credentials, metrics });
      return client;
    },
  };
}

/** How long STS may take with one answer, in milliseconds: twice that fits into the limit of a reading of credentials. */
const STS_WITHIN_MS = 4_000;

/**
 * A named endpoint says by itself whether it is one of FIPS or of both families of addresses: with the variables that choose such ones the
 * SDK would refuse it.
 *
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-endpoints.html
 */
function endpointOf(
  endpoint: string | undefined,
): Pick<ClientConfig, 'endpoint' | 'useDualstackEndpoint' | 'useFipsEndpoint'> {
  return endpoint === undefined ? {} : { endpoint, useFipsEndpoint: false, useDualstackEndpoint: false };
}

/**
 * Where SQS is called: at the endpoint that the environment names for it, else where the queue's URL says, by which the SDK would go all the
 * same.
 *
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
 */
export function sqsEndpoint(ofQueue: string, env: Variables = process.env): string {
  if (env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS?.toLowerCase() === 'true') return ofQueue;
  return [env.AWS_ENDPOINT_URL_SQS, env.AWS_ENDPOINT_URL].find((url) => url !== undefined && url !== '') ?? ofQueue;
}
