import { DescribeAutoScalingGroupsCommand, DescribeLifecycleHooksCommand } from '@aws-sdk/client-auto-scaling';
import type { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { LastingFailure, retry } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import type { LifecycleHook } from '@node-termination-handler/event-parsers';
import { errorText } from '@node-termination-handler/logger';
import { isValidationError, lacksRight } from '@node-termination-handler/runtime/aws';

/** For so long an answer is kept, in milliseconds: people change their hooks seldom, and groups send many messages at once. */
const KEPT_MS = 300_000;

/** Of how many hooks, and of how many groups, answers are kept. */
const MOST_KEPT = 1_000;

/** How the pauses grow after which a group that could not be asked is asked again. */
const AGAIN = { firstMs: 1_000, maxMs: 60_000 };

/** Which way of its instances a hook holds up, by the kind of the event that tells of it. */
const TRANSITIONS = {
  ASG_LIFECYCLE: 'autoscaling:EC2_INSTANCE_TERMINATING',
  ASG_LAUNCH_LIFECYCLE: 'autoscaling:EC2_INSTANCE_LAUNCHING',
} as const;

/** What an event tells that a hook is for. */
export type HookUse = keyof typeof TRANSITIONS;

/** What a group says of a hook of its own. */
export interface DescribedHook {
  /** How long it waits without a heartbeat, in milliseconds. */
  readonly timeoutMs: number;
  /** What the group does when it waits no longer. */
  readonly defaultResult: 'CONTINUE' | 'ABANDON';
  /** Whether the group keeps the instance when the hook has timed out. */
  readonly isRetained: boolean;
}

/** What a group says of a hook that an event names. */
export type HookAnswer =
  | ({ readonly status: 'confirmed' } & DescribedHook)
  /** It has no such hook, or has it for the other transition. */
  | { readonly status: 'denied'; readonly reason: string }
  /** Nobody can say: the right is missing, or the process stops. */
  | { readonly status: 'unknown' };

/** What is read of a hook, for whatever use; `absent`: its group has none of the name. */
type ReadHook =
  | { readonly timeoutMs: number; readonly transition: string; readonly defaultResult: DescribedHook['defaultResult'] }
  | 'absent'
  | undefined;

/** A hook by its names. */
export type HookName = Pick<LifecycleHook, 'autoScalingGroupName' | 'lifecycleHookName'>;

/** What asking for hooks needs. */
export interface HooksParts {
  readonly autoScaling: Pick<AutoScalingClient, 'send'>;
  readonly clock: Clock;
  /** Ends what is being asked. */
  readonly signal: AbortSignal;
  readonly onWarning: (message: string) => void;
}

/**
 * What lifecycle hooks are, as their groups say: read once for all messages of some minutes. Both calls are optional rights, of which one
 * that is missing is said once.
 *
 * @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeLifecycleHooks.html
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-lifecycle-policy.html
 */
export class Hooks {
  readonly #parts: HooksParts;
  readonly #hooks: Answers<ReadHook>;
  readonly #retention: Answers<boolean>;
  readonly #missingRights = new Set<string>();

  constructor(parts: HooksParts) {
    this.#parts = parts;
    this.#hooks = new Answers(parts.clock);
    this.#retention = new Answers(parts.clock);
  }

  /**
   * Whether a group has a hook for what an event tells of, and what it is; asked until the group answers. Never rejects.
   *
   * @param resultAtEnd - What the hook gets when its end comes, instead of its default result.
   */
  async describe(hook: HookName, use: HookUse, resultAtEnd?: DescribedHook['defaultResult']): Promise<HookAnswer> {
    const { autoScalingGroupName: group, lifecycleHookName: name } = hook;
    const read = await this.#hooks.of(keyOf(hook), () => this.#read(hook));
    if (read === undefined) return { status: 'unknown' };
    const isIts = read !== 'absent' && read.transition === TRANSITIONS[use];
    if (!isIts) {
      // What is denied may be put right at once, and must not be denied for minutes then.
      this.forget(hook);
      const what = read === 'absent' ? 'there is none' : `it is one for ${read.transition}`;
      return {
        status: 'denied',
        reason: `group ${group} has no lifecycle hook ${name} for ${TRANSITIONS[use]}: ${what}`,
      };
    }
    const { timeoutMs } = read;
    const defaultResult = resultAtEnd ?? read.defaultResult;
    const mayBeRetained = use === 'ASG_LIFECYCLE' && defaultResult === 'ABANDON';
    const isRetained = mayBeRetained && (await this.#isRetaining(group));
    return { status: 'confirmed', timeoutMs, defaultResult, isRetained };
  }

  /** Something has shown that a hook is not what was read: it is read again. */
  forget(hook: HookName): void {
    this.#hooks.forget(keyOf(hook));
  }

  async #read({ autoScalingGroupName, lifecycleHookName }: HookName): Promise<ReadHook> {
    const what = `lifecycle hook ${lifecycleHookName} of group ${autoScalingGroupName}`;
    const unknown = 'when lifecycle hooks end is not known, and no disruption budget is broken for them';
    const answer = await this.#ask(what, 'DescribeLifecycleHooks', unknown, (abortSignal) => {
      const input = { AutoScalingGroupName: autoScalingGroupName, LifecycleHookNames: [lifecycleHookName] };
      return this.#parts.autoScaling.send(new DescribeLifecycleHooksCommand(input), { abortSignal });
    });
    if (answer === undefined) return undefined;
    if (answer === 'refused') return 'absent';
    const [hook] = answer.LifecycleHooks ?? [];
    const { HeartbeatTimeout: seconds, LifecycleTransition: transition } = hook ?? {};
    if (seconds === undefined || transition === undefined) return 'absent';
    const defaultResult = hook?.DefaultResult === 'CONTINUE' ? 'CONTINUE' : 'ABANDON';
    return { timeoutMs: seconds * 1000, transition, defaultResult };
  }

  #isRetaining(group: string): Promise<boolean> {
    const unknown = 'whether groups keep instances whose hook has timed out is not known, and none is taken to';
    return this.#retention.of(group, async () => {
      const answer = await this.#ask(`group ${group}`, 'DescribeAutoScalingGroups', unknown, (abortSignal) =>
        this.#parts.autoScaling.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [group] }), {
          abortSignal,
        }),
      );
      if (answer === undefined || answer === 'refused') return false;
      const policy = answer.AutoScalingGroups?.[0]?.InstanceLifecyclePolicy;
      return policy?.RetentionTriggers?.TerminateHookAbandon === 'retain';
    });
  }

  /** Asks until there is an answer; `undefined` where another try gives none either. `refused`: the service knows nothing of the name. */
  async #ask<T>(
    what: string,
    action: string,
    unknown: string,
    call: (signal: AbortSignal) => Promise<T>,
  ): Promise<T | 'refused' | undefined> {
    const { clock, signal, onWarning } = this.#parts;
    const reading = new LastingFailure(clock);
    const onRetry = (error: unknown): void => {
      const { news } = reading.failed(errorText(error));
      if (news !== 'none') onWarning(`${what} cannot be read, trying again: ${errorText(error)}`);
    };
    try {
      return await retry({ clock, backoff: AGAIN, signal, onRetry, isWorthRetrying: mayPass }, () => call(signal));
    } catch (error) {
      if (signal.aborted) return undefined;
      if (isValidationError(error)) return 'refused';
      if (!this.#missingRights.has(action)) {
        this.#missingRights.add(action);
        onWarning(`the role lacks autoscaling:${action} (docs/install.md): ${unknown}`);
      }
      return undefined;
    }
  }
}

/** Answers that are kept for a while: the newest of them. */
class Answers<T> {
  readonly #clock: Clock;
  readonly #kept = new Map<string, { readonly answer: Promise<T>; untilMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  of(key: string, ask: () => Promise<T>): Promise<T> {
    const known = this.#kept.get(key);
    if (known !== undefined && this.#clock.monotonic() < known.untilMs) return known.answer;
    const asked = { answer: ask(), untilMs: Infinity };
    void asked.answer.then(() => (asked.untilMs = this.#clock.monotonic() + KEPT_MS));
    this.#kept.delete(key);
    this.#kept.set(key, asked);
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined && this.#kept.size > MOST_KEPT) this.#kept.delete(oldest);
    return asked.answer;
  }

  forget(key: string): void {
    this.#kept.delete(key);
  }
}

function keyOf({ autoScalingGroupName, lifecycleHookName }: HookName): string {
  return `${autoScalingGroupName}\n${lifecycleHookName}`;
}

/** A missing right stays missing for this message, and what the service does not know it will not know in a moment. */
function mayPass(error: unknown): boolean {
  return !lacksRight(error) && !isValidationError(error);
}
