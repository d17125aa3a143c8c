/** The states of an instance, with the codes that DescribeInstances gives them. */
export const instanceStateCodes = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
} as const;

/** A state of an instance. */
export type InstanceState = keyof typeof instanceStateCodes;

/** An EC2 instance as DescribeInstances shows it. */
export interface Ec2Instance {
  readonly instanceId: string;
  readonly state: InstanceState;
  /** Empty once the instance is terminated, and in a network without DNS names. */
  readonly privateDnsName: string;
  readonly privateIpAddress: string;
  readonly instanceType: string;
  readonly availabilityZone: string;
  readonly lifecycle: 'spot' | 'scheduled' | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly launchTime: Date;
  readonly reservationId: string;
}

/** Ids as EC2 makes them: `i-` and 8 or 17 hexadecimal digits. */
export function isWellFormedInstanceId(id: string): boolean {
  return /^i-([0-9a-f]{8}|[0-9a-f]{17})$/.test(id);
}
