import { describe, expect, it } from 'vitest';
import { controllerUid, instanceIdOf, node, pod, podDisruptionBudget, workload } from './builders.ts';
import { start } from './testing/harness.ts';

const attachment = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'VolumeAttachment',
  metadata: { name: 'v' },
  spec: { attacher: 'ebs.csi.aws.com', nodeName: 'n1', source: { persistentVolumeName: 'pv' } },
  status: { attached: true },
};

describe('the builders', () => {
  it('make objects that the API takes', async () => {
    const { kubernetes, client } = await start();
    kubernetes.setPodBehaviour('default', 'web-1', { startsAfterMs: 'never' });
    const all: readonly (readonly [string, unknown])[] = [
      [
        '/api/v1/nodes',
        node({
          name: 'n1',
          annotations: { a: 'b' },
          taints: [{ key: 'a', effect: 'NoExecute' }],
          unschedulable: true,
          ready: false,
        }),
      ],
      ['/api/v1/nodes', node({ name: 'n2', providerId: '', hostname: 'host', zone: 'us-east-1b', instanceId: 'i-1' })],
      [
        '/api/v1/namespaces/default/pods',
        pod({
          name: 'web-1',
          node: 'n1',
          owner: 'ReplicaSet',
          emptyDir: true,
          priorityClassName: 'system-node-critical',
          serviceAccountName: 'x',
          tolerations: [{ operator: 'Exists' }],
          annotations: { a: 'b' },
          endsAfterMs: 'hangs',
        }),
      ],
      ['/api/v1/namespaces/default/pods', pod({ name: 'static', node: 'n1', mirror: true })],
      ['/apis/policy/v1/namespaces/default/poddisruptionbudgets', podDisruptionBudget({ name: 'web' })],
      ['/apis/apps/v1/namespaces/default/deployments', workload({ kind: 'Deployment', name: 'web' })],
      ['/apis/apps/v1/namespaces/default/daemonsets', workload({ kind: 'DaemonSet', name: 'agent' })],
      ['/apis/batch/v1/namespaces/default/jobs', workload({ kind: 'Job', name: 'job', replicas: 3 })],
      ['/apis/storage.k8s.io/v1/volumeattachments', attachment],
    ];
    for (const [path, body] of all) {
      const reply = await client.post(path, body);
      expect(reply.code, reply.raw).toBe(201);
    }
  });

  it('give nodes the instance of an EC2 node', () => {
    const built = node({ name: 'n1', zone: 'eu-west-1c' });
    expect(built).toMatchObject({
      metadata: {
        labels: {
          'topology.kubernetes.io/region': 'eu-west-1',
          'topology.kubernetes.io/zone': 'eu-west-1c',
          'kubernetes.io/hostname': 'n1',
        },
      },
      spec: { providerID: `aws:///eu-west-1c/${instanceIdOf('n1')}` },
    });
    expect(instanceIdOf('n1')).toMatch(/^i-0[0-9a-f]{16}$/);
    expect(instanceIdOf('n1')).not.toBe(instanceIdOf('n2'));
  });

  it('let pods find their controllers by uid', () => {
    const owner = {
      kind: 'ReplicaSet',
      name: 'web',
      uid: controllerUid('ReplicaSet', 'default', 'web'),
      controller: true,
    };
    expect(pod({ name: 'web-1', owner: 'ReplicaSet' }).metadata.ownerReferences).toMatchObject([owner]);
    expect(pod({ name: 'x', owner: 'ReplicaSet', ownerName: 'web' }).metadata.ownerReferences).toMatchObject([owner]);
    expect(workload({ kind: 'ReplicaSet', name: 'web' }).metadata.uid).toBe(owner.uid);
    expect(pod({ name: 'x' }).metadata.ownerReferences).toBeUndefined();
  });
});
