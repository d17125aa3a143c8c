import type { Clock } from '@node-termination-handler/clock';
import { randomUUID } from 'node:crypto';
import type { AwsSimulator } from './aws/simulator.ts';
import type { ImdsSimulator } from './imds/simulator.ts';
import { readList, readRecord, readString } from './json-value.ts';
import type { KubernetesSimulator } from './kubernetes/simulator.ts';

/** A node, the instance under it, and its metadata service where it has one. */
export interface HostedNode {
  readonly name: string;
  readonly instanceId: string;
  readonly imds: ImdsSimulator | undefined;
}

/** How hosts are followed. */
interface HostOptions {
  readonly clock: Clock;
  /** How long after a boot the kubelet is well, in ms. */
  readonly bootMs: number;
}

/**
 * Lets nodes follow their instances: one that is stopped is silent, one that has booted has another boot id and is `Ready` a while later,
 * and its metadata says where its group moves it. What ran on it is for the test to say: pods know nothing of hosts here.
 */
export function followHosts(
  nodes: readonly HostedNode[],
  { aws, kubernetes }: { readonly aws: AwsSimulator; readonly kubernetes: KubernetesSimulator },
  { clock, bootMs }: HostOptions,
): Disposable {
  const byInstance = new Map(nodes.map((node) => [node.instanceId, node]));
  const stack = new DisposableStack();

  const write = (
    name: string,
    ready: 'True' | 'False' | 'Unknown',
    fields: Readonly<Record<string, unknown>>,
  ): void => {
    const node = kubernetes.get({ kind: 'Node', name });
    if (node === undefined) return;
    const status = readRecord(node, 'status');
    const others = readList(status, 'conditions').filter((condition) => readString(condition, 'type') !== 'Ready');
    const reason = { True: 'KubeletReady', False: 'KubeletNotReady', Unknown: 'NodeStatusUnknown' }[ready];
    const conditions = [...others, { type: 'Ready', status: ready, reason }];
    const nodeInfo = { ...readRecord(status, 'nodeInfo'), ...fields };
    kubernetes.put({ ...node, status: { ...status, conditions, nodeInfo } });
  };
  const isRunning = (instanceId: string): boolean => aws.ec2.get(instanceId)?.state === 'running';

  stack.defer(
    aws.ec2.onPower((instanceId, change) => {
      const name = byInstance.get(instanceId)?.name;
      if (name === undefined || change === 'terminated') return;
      if (change === 'stopped') {
        write(name, 'Unknown', {});
        return;
      }
      write(name, 'False', change === 'booted' ? { bootID: randomUUID() } : {});
      const beReady = (): void => {
        if (isRunning(instanceId)) write(name, 'True', {});
      };
      const timer = clock.startTimer(bootMs, beReady, { keepsProcessAlive: false });
      stack.defer(() => timer.stop());
    }),
  );
  stack.defer(
    aws.autoScaling.onChange(({ instanceId, target }) => byInstance.get(instanceId)?.imds?.setLifecycleState(target)),
  );
  return stack;
}
