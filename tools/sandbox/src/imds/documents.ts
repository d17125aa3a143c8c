import { isoSeconds } from '../json-value.ts';

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

/**
 * The documents of an instance that nothing threatens, by their path below `/latest/`.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-metadata.html
 */
export function instanceDocuments(instance: ImdsInstance): Map<string, string> {
  const region = instance.availabilityZone.replace(/[a-z]$/, '');
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

/** A spot interruption notice. `time` is when the instance goes, a Date or the text as it stands in the document. */
export interface SpotInterruption {
  readonly action: 'terminate' | 'stop' | 'hibernate';
  readonly time: Date | string;
}

/** A scheduled event, in the names of the document. Dates are written as the service writes them. */
export interface ImdsScheduledEvent {
  readonly EventId: string;
  readonly Code: 'instance-stop' | 'instance-retirement' | 'instance-reboot' | 'system-reboot' | 'system-maintenance';
  readonly State: 'active' | 'completed' | 'canceled';
  readonly NotBefore: Date | string;
  /** Missing in some events of the real service; `''` in others. */
  readonly NotAfter?: Date | string;
  readonly Description: string;
}

/** How spot and rebalance notices write a time; a text goes as it is. */
export function noticeTime(time: Date | string): string {
  return typeof time === 'string' ? time : isoSeconds(time);
}

/** `21 Jan 2019 09:00:43 GMT`: how scheduled events write a time. */
function scheduledEventTime(time: Date | string): string {
  return typeof time === 'string' ? time : time.toUTCString().replace(/^[A-Za-z]{3}, /, '');
}

/**
 * The body of `spot/instance-action`.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html
 */
export function spotInstanceAction(notice: SpotInterruption): string {
  return JSON.stringify({ action: notice.action, time: noticeTime(notice.time) });
}

/**
 * The body of `events/recommendations/rebalance`.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/rebalance-recommendations.html
 */
export function rebalanceRecommendation(time: Date | string): string {
  return JSON.stringify({ noticeTime: noticeTime(time) });
}

/**
 * The body of `events/maintenance/scheduled`.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/viewing_scheduled_events.html
 */
export function scheduledEvents(events: readonly ImdsScheduledEvent[]): string {
  const documents = events.map((event) => ({
    NotBefore: scheduledEventTime(event.NotBefore),
    Code: event.Code,
    Description: event.Description,
    EventId: event.EventId,
    ...(event.NotAfter !== undefined && { NotAfter: scheduledEventTime(event.NotAfter) }),
    State: event.State,
  }));
  return JSON.stringify(documents, undefined, 2);
}

/** The names directly below a path, as the service lists them: a folder ends in `/`. Undefined when there are none. */
export function listing(paths: Iterable<string>, folder: string): string | undefined {
  const prefix = folder === '' || folder.endsWith('/') ? folder : `${folder}/`;
  const names = new Set<string>();
  for (const path of paths) {
    if (!path.startsWith(prefix)) continue;
    const [name = '', ...rest] = path.slice(prefix.length).split('/');
    names.add(rest.length > 0 ? `${name}/` : name);
  }
  return names.size === 0 ? undefined : [...names].sort().join('\n');
}
