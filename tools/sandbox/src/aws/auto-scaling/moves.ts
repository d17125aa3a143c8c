/** What holds an instance on its way: the launch hooks of its group, or its termination hooks. */
export type LifecycleTransition = 'autoscaling:EC2_INSTANCE_TERMINATING' | 'autoscaling:EC2_INSTANCE_LAUNCHING';

/** Where an instance comes from and goes to, as messages say it. */
type Place = 'EC2' | 'AutoScalingGroup' | 'WarmPool';

/** What the instances of a warm pool do while they wait. */
export type PoolState = 'Stopped' | 'Running' | 'Hibernated';

/** The first state of a move; its hooks hold the instance in `…:Wait`, after which it is in `…:Proceed`. */
type Stem = 'Pending' | 'Terminating' | 'Warmed:Pending' | 'Warmed:Terminating' | 'ReplacingRootVolume';

/** The states in which an instance stays until its group moves it. */
export type SteadyState =
  'InService' | 'Standby' | 'Detached' | 'Terminated' | `Warmed:${PoolState}` | 'Warmed:Terminated';

/** The states in which an instance whose termination was abandoned stays. */
type RetainedState = 'Terminating:Retained' | 'Warmed:Pending:Retained' | 'Warmed:Terminating:Retained';

/**
 * A state of an instance in its group.
 * @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_AutoScalingInstanceDetails.html
 */
export type LifecycleState =
  | Stem
  | `${Stem}:Wait`
  | `${Stem}:Proceed`
  | SteadyState
  | RetainedState
  | 'EnteringStandby'
  | 'Detaching'
  | 'RootVolumeReplaced';

/** What a move has EC2 do to the instance. */
export type PowerAction = 'start' | 'stop' | 'hibernate' | 'replace-root-volume' | 'terminate';

/** One way of an instance from a state in which it stays to the next. */
export interface Move {
  /** In which states the instance may be; none: it is not in the group yet. */
  readonly from: readonly LifecycleState[];
  readonly origin: Place;
  readonly destination: Place;
  /** What messages say of it besides: of a root volume's replacement alone. */
  readonly action?: 'ReplaceRootVolume';
  /** Which hooks hold it; none do, where it is left out. */
  readonly transition?: LifecycleTransition;
  /** The state in which it begins. */
  readonly begins: Stem | 'EnteringStandby' | 'Detaching';
  /** What is done to the instance before its hooks. */
  readonly before?: PowerAction;
  /** What is done to it after them; `rest` is what the pool's state asks for. */
  readonly after?: PowerAction | 'rest';
  /** Where it ends; `rest` is the pool's state. */
  readonly ends: SteadyState | 'RootVolumeReplaced' | 'rest';
  /** What the instance's own metadata says meanwhile. Default: where it ends. */
  readonly target?: SteadyState;
  /** What follows at once. */
  readonly then?: MoveName;
  /** What follows when a hook ends with `ABANDON`; `go on` as if it had ended with `CONTINUE`. */
  readonly abandoned: MoveName | 'go on' | 'end';
  /** Where it stays instead, when its group retains instances whose termination was abandoned. */
  readonly retained?: RetainedState;
}

/** The moves that there are. */
export type MoveName =
  | 'launch'
  | 'launch into the pool'
  | 'launch out of the pool'
  | 'terminate'
  | 'return to the pool'
  | 'terminate in the pool'
  | 'replace the root volume'
  | 'return with a new root volume'
  | 'enter standby'
  | 'leave standby'
  | 'detach';

const launching = 'autoscaling:EC2_INSTANCE_LAUNCHING';
const terminating = 'autoscaling:EC2_INSTANCE_TERMINATING';

/** The states of the instances that wait in a warm pool. */
const warm = ['Warmed:Stopped', 'Warmed:Running', 'Warmed:Hibernated'] as const;

/**
 * Every move, as AWS describes them; what its pages leave open is chosen as docs/auto-scaling.md lists it.
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/lifecycle-hooks-overview.html
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/warm-pool-instance-lifecycle.html
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/replace-root-volume.html
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/manage-retained-instances.html
 */
export const moves: Readonly<Record<MoveName, Move>> = {
  launch: {
    from: [],
    origin: 'EC2',
    destination: 'AutoScalingGroup',
    transition: launching,
    before: 'start',
    begins: 'Pending',
    ends: 'InService',
    abandoned: 'end',
  },
  'launch into the pool': {
    from: [],
    origin: 'EC2',
    destination: 'WarmPool',
    transition: launching,
    before: 'start',
    begins: 'Warmed:Pending',
    after: 'rest',
    ends: 'rest',
    abandoned: 'end',
  },
  'launch out of the pool': {
    from: warm,
    origin: 'WarmPool',
    destination: 'AutoScalingGroup',
    transition: launching,
    before: 'start',
    begins: 'Pending',
    ends: 'InService',
    abandoned: 'end',
  },
  terminate: {
    from: ['InService', 'Standby', 'Terminating:Retained', 'ReplacingRootVolume:Proceed'],
    origin: 'AutoScalingGroup',
    destination: 'EC2',
    transition: terminating,
    begins: 'Terminating',
    after: 'terminate',
    ends: 'Terminated',
    abandoned: 'go on',
    retained: 'Terminating:Retained',
  },
  'return to the pool': {
    from: ['InService'],
    origin: 'AutoScalingGroup',
    destination: 'WarmPool',
    transition: terminating,
    begins: 'Warmed:Pending',
    after: 'rest',
    ends: 'rest',
    abandoned: 'go on',
    retained: 'Warmed:Pending:Retained',
  },
  'terminate in the pool': {
    from: [...warm, 'Warmed:Pending:Retained', 'Warmed:Terminating:Retained'],
    origin: 'WarmPool',
    destination: 'EC2',
    transition: terminating,
    begins: 'Warmed:Terminating',
    after: 'terminate',
    ends: 'Warmed:Terminated',
    abandoned: 'go on',
    retained: 'Warmed:Terminating:Retained',
  },
  'replace the root volume': {
    from: ['InService'],
    origin: 'AutoScalingGroup',
    destination: 'AutoScalingGroup',
    transition: terminating,
    action: 'ReplaceRootVolume',
    begins: 'ReplacingRootVolume',
    after: 'replace-root-volume',
    ends: 'RootVolumeReplaced',
    target: 'InService',
    then: 'return with a new root volume',
    abandoned: 'terminate',
  },
  'return with a new root volume': {
    from: ['RootVolumeReplaced'],
    origin: 'AutoScalingGroup',
    destination: 'AutoScalingGroup',
    transition: launching,
    action: 'ReplaceRootVolume',
    begins: 'Pending',
    ends: 'InService',
    abandoned: 'end',
  },
  'enter standby': {
    from: ['InService'],
    origin: 'AutoScalingGroup',
    destination: 'AutoScalingGroup',
    begins: 'EnteringStandby',
    ends: 'Standby',
    abandoned: 'end',
  },
  'leave standby': {
    from: ['Standby'],
    origin: 'AutoScalingGroup',
    destination: 'AutoScalingGroup',
    begins: 'Pending',
    ends: 'InService',
    abandoned: 'end',
  },
  detach: {
    from: ['InService', 'Standby', 'Terminating:Retained'],
    origin: 'AutoScalingGroup',
    destination: 'EC2',
    begins: 'Detaching',
    ends: 'Detached',
    abandoned: 'end',
  },
};

/** How an instance that its group gives up is ended, without hooks: in the pool it has states of its own. */
export function lastStates(
  move: Move,
): readonly ['Terminating', 'Terminated'] | readonly ['Warmed:Terminating', 'Warmed:Terminated'] {
  return move.destination === 'WarmPool' ? ['Warmed:Terminating', 'Warmed:Terminated'] : ['Terminating', 'Terminated'];
}
