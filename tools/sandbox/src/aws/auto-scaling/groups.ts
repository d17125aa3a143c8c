import type { Clock } from '@node-termination-handler/clock';
import { createActionBook } from './actions.ts';
import type { ActionBook } from './actions.ts';
import { lifecycleHook, startLifecycleActions } from './lifecycle.ts';
import type { LifecycleAction, LifecycleHook, LifecycleHookOptions } from './lifecycle.ts';
import { createMembers } from './members.ts';
import type { GroupInstance, Members } from './members.ts';
import { lastStates, moves } from './moves.ts';
import type { Move, MoveName, PoolState, PowerAction, SteadyState } from './moves.ts';

/** The warm pool of a group. */
interface WarmPool {
  readonly state: PoolState;
  /** Whether instances come back to it on scale-in. */
  readonly reusesOnScaleIn: boolean;
}

/** What a group does beside holding instances and hooks; each keeps what it was before where it is left out. */
export interface GroupOptions {
  readonly name: string;
  /** `null` takes it away. Default: none. */
  readonly pool?: WarmPool | null;
  /** Whether it keeps instances whose termination was abandoned, as its instance lifecycle policy says. Default false. */
  readonly retains?: boolean;
  /** Whether a rule brings its lifecycle actions to the queue by themselves. Default false: a test sends what it wants sent. */
  readonly sendsEvents?: boolean;
}

/** A group as it stands. */
export interface Group {
  readonly name: string;
  readonly pool: WarmPool | undefined;
  readonly retains: boolean;
  readonly sendsEvents: boolean;
  readonly hooks: ReadonlyMap<string, LifecycleHook>;
}

/** How a move is begun. */
interface MoveOptions {
  /** Whether its own actions are told as the group tells them. Default true; whoever tells them himself says no. */
  readonly isTold?: boolean;
}

/** Moves an instance, and answers with the actions that hold it now; without a hook it goes its way at once. @throws Error from a state that has no such way */
type MoveInstance = (instanceId: string, options?: MoveOptions) => readonly LifecycleAction[];

/** The groups, hooks, instances and actions of the simulated account. */
export interface AutoScalingGroups extends Omit<ActionBook, 'add'>, Pick<Members, 'onChange' | 'passed'> {
  readonly group: (name: string) => Group | undefined;
  /** Adds a group, or changes it. */
  readonly putGroup: (options: GroupOptions) => Group;
  /** Adds a hook, or replaces it; adds its group when missing. */
  readonly putHook: (options: LifecycleHookOptions) => LifecycleHook;
  /** Puts an instance into a group, `InService`; adds the group when missing. */
  readonly attach: (instanceId: string, group: string) => void;
  readonly instance: (instanceId: string) => GroupInstance | undefined;
  readonly instances: () => readonly GroupInstance[];
  /** Out of the warm pool, or newly launched where it does not wait in one; into its present group unless another is named. */
  readonly scaleOut: (
    instanceId: string,
    options?: MoveOptions & { readonly group?: string },
  ) => readonly LifecycleAction[];
  /** A new instance is launched into its group's warm pool. @throws Error for a group without one */
  readonly warm: (instanceId: string, group: string) => readonly LifecycleAction[];
  /** To the warm pool that takes instances back; otherwise, and out of a pool, to its end. */
  readonly scaleIn: MoveInstance;
  /** `TerminateInstanceInAutoScalingGroup`: to its end, wherever it is, also one that was retained. */
  readonly terminate: MoveInstance;
  /** Whether it is where {@link AutoScalingGroups.terminate} may begin. */
  readonly mayTerminate: (instanceId: string) => boolean;
  /** An instance refresh of the strategy `ReplaceRootVolume` has come to this instance. */
  readonly replaceRootVolume: MoveInstance;
  readonly enterStandby: MoveInstance;
  readonly leaveStandby: MoveInstance;
  readonly detach: MoveInstance;
}

/** Whom the groups work with. */
interface GroupParts {
  readonly clock: Clock;
  /** What EC2 is told to do. */
  readonly power: (instanceId: string, action: PowerAction) => void;
  /** How long EC2 takes for that, in ms. Default 0: it is done at once. */
  readonly powerMs?: number;
  /** An action of a group that sends events waits. */
  readonly onWait: (action: LifecycleAction) => void;
}

/** An account without groups. */
export function createAutoScalingGroups({ clock, power, powerMs = 0, onWait }: GroupParts): AutoScalingGroups {
  const groups = new Map<string, Omit<Group, 'hooks'> & { readonly hooks: Map<string, LifecycleHook> }>();
  const members = createMembers(clock);
  const { add, ...book } = createActionBook(clock);
  const timers = new DisposableStack();

  const groupOf = (name: string) => {
    const none = { name, pool: undefined, retains: false, sendsEvents: false, hooks: new Map<string, LifecycleHook>() };
    const group = groups.get(name) ?? none;
    groups.set(name, group);
    return group;
  };
  const memberOf = (instanceId: string): GroupInstance => {
    const member = members.get(instanceId);
    if (member === undefined) throw new Error(`The sandbox's instance ${instanceId} is in no Auto Scaling group`);
    return member;
  };
  const poolStateOf = (group: string): PoolState => groupOf(group).pool?.state ?? 'Stopped';

  /** The instance has passed its hooks, or had none. */
  const proceed = (instanceId: string, move: Move, isAbandoned: boolean): void => {
    const { group } = memberOf(instanceId);
    const isRetained = isAbandoned && groupOf(group).retains;
    const next = isAbandoned ? move.abandoned : 'go on';
    if (isRetained && move.retained !== undefined) members.setState(instanceId, move.retained);
    else if (next === 'end') giveUp(instanceId, move);
    else if (next === 'go on') goOn(instanceId, move, poolStateOf(group));
    else go(instanceId, next);
  };
  const goOn = (instanceId: string, move: Move, pool: PoolState): void => {
    const rest = ({ Stopped: 'stop', Hibernated: 'hibernate', Running: undefined } as const)[pool];
    powered(instanceId, move.after === 'rest' ? rest : move.after, () => {
      arrive(instanceId, move.ends === 'rest' ? `Warmed:${pool}` : move.ends);
      if (move.then !== undefined) go(instanceId, move.then);
    });
  };
  /** Goes on when EC2 has done what it was told. */
  const powered = (instanceId: string, action: PowerAction | undefined, onDone: () => void): void => {
    const done = (): void => {
      if (action !== undefined) power(instanceId, action);
      onDone();
    };
    if (action === undefined || powerMs === 0) {
      done();
      return;
    }
    timers.use(clock.startTimer(powerMs, done, { keepsProcessAlive: false }));
  };
  const arrive = (instanceId: string, state: GroupInstance['lifecycleState']): void => {
    members.setState(instanceId, state);
    if (['Terminated', 'Warmed:Terminated', 'Detached'].includes(state)) members.leave(instanceId);
  };
  const giveUp = (instanceId: string, move: Move): void => {
    const [going, gone] = lastStates(move);
    members.setState(instanceId, going, gone);
    power(instanceId, 'terminate');
    arrive(instanceId, gone);
  };

  /** Lets the hooks of a move hold an instance that is in its first state. */
  const hold = (instanceId: string, move: Move, { isTold = true }: MoveOptions = {}): readonly LifecycleAction[] => {
    let actions: readonly LifecycleAction[] = [];
    powered(instanceId, move.before, () => (actions = begin(instanceId, move, isTold)));
    return actions;
  };
  const begin = (instanceId: string, move: Move, isTold: boolean): readonly LifecycleAction[] => {
    const { origin, destination, action, begins } = move;
    const group = groupOf(memberOf(instanceId).group);
    const hooks = [...group.hooks.values()].filter(({ transition }) => transition === move.transition);
    if (hooks.length === 0 || begins === 'EnteringStandby' || begins === 'Detaching') {
      proceed(instanceId, move, false);
      return [];
    }
    members.setState(instanceId, `${begins}:Wait`);
    const way = { origin, destination, ...(action !== undefined && { action }) };
    const begun = startLifecycleActions(clock, hooks, { instanceId, way }, (isAbandoned) => {
      members.setState(instanceId, `${begins}:Proceed`);
      proceed(instanceId, move, isAbandoned);
    });
    add(begun);
    const actions = begun.map((one) => one.current());
    if (group.sendsEvents && isTold) for (const one of actions) onWait(one);
    return actions;
  };
  const targetOf = ({ target, ends }: Move, group: string): SteadyState | undefined => {
    if (ends === 'rest') return `Warmed:${poolStateOf(group)}`;
    return target ?? (ends === 'RootVolumeReplaced' ? undefined : ends);
  };
  /** Begins a move of an instance that is where such a move begins. */
  const go = (instanceId: string, name: MoveName, options?: MoveOptions): readonly LifecycleAction[] => {
    const move: Move = moves[name];
    const { group, lifecycleState } = memberOf(instanceId);
    if (!move.from.includes(lifecycleState)) {
      throw new Error(`The sandbox's instance ${instanceId} can't ${name}: it is ${lifecycleState}`);
    }
    members.setState(instanceId, move.begins, targetOf(move, group));
    return hold(instanceId, move, options);
  };
  const isWarm = (instanceId: string): boolean => memberOf(instanceId).lifecycleState.startsWith('Warmed:');
  const terminationOf = (instanceId: string): MoveName => (isWarm(instanceId) ? 'terminate in the pool' : 'terminate');
  const launch = (
    instanceId: string,
    group: string,
    name: 'launch' | 'launch into the pool',
    options?: MoveOptions,
  ): readonly LifecycleAction[] => {
    groupOf(group);
    const move: Move = moves[name];
    const target = targetOf(move, group) ?? 'InService';
    members.join({ instanceId, group, lifecycleState: move.begins, target });
    return hold(instanceId, move, options);
  };

  return {
    ...book,
    [Symbol.dispose]: () => {
      book[Symbol.dispose]();
      timers.dispose();
    },
    onChange: members.onChange,
    passed: members.passed,
    group: (name) => groups.get(name),
    putGroup: ({ name, pool, ...rest }) => {
      const group = { ...groupOf(name), ...rest, ...(pool !== undefined && { pool: pool ?? undefined }) };
      groups.set(name, group);
      return group;
    },
    putHook: (options) => {
      const hook = lifecycleHook(options);
      groupOf(hook.group).hooks.set(hook.name, hook);
      return hook;
    },
    attach: (instanceId, group) => {
      groupOf(group);
      members.join({ instanceId, group, lifecycleState: 'InService', target: 'InService' });
    },
    instance: members.get,
    instances: members.list,
    scaleOut: (instanceId, { group = members.get(instanceId)?.group, ...options } = {}) => {
      if (members.get(instanceId) !== undefined && isWarm(instanceId))
        return go(instanceId, 'launch out of the pool', options);
      return launch(instanceId, group ?? memberOf(instanceId).group, 'launch', options);
    },
    warm: (instanceId, group) => {
      if (groupOf(group).pool === undefined) throw new Error(`The sandbox's group ${group} has no warm pool`);
      return launch(instanceId, group, 'launch into the pool');
    },
    scaleIn: (instanceId, options) => {
      if (isWarm(instanceId)) return go(instanceId, 'terminate in the pool', options);
      const { pool } = groupOf(memberOf(instanceId).group);
      return go(instanceId, pool?.reusesOnScaleIn === true ? 'return to the pool' : 'terminate', options);
    },
    terminate: (instanceId, options) => go(instanceId, terminationOf(instanceId), options),
    mayTerminate: (instanceId) => moves[terminationOf(instanceId)].from.includes(memberOf(instanceId).lifecycleState),
    replaceRootVolume: (instanceId, options) => go(instanceId, 'replace the root volume', options),
    enterStandby: (instanceId, options) => go(instanceId, 'enter standby', options),
    leaveStandby: (instanceId, options) => go(instanceId, 'leave standby', options),
    detach: (instanceId, options) => go(instanceId, 'detach', options),
  };
}
