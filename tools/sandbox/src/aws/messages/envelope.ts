import { randomUUID } from 'node:crypto';

/** What every EventBridge envelope has besides its detail; all has a default. */
export interface EnvelopeOptions {
  /** Default: a new UUID. */
  readonly id?: string;
  /** Default: now. */
  readonly time?: Date;
  /** Default `123456789012`. */
  readonly account?: string;
  /** Default `us-east-1`. */
  readonly region?: string;
}

/**
 * An EventBridge event as a rule delivers it to SQS.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html
 */
export interface EventBridgeEnvelope {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  /** In seconds: `2026-01-02T03:04:05Z`. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

/** `2026-01-02T03:04:05Z`: EventBridge writes times without fractions. */
export function envelopeTime(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}

/** The account and region that messages come from unless told otherwise. */
export const defaultOrigin = { account: '123456789012', region: 'us-east-1' } as const;

/** Wraps a detail the way EventBridge does. */
export function eventBridgeEnvelope(
  source: string,
  detailType: string,
  resources: readonly string[],
  detail: Readonly<Record<string, unknown>>,
  options: EnvelopeOptions = {},
): EventBridgeEnvelope {
  return {
    version: '0',
    id: options.id ?? randomUUID(),
    'detail-type': detailType,
    source,
    account: options.account ?? defaultOrigin.account,
    time: envelopeTime(options.time ?? new Date()),
    region: options.region ?? defaultOrigin.region,
    resources,
    detail,
  };
}

/** The ARN of an instance, as the `resources` of EC2 events name it. */
export function instanceArn(instanceId: string, options: EnvelopeOptions = {}): string {
  const { account, region } = { ...defaultOrigin, ...options };
  return `arn:aws:ec2:${region}:${account}:instance/${instanceId}`;
}
