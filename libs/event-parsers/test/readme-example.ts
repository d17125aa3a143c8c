import { labelValue, parseQueueMessage } from '../src/index.ts';

const body = JSON.stringify({
  version: '0',
  id: '1e5527d7-bb36-4607-3370-4164db56a40e',
  'detail-type': 'EC2 Spot Instance Interruption Warning',
  source: 'aws.ec2',
  time: '2026-01-02T03:04:05Z',
  detail: { 'instance-id': 'i-0b662ef9931388ba0', 'instance-action': 'terminate' },
});

const outcome = parseQueueMessage(body, new Date());
switch (outcome.status) {
  case 'events':
    for (const event of outcome.events) {
      console.log(event.kind, event.instanceId, event.startTime.toISOString());
      console.log(labelValue(event.id));
    }
    break;
  case 'not-actionable':
    console.log(`nothing to do: ${outcome.reason}`);
    break;
  case 'poison':
    console.warn(`not understood: ${outcome.reason}`);
    break;
}
