import {
  AutoScalingServiceException,
  DescribeAutoScalingGroupsCommand,
  DescribeLifecycleHooksCommand,
} from '@aws-sdk/client-auto-scaling';
import type { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { retry } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import type { LifecycleHook } from '@node-termination-handler/event-parsers';
import { errorText } from '@node-termination-handler/logger';

/** For so long an answer is kept, in milliseconds: people change their hooks seldom, and groups send many messages at once. */
const KEPT_MS = 300_000;

/** Of how many hooks, and of how many groups, answers are kept. */
const MOST_KEPT = 1_000;

/** How the pauses grow after which a group that could not be asked is asked again. */
const AGAIN = { firstMs: 1_000, maxMs: 60_000 };

const TERMINATING = 'autoscaling:EC2_INSTANCE_TERMINATING';

/** What a group says of a hook for its instances that terminate. */
export interface DescribedHook {
  /** How long it waits without a heartbeat, in milliseconds. */
  readonly timeoutMs: number;
  /** What the group does when it waits no longer. */
  readonly defaultResult: 'CONTINUE' | 'ABANDON';
  /** Whether the group keeps the instance when the hook has timed out. */
  readonly isRetained: boolean;
}

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
  readonly #hooks: Answers<DescribedHook | undefined>;
  readonly #retention: Answers<boolean>;
  readonly #missingRights = new Set<string>();

  constructor(parts: HooksParts) {
    this.#parts = parts;
    this.#hooks = new Answers(parts.clock);
    this.#retention = new Answers(parts.clock);
  }

  /**
   * What a hook is; asked until its group answers. `undefined`: nobody can say, because the right is missing or the group has no such hook,
   * or the process stops. Never rejects.
   */
  describe(hook: HookName): Promise<DescribedHook | undefined> {
    return this.#hooks.of(keyOf(hook), () => this.#read(hook));
  }

  /** Something has shown that a hook is not what was read: it is read again. */
  forget(hook: HookName): void {
    this.#hooks.forget(keyOf(hook));
  }

  async #read({ autoScalingGroupName, lifecycleHookName }: HookName): Promise<DescribedHook | undefined> {
    const what = `lifecycle hook ${lifecycleHookName} of group ${autoScalingGroupName}`;
    const unknown = 'when lifecycle hooks end is not known, and no disruption budget is broken for them';
    const answer = await this.#ask(what, 'DescribeLifecycleHooks', unknown, (abortSignal) => {
      const input = { AutoScalingGroupName: autoScalingGroupName, LifecycleHookNames: [lifecycleHookName] };
      return this.#parts.autoScaling.send(new DescribeLifecycleHooksCommand(input), { abortSignal });
    });
    if (answer === undefined) return undefined;
    const [hook] = answer.LifecycleHooks ?? [];
    if (hook?.HeartbeatTimeout === undefined || hook.LifecycleTransition !== TERMINATING) {
      this.#parts.onWarning(`${what} is not there, or not for instances that terminate: when it ends is not known`);
      return undefined;
    }
    const defaultResult = hook.DefaultResult === 'CONTINUE' ? 'CONTINUE' : 'ABANDON';
    const isRetained = defaultResult === 'ABANDON' && (await this.#isRetaining(autoScalingGroupName));
    return { timeoutMs: hook.HeartbeatTimeout * 1000, defaultResult, isRetained };
  }

  #isRetaining(group: string): Promise<boolean> {
    const unknown = 'whether groups keep instances whose hook has timed out is not known, and none is taken to';
    return this.#retention.of(group, async () => {
      const answer = await this.#ask(`group ${group}`, 'DescribeAutoScalingGroups', unknown, (abortSignal) =>
        this.#parts.autoScaling.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [group] }), {
          abortSignal,
        }),
      );
      const policy = answer?.AutoScalingGroups?.[0]?.InstanceLifecyclePolicy;
      return policy?.RetentionTriggers?.TerminateHookAbandon === 'retain';
    });
  }

  /** Asks until there is an answer; `undefined` where another try gives none either. */
  async #ask<T>(
    what: string,
    action: string,
    unknown: string,
    call: (signal: AbortSignal) => Promise<T>,
  ): Promise<T | undefined> {
    const { clock, signal, onWarning } = this.#parts;
    let isFirst = true;
    const onRetry = (error: unknown): void => {
      if (isFirst) onWarning(`${what} cannot be read, trying again: ${errorText(error)}`);
      isFirst = false;
    };
    try {
      return await retry({ clock, backoff: AGAIN, signal, onRetry, isWorthRetrying: mayPass }, () => call(signal));
    } catch (error) {
      if (signal.aborted) return undefined;
      if (!isMissingRight(error)) onWarning(`${what} cannot be read: ${errorText(error)}`);
      else if (!this.#missingRights.has(action)) {
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

function isMissingRight(error: unknown): boolean {
  return error instanceof AutoScalingServiceException && /AccessDenied|UnauthorizedOperation/.test(error.name);
}

/** A missing right stays missing for this message, and what the service does not know it will not know in a moment. */
function mayPass(error: unknown): boolean {
  return !isMissingRight(error) && !(error instanceof AutoScalingServiceException && error.name === 'ValidationError');
}
