import type { Clock } from '@node-termination-handler/clock';

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

/** An event that EC2 has scheduled, as DescribeInstanceStatus shows it. */
interface ScheduledInstanceEvent {
  /** `instance-event-…`, the same as in the instance's metadata. */
  readonly eventId: string;
  readonly code: 'instance-reboot' | 'system-reboot' | 'system-maintenance' | 'instance-retirement' | 'instance-stop';
  /** Begins with `[Completed]` or `[Canceled]` when it is over; EC2 shows it for up to a week then. */
  readonly description: string;
  readonly notBefore: Date;
  readonly notAfter?: Date;
}

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
  readonly scheduledEvents: readonly ScheduledInstanceEvent[];
}

/** What an instance is put into the simulated EC2 with; all but the id has a default. */
type Ec2InstanceOptions = Pick<Ec2Instance, 'instanceId'> & Partial<Ec2Instance>;

/** What happens to the host under an instance. Resumed: it goes on where it hibernated, without a boot. */
type PowerChange = 'booted' | 'resumed' | 'stopped' | 'terminated';

/** The instances of the simulated account and region. */
export interface Ec2Store {
  /** Adds an instance, or replaces it. Default: a running one without tags. */
  readonly put: (options: Ec2InstanceOptions) => Ec2Instance;
  /**
   * As EC2 does, a terminated instance loses its DNS name and address and stays describable; one that runs again after it was stopped
   * has a new launch time.
   */
  readonly setState: (instanceId: string, state: InstanceState) => void;
  /** Stops an instance so that it goes on where it was when it is started. */
  readonly hibernate: (instanceId: string) => void;
  /** EC2 boots an instance anew without stopping it, as for a new root volume: its launch time stays. */
  readonly reboot: (instanceId: string) => void;
  /** Calls back at what happens to the host of an instance until the returned function is called. */
  readonly onPower: (listener: (instanceId: string, change: PowerChange) => void) => () => void;
  /** What EC2 has scheduled for an instance, in place of what it had. */
  readonly setScheduledEvents: (instanceId: string, events: readonly ScheduledInstanceEvent[]) => void;
  readonly setTags: (instanceId: string, tags: Readonly<Record<string, string>>) => void;
  /** Forgets an instance, as EC2 does an hour after its end: its id answers InvalidInstanceID.NotFound. */
  readonly remove: (instanceId: string) => void;
  readonly get: (instanceId: string) => Ec2Instance | undefined;
  /** In the order in which they were put. */
  readonly list: () => readonly Ec2Instance[];
  /** What describe calls see: the instances, or what they were so long ago. */
  readonly described: Pick<Ec2Store, 'get' | 'list'>;
  /**
   * Lets describe calls see only what was so many milliseconds ago; 0 at first. What was put since is not there, and what was stopped runs.
   * @see https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html
   */
  readonly setLag: (lagMs: number) => void;
}

/** How many earlier versions of an instance are kept for describe calls that lag. */
const KEPT_VERSIONS = 10;

/** An empty region. */
export function createEc2Store(region: string, clock: Clock): Ec2Store {
  const instances = new Map<string, Ec2Instance>();
  const hibernated = new Set<string>();
  const listeners = new Set<(instanceId: string, change: PowerChange) => void>();
  /** What instances were, until when; `undefined` before they were put. */
  const past = new Map<string, { readonly until: number; readonly was: Ec2Instance | undefined }[]>();
  let lagMs = 0;
  let created = 0;

  const existing = (instanceId: string): Ec2Instance => {
    const instance = instances.get(instanceId);
    if (instance === undefined) throw new Error(`The sandbox has no instance ${instanceId}`);
    return instance;
  };
  const set = (instance: Ec2Instance): void => {
    const { instanceId } = instance;
    const versions = past.get(instanceId) ?? [];
    past.set(instanceId, [...versions, { until: clock.now(), was: instances.get(instanceId) }].slice(-KEPT_VERSIONS));
    instances.set(instanceId, instance);
  };
  const change = (instanceId: string, fields: Partial<Ec2Instance>): void =>
    set({ ...existing(instanceId), ...fields });
  const described = (instanceId: string): Ec2Instance | undefined => {
    const at = clock.now() - lagMs;
    const version = lagMs > 0 ? past.get(instanceId)?.find(({ until }) => until > at) : undefined;
    return version === undefined ? instances.get(instanceId) : version.was;
  };
  const tell = (instanceId: string, what: PowerChange): void => {
    for (const listener of listeners) listener(instanceId, what);
  };
  const setState = (instanceId: string, state: InstanceState): void => {
    const before = existing(instanceId).state;
    change(instanceId, {
      state,
      ...(state === 'terminated' && { privateDnsName: '', privateIpAddress: '' }),
      ...(state === 'running' && before === 'stopped' && { launchTime: new Date(clock.now()) }),
    });
    if (state === before) return;
    if (state === 'stopped' || state === 'terminated') tell(instanceId, state);
    if (state === 'running') tell(instanceId, hibernated.delete(instanceId) ? 'resumed' : 'booted');
  };

  return {
    put: (options) => {
      created += 1;
      const ip = `10.0.${Math.floor(created / 250)}.${(created % 250) + 1}`;
      const instance: Ec2Instance = {
        state: 'running',
        privateDnsName: `ip-${ip.replaceAll('.', '-')}.${region === 'us-east-1' ? 'ec2' : `${region}.compute`}.internal`,
        privateIpAddress: ip,
        instanceType: 'm6i.large',
        availabilityZone: `${region}a`,
        lifecycle: undefined,
        tags: {},
        launchTime: new Date(clock.now()),
        reservationId: `r-${created.toString(16).padStart(17, '0')}`,
        scheduledEvents: [],
        ...options,
      };
      set(instance);
      return instance;
    },
    setState,
    hibernate: (instanceId) => {
      hibernated.add(instanceId);
      setState(instanceId, 'stopped');
    },
    reboot: (instanceId) => tell(existing(instanceId).instanceId, 'booted'),
    onPower: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    setScheduledEvents: (instanceId, scheduledEvents) => change(instanceId, { scheduledEvents }),
    setTags: (instanceId, tags) => change(instanceId, { tags }),
    remove: (instanceId) => void instances.delete(instanceId),
    get: (instanceId) => instances.get(instanceId),
    list: () => [...instances.values()],
    described: { get: described, list: () => [...instances.keys()].flatMap((id) => described(id) ?? []) },
    setLag: (ms) => {
      lagMs = ms;
    },
  };
}
