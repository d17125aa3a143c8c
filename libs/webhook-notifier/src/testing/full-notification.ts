import type { WebhookNotification } from '../notification.ts';

/** A notification with a value in every field; `FullData` in test/golden/webhook is the same in Go. */
export const fullNotification: WebhookNotification = {
  phase: 'drained',
  metadata: {
    accountId: '123456789012',
    instanceId: 'i-0000000000000meta',
    instanceLifeCycle: 'spot',
    instanceType: 'm5.meta',
    publicHostname: 'ec2-192-0-2-54.eu-west-1.compute.amazonaws.com',
    publicIp: '192.0.2.54',
    localHostname: 'ip-10-0-0-1.eu-west-1.compute.internal',
    localIp: '10.0.0.1',
    availabilityZone: 'eu-west-1a',
    region: 'eu-west-1',
  },
  event: {
    eventId: 'spot-itn-6b1f0c',
    kind: 'SPOT_ITN',
    monitor: 'SPOT_ITN_MONITOR',
    description: 'Spot ITN received: "instance" <i-1> & it\'s over — ünïcode',
    state: '',
    autoScalingGroupName: 'my-asg',
    nodeName: 'ip-10-0-0-1.eu-west-1.compute.internal',
    nodeLabels: { 'kubernetes.io/arch': 'amd64', 'node.kubernetes.io/instance-type': 'm5.large', team: 'blue' },
    pods: ['web-1', 'api-2', 'cache-0'],
    instanceId: 'i-0123456789abcdef0',
    providerId: 'aws:///eu-west-1a/i-0123456789abcdef0',
    instanceType: 'm5.large',
    isManaged: true,
    startTime: new Date('2026-01-02T03:04:05.678Z'),
    endTime: new Date('2026-07-03T15:30:00Z'),
    nodeProcessed: false,
    inProgress: true,
  },
};

/** What {@link fullNotification} is without any content. */
export const emptyNotification: WebhookNotification = {
  phase: 'received',
  metadata: {},
  event: { eventId: '', kind: '' },
};
