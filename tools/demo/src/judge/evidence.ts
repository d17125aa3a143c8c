import { readAt, readList } from '@node-termination-handler/sandbox';
import type { KubernetesObject, Sandbox } from '@node-termination-handler/sandbox';
import type { NodeTimeline } from '../observe/timeline.ts';
import { usersTaint } from '../play/cast.ts';
import type { Cast } from '../play/cast.ts';
import type { Evidence } from './judge.ts';

function hasUsersTaint(node: KubernetesObject | undefined): boolean {
  return readList(node, 'spec', 'taints').some(
    (taint) => readAt(taint, 'key') === usersTaint.key && readAt(taint, 'value') === usersTaint.value,
  );
}

/** Gathers what the sandbox has written down. */
export async function gatherEvidence(
  sandbox: Sandbox,
  cast: Cast,
  timelines: readonly NodeTimeline[],
): Promise<Evidence> {
  const { aws, kubernetes } = sandbox;
  const node = (name: string): KubernetesObject | undefined => kubernetes.get({ kind: 'Node', name });
  const { visible, inFlight, delayed } = await aws.sqs.depth();
  return {
    timelines,
    actions: aws.autoScaling.actions(),
    refusedCalls: aws.autoScaling.refused(),
    messages: aws.sqs.messages(),
    messagesInQueue: visible + inFlight + delayed,
    redeliveriesInWork: aws.sqs.redeliveriesInWork(),
    requests: kubernetes.requests(),
    lostDaemonPods: cast.daemonPods.filter((pod) => {
      const [namespace = '', name = ''] = pod.split('/');
      return kubernetes.get({ kind: 'Pod', namespace, name }) === undefined;
    }),
    cordonedBystanders: cast.staying.filter((name) => readAt(node(name), 'spec', 'unschedulable') === true),
    lostUserTaints: cast.going.map(({ name }) => name).filter((name) => !hasUsersTaint(node(name))),
    unknown: sandbox.unknown(),
  };
}
