import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { EC2Client } from '@aws-sdk/client-ec2';
import { SQSClient } from '@aws-sdk/client-sqs';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { LONG_POLL_SECONDS } from './queue/receive.ts';

/** Where the AWS services are. */
export interface AwsOptions {
  readonly region: string;
  /** One endpoint for every service, as sandboxes and VPC endpoints offer; default: the services' own. */
  readonly endpoint?: string | undefined;
}

/** One client for each kind of use; each has time limits of its own, because the SDK has none. */
export interface AwsClients {
  /** For long polls only: they hold their connections for as long as the poll lasts. */
  readonly poll: SQSClient;
  readonly sqs: SQSClient;
  readonly ec2: EC2Client;
  readonly autoScaling: AutoScalingClient;
  close(): void;
}

/** Makes the clients on pools of kept-alive connections. */
export function createAwsClients({ region, endpoint }: AwsOptions): AwsClients {
  const shared = { region, ...(endpoint === undefined ? {} : { endpoint }), maxAttempts: 3 };
  const quick = (): NodeHttpHandler => connections(10_000);
  const poll = new SQSClient({
    ...shared,
    requestHandler: connections((LONG_POLL_SECONDS + 10) * 1000),
    maxAttempts: 1,
  });
  const sqs = new SQSClient({ ...shared, requestHandler: quick() });
  const ec2 = new EC2Client({ ...shared, requestHandler: quick() });
  const autoScaling = new AutoScalingClient({ ...shared, requestHandler: quick() });
  return {
    poll,
    sqs,
    ec2,
    autoScaling,
    close: () => [poll, sqs, ec2, autoScaling].forEach((client) => client.destroy()),
  };
}

function connections(requestTimeoutMs: number): NodeHttpHandler {
  const pool = { keepAlive: true, maxSockets: 50 };
  return new NodeHttpHandler({
    connectionTimeout: 3_000,
    requestTimeout: requestTimeoutMs,
    throwOnRequestTimeout: true,
    httpAgent: new HttpAgent(pool),
    httpsAgent: new HttpsAgent(pool),
  });
}
