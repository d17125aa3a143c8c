import { eventId } from '@node-termination-handler/event-parsers';
import type { ImdsDocumentName } from '@node-termination-handler/event-parsers';
import { CLAIM_ANNOTATION, writeClaim } from '@node-termination-handler/interruption-handler';
import { describe, expect, it } from 'vitest';
import { forgottenNotice } from './forgotten-cordon.ts';

const NOW = new Date('2026-01-02T03:04:05Z');
const CORDONED_FOR = 'aws-node-termination-handler/cordoned-for';
const present = { documents: new Set<ImdsDocumentName>(['scheduled-events', 'spot-instance-action']), active: [] };

function node(annotations: Record<string, string>, labels: Record<string, string> = {}, unschedulable = true) {
  return { annotations, labels, unschedulable };
}

describe('a cordon from before a restart', () => {
  it('is forgotten when the metadata has taken its notice back', () => {
    const id = 'instance-event-0d59937288b749b32';
    expect(forgottenNotice(node({ [CORDONED_FOR]: id }), present, NOW)).toBe(id);
    expect(forgottenNotice(node({ [CORDONED_FOR]: 'spot-itn-0123' }), present, NOW)).toBe('spot-itn-0123');
  });

  it('is known by the labels of the handler that wrote no annotation', () => {
    const labels = {
      'aws-node-termination-handler/action': 'UncordonAfterReboot',
      'aws-node-termination-handler/action-time': '1767000000',
      'aws-node-termination-handler/event-id': 'instance-event-1',
    };
    expect(forgottenNotice(node({}, labels), present, NOW)).toBe('instance-event-1');
    const { 'aws-node-termination-handler/action': _action, ...idOnly } = labels;
    expect(forgottenNotice(node({}, idOnly), present, NOW)).toBeUndefined();
  });

  it.each([
    ['somebody else’s', node({})],
    ['for a message of a queue', node({ [CORDONED_FOR]: 'spot-itn-event-1' })],
    ['for an AWS Health event', node({ [CORDONED_FOR]: 'aws-health-scheduled-change-event-1-i-1' })],
    ['for a document that is not watched', node({ [CORDONED_FOR]: 'rebalance-recommendation-0123' })],
    ['ended already', node({ [CORDONED_FOR]: 'instance-event-1' }, {}, false)],
  ])('is left alone when it is %s', (_what, each) => {
    expect(forgottenNotice(each, present, NOW)).toBeUndefined();
  });

  it('is left alone while another notice or another process holds the node', () => {
    const cordoned = node({ [CORDONED_FOR]: 'instance-event-1' });
    expect(forgottenNotice(cordoned, { ...present, active: [eventId('spot-itn-1')] }, NOW)).toBeUndefined();
    const claimedUntil = (ms: number) =>
      node({
        [CORDONED_FOR]: 'instance-event-1',
        [CLAIM_ANNOTATION]: writeClaim({ holder: 'q', state: 'draining', until: new Date(NOW.getTime() + ms) }),
      });
    expect(forgottenNotice(claimedUntil(1_000), present, NOW)).toBeUndefined();
    expect(forgottenNotice(claimedUntil(-1_000), present, NOW)).toBe('instance-event-1');
  });
});
