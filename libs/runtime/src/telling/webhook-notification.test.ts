import { describe, expect, it } from 'vitest';
import { cordoned, drained, every, failed, final, lifecycle, step } from './testing/steps.ts';
import { webhookNotification } from './webhook-notification.ts';

describe('the webhook', () => {
  const usual = new Set(['drained', 'failed'] as const);
  const context = { metadata: { region: 'eu-west-1' }, isManaged: true, instanceType: 'm5.large' };

  it('hears of the end of the work, with what is known of event, node and instance', () => {
    expect(webhookNotification(drained, usual, context)).toMatchObject({
      phase: 'drained',
      metadata: { region: 'eu-west-1' },
      event: {
        eventId: 'spot-1',
        kind: 'SPOT_ITN',
        nodeName: 'node-1',
        nodeLabels: { team: 'blue' },
        pods: ['web-1'],
        providerId: 'aws:///eu-west-1a/i-1',
        instanceType: 'm5.large',
        isManaged: true,
        nodeProcessed: true,
      },
    });
    expect(webhookNotification(failed, usual, context)?.phase).toBe('failed');
    const notCordoned = step({ type: 'cordon-failed', reason: '', final: true });
    expect(webhookNotification(notCordoned, usual, context)?.phase).toBe('failed');
  });

  it('hears of a cordon when that is all the event asks for, or when told so', () => {
    expect(webhookNotification(cordoned, usual, context)).toBeUndefined();
    expect(webhookNotification(final, usual, context)?.phase).toBe('cordoned');
    expect(webhookNotification(cordoned, new Set(['cordoned']), context)?.phase).toBe('cordoned');
  });

  it('hears of what was asked for only, and of the group of a lifecycle action', () => {
    expect(webhookNotification(every[0]!, usual, context)).toBeUndefined();
    expect(webhookNotification(every[0]!, new Set(['received']), context)?.phase).toBe('received');
    const terminating = { ...lifecycle('l-1'), autoScalingGroupName: 'workers' };
    expect(webhookNotification({ ...drained, event: terminating }, usual, context)?.event.autoScalingGroupName).toBe(
      'workers',
    );
  });
});
