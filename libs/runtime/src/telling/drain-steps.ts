import type { PodOutcome } from '@node-termination-handler/interruption-handler';
import { nameOfHold } from '@node-termination-handler/node-drainer';
import type { DrainProgress, PodRef } from '@node-termination-handler/node-drainer';

/** A line of the log, its fields beside its level and message. */
export type Said = { readonly level: 'debug' | 'info' | 'warn' | 'error'; readonly message: string } & Readonly<
  Record<string, string | number | boolean | readonly string[]>
>;

/** What `kubectl describe` shows of a step. */
export interface KubernetesEventText {
  /** The object that it is about; a pod has a namespace. */
  readonly subject: {
    readonly kind: 'Node' | 'Pod';
    readonly name: string;
    readonly uid: string;
    readonly namespace?: string;
  };
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  /** Of this event alone. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Makes the events of a node, by reason and message. */
export interface OnNode {
  /** The node's name. */
  readonly node: string;
  readonly normal: (reason: string, message: string) => KubernetesEventText;
  readonly warning: (reason: string, message: string) => KubernetesEventText;
}

/** Says a step of a drain, in a dry run what it would be. Pure. */
export function drainLine(progress: DrainProgress, isDryRun: boolean): Said {
  const { message: reason } = { message: undefined, ...progress };
  const { level, message, ...own } = sayDrain(progress, isDryRun);
  return {
    level,
    message,
    ...('pod' in progress ? { pod: podName(progress.pod) } : {}),
    ...(reason === undefined ? {} : { reason }),
    ...own,
  };
}

function sayDrain(progress: DrainProgress, isDryRun: boolean): Said {
  switch (progress.type) {
    case 'planned':
      return {
        level: 'info',
        message: isDryRun ? 'Pods on node, with what would be done to them' : 'Pods on node',
        pod_names: progress.pods.map(({ pod }) => pod.name),
        pods: progress.pods.map(({ pod, decision }) => `${podName(pod)} ${decision}`),
        ...(progress.warnings.length === 0 ? {} : { warnings: progress.warnings }),
      };
    case 'evicting':
      return {
        level: 'debug',
        message: progress.how === 'evict' ? 'evicting pod' : 'deleting pod',
        attempt: progress.attempt,
      };
    case 'evicted':
      return {
        level: progress.hurried ? 'info' : 'debug',
        message: progress.hurried ? 'pod evicted with the grace that remains' : 'pod evicted',
        'grace-seconds': progress.graceSeconds,
      };
    case 'deleted':
      return {
        ...DELETED[progress.reason],
        ...(progress.graceSeconds === undefined ? {} : { 'grace-seconds': progress.graceSeconds }),
        ...(progress.heldBy === undefined ? {} : { 'held-by': nameOfHold(progress.heldBy) }),
      };
    case 'blocked':
      return {
        level: progress.isNew ? 'warn' : 'debug',
        message: HELD[progress.heldBy.kind],
        'held-by': nameOfHold(progress.heldBy),
        advice: progress.advice,
        'retry-at': progress.until.toISOString(),
      };
    case 'condition-failed':
      return { level: 'warn', message: 'the condition DisruptionTarget could not be written' };
    case 'right-missing':
      return { level: 'warn', message: 'a right is missing that the drain can do without', right: progress.right };
    case 'throttled':
      return {
        level: 'warn',
        message: 'the API server asks to slow down',
        'retry-at': progress.until.toISOString(),
      };
    case 'retrying':
      return {
        level: progress.isNew ? 'warn' : 'debug',
        message: 'eviction is tried again',
        attempt: progress.attempt,
      };
    case 'refused':
      return {
        level: progress.isNew ? 'error' : 'debug',
        message: 'pod cannot be evicted',
        'retry-at': progress.until.toISOString(),
      };
    case 'gone':
      return { level: 'debug', message: 'pod is gone', 'pods-left': progress.podsLeft };
    case 'at-risk':
      return {
        level: 'warn',
        message: 'the drain cannot end in time',
        pods: progress.pods.map(podName),
        'held-by': progress.heldBy === undefined ? '' : nameOfHold(progress.heldBy),
        'seconds-short': round(progress.secondsShort),
      };
    case 'deadline-moved':
      return { level: 'info', message: 'the drain has another deadline', deadline: momentOf(progress.deadline) };
    case 'kubelet-silent':
      return {
        level: 'warn',
        message: 'the kubelet of the node is silent, and nobody else can end its pods',
        pods: progress.pods.map(podName),
      };
    case 'disconnected':
      return { level: 'warn', message: 'the watch of the pods broke and is renewed' };
    case 'left':
      return { level: 'warn', message: 'pod is still there', state: progress.state, reason: progress.message ?? '' };
    case 'finished':
      return {
        level: 'debug',
        message: isDryRun ? 'the drain would have ended' : 'drain ended',
        outcome: progress.outcome,
        'duration-ms': round(progress.durationMs),
      };
  }
}

const DELETED: Readonly<
  Record<Extract<DrainProgress, { type: 'deleted' }>['reason'], Pick<Said, 'level' | 'message'>>
> = {
  completed: { level: 'info', message: 'ended pod deleted' },
  'namespace-terminating': { level: 'info', message: 'pod deleted: its namespace goes' },
  deadline: { level: 'warn', message: 'pod deleted though its eviction was refused: the instance goes away' },
  shortened: { level: 'warn', message: 'the grace of the pod was cut: the instance goes away' },
};

const HELD: Readonly<Record<'budget' | 'webhook' | 'policy', string>> = {
  budget: 'a disruption budget holds the pod',
  webhook: 'an admission webhook holds the pod',
  policy: 'an admission policy holds the pod',
};

/** The events of a step of a drain; none for most. Pure. */
export function drainEvents(
  progress: DrainProgress,
  { node, normal, warning }: OnNode,
): readonly KubernetesEventText[] {
  if (progress.type === 'at-risk') return [warning('CordonAndDrainError', progress.message)];
  if (progress.type === 'kubelet-silent')
    return [warning('CordonAndDrainError', 'The kubelet is silent, and nobody else can end the pods')];
  // On the node, where all pods that one budget holds are one event with their number; on each pod they would be a flood.
  if (progress.type === 'blocked')
    return [normal('EvictionRefused', `Pods stay, and are asked again: ${nameOfHold(progress.heldBy)} refuses`)];
  if (progress.type !== 'evicted' && progress.type !== 'deleted') return [];
  return [podEvent(progress.pod, node, ...podEnding(progress))];
}

/** The events of a pod that came to an end in another way than by what is done to it. Pure. */
export function podOutcomeEvents(pod: PodRef, outcome: PodOutcome, node: string): readonly KubernetesEventText[] {
  if (outcome === 'lost') return [podEvent(pod, node, 'Warning', 'Pod lost with its node: nothing had told it to end')];
  if (outcome === 'cut-short')
    return [podEvent(pod, node, 'Warning', 'Pod cut short by the end of its node: its grace was not over')];
  if (outcome === 'left')
    return [podEvent(pod, node, 'Normal', 'Pod left on its node: a rule of the drain keeps it, or nobody can end it')];
  return [];
}

function podEvent(
  { namespace, name, uid }: PodRef,
  node: string,
  type: KubernetesEventText['type'],
  text: string,
): KubernetesEventText {
  return {
    subject: { kind: 'Pod', namespace, name, uid },
    type,
    reason: 'PodEviction',
    message: `${text} (node ${node})`,
    annotations: { node },
  };
}

/** What was done to a pod, as it was; the sentence about an eviction is the Go handler's. */
function podEnding(
  progress: Extract<DrainProgress, { type: 'evicted' | 'deleted' }>,
): readonly [type: KubernetesEventText['type'], text: string] {
  const grace = `${progress.graceSeconds ?? 0} s of grace`;
  if (progress.type === 'evicted') {
    const text = 'Pod evicted due to node drain';
    return progress.hurried ? ['Warning', `${text} with ${grace} left`] : ['Normal', text];
  }
  switch (progress.reason) {
    case 'completed':
      return ['Normal', 'Ended pod deleted due to node drain'];
    case 'namespace-terminating':
      return ['Normal', 'Pod deleted due to node drain: its namespace goes'];
    case 'deadline': {
      const by = progress.heldBy === undefined ? '' : `: ${nameOfHold(progress.heldBy)} had refused its eviction`;
      return ['Warning', `Pod deleted with ${grace} left before the instance goes away${by}`];
    }
    case 'shortened':
      return ['Warning', `Pod left with ${grace} before the instance goes away`];
  }
}

/** A moment, also of what has none. */
export function momentOf(moment: Date | undefined): string {
  return moment?.toISOString() ?? 'none';
}

/** The name of a pod with its namespace. */
export function podName({ namespace, name }: PodRef): string {
  return `${namespace}/${name}`;
}

/** To a tenth. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}
