/** The instance that a metadata service tells about. */
export interface ImdsInstance {
  /** Default `i-0123456789abcdef0`. */
  readonly instanceId: string;
  /** Default `m6i.large`. */
  readonly instanceType: string;
  /** Default `spot`. */
  readonly lifeCycle: 'spot' | 'on-demand' | 'scheduled';
  /** Default `ip-10-0-0-1.ec2.internal`. */
  readonly localHostname: string;
  /** Default `10.0.0.1`. */
  readonly localIpv4: string;
  /** Default: none, and the document answers 404. */
  readonly publicHostname?: string;
  /** Default: none, and the document answers 404. */
  readonly publicIpv4?: string;
  /** Default `us-east-1a`; the region is this without its last letter. */
  readonly availabilityZone: string;
  /** Default `123456789012`. */
  readonly accountId: string;
}

/** The instance that a metadata service tells about unless told otherwise. */
export const defaultImdsInstance: ImdsInstance = {
  instanceId: 'i-0123456789abcdef0',
  instanceType: 'm6i.large',
  lifeCycle: 'spot',
  localHostname: 'ip-10-0-0-1.ec2.internal',
  localIpv4: '10.0.0.1',
  availabilityZone: 'us-east-1a',
  accountId: '123456789012',
};

/** The region that an availability zone lies in: `us-east-1` for `us-east-1a`. */
export function regionOf(availabilityZone: string): string {
  return availabilityZone.replace(/[a-z]$/, '');
}

/**
 * The documents of an instance that nothing threatens, by their path below `/latest/`.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-metadata.html
 */
export function instanceDocuments(instance: ImdsInstance): Map<string, string> {
  const region = regionOf(instance.availabilityZone);
  const identity = {
    accountId: instance.accountId,
    architecture: 'x86_64',
    availabilityZone: instance.availabilityZone,
    imageId: 'ami-0123456789abcdef0',
    instanceId: instance.instanceId,
    instanceType: instance.instanceType,
    pendingTime: '2026-01-02T03:04:05Z',
    privateIp: instance.localIpv4,
    region,
    version: '2017-09-30',
  };
  const documents = new Map<string, string>([
    ['meta-data/ami-id', identity.imageId],
    ['meta-data/instance-id', instance.instanceId],
    ['meta-data/instance-type', instance.instanceType],
    ['meta-data/instance-life-cycle', instance.lifeCycle],
    ['meta-data/local-hostname', instance.localHostname],
    ['meta-data/local-ipv4', instance.localIpv4],
    ['meta-data/placement/availability-zone', instance.availabilityZone],
    ['meta-data/placement/region', region],
    ['meta-data/events/maintenance/scheduled', '[]'],
    ['meta-data/events/maintenance/history', '[]'],
    ['dynamic/instance-identity/document', JSON.stringify(identity, undefined, 2)],
  ]);
  if (instance.publicHostname !== undefined) documents.set('meta-data/public-hostname', instance.publicHostname);
  if (instance.publicIpv4 !== undefined) documents.set('meta-data/public-ipv4', instance.publicIpv4);
  return documents;
}
