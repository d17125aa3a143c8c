import type { SceneNode } from './scene-node.ts';
import type { Scene } from './scene.ts';

/** Who took nodes out of service before this version did. */
export type Predecessor = 'the version before' | 'the Go handler';

const PREFIX = 'aws-node-termination-handler';

/** What a predecessor puts on a node: all of them taint and cordon, and label for a reboot; the version before names itself, too. */
export interface OldMarks {
  readonly by: Predecessor;
  readonly taint: 'asg-lifecycle-termination' | 'scheduled-maintenance' | 'spot-itn';
  readonly id: string;
  /** Since when a reboot is waited for. Default: none is. */
  readonly rebootSince?: number;
}

/** Puts them on the node, as their owner would have. */
export async function putMarks(scene: Scene, node: SceneNode, { by, taint, id, rebootSince }: OldMarks): Promise<void> {
  const until = new Date(Date.now() + 20_000).toISOString();
  const claim = JSON.stringify({ holder: 'node-termination-handler/gone-7c9f', state: 'draining', until });
  await scene.kube.patch(`/api/v1/nodes/${node.name}`, {
    metadata: {
      ...(rebootSince !== undefined && {
        labels: {
          [`${PREFIX}/event-id`]: id,
          [`${PREFIX}/action`]: 'UncordonAfterReboot',
          [`${PREFIX}/action-time`]: String(Math.floor(rebootSince / 1000)),
        },
      }),
      ...(by === 'the version before' && {
        annotations: { [`${PREFIX}/claim`]: claim, [`${PREFIX}/cordoned-for`]: id },
      }),
    },
    spec: { unschedulable: true, taints: [{ key: `${PREFIX}/${taint}`, value: id, effect: 'NoSchedule' }] },
  });
}

/** The node can be scheduled to, and nothing of ours is left on it but the record of what is over. */
export async function untilGivenBack(scene: Scene, node: SceneNode): Promise<void> {
  await scene.untilSchedulable(node);
  await scene.eventually('the marks to be gone', async () => {
    const { metadata, spec } = await scene.nodeNow(node);
    const { [`${PREFIX}/interruptions`]: _record, ...annotations } = metadata.annotations ?? {};
    const keys = [...Object.keys({ ...metadata.labels, ...annotations }), ...(spec.taints ?? []).map(({ key }) => key)];
    return !keys.some((key) => key.startsWith(`${PREFIX}/`));
  });
}
