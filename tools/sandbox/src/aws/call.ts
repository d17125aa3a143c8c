/** The services behind the sandbox's one AWS endpoint. */
export type AwsService = 'sqs' | 'ec2' | 'autoscaling' | 'unknown';

/** One call of an AWS client. Times in ms since the epoch. */
export interface AwsCall {
  readonly at: number;
  readonly service: AwsService;
  /** `ReceiveMessage`, `DescribeInstances`, `CompleteLifecycleAction`, … */
  readonly action: string;
  /** The parameters: the JSON body of SQS, the form fields of the others. */
  readonly input: Readonly<Record<string, unknown>>;
  /** The access key that signed the call; undefined when it was not signed. */
  readonly accessKeyId: string | undefined;
  /** The region that the call was signed for. */
  readonly region: string | undefined;
  /** Undefined while unanswered, and when it never was. */
  readonly status: number | undefined;
  /** When it was answered. */
  readonly answeredAt: number | undefined;
}

/**
 * Reads who signed a call, and for which region.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
 */
export function parseCredential(authorization: string | undefined): { accessKeyId?: string; region?: string } {
  const scope = /Credential=([^/,\s]+)\/\d{8}\/([^/,\s]+)\//.exec(authorization ?? '');
  const [, accessKeyId, region] = scope ?? [];
  return { ...(accessKeyId !== undefined && { accessKeyId }), ...(region !== undefined && { region }) };
}
