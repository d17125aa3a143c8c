import { test } from 'vitest';
import { instanceId } from './event.ts';
import { parseImdsDocument, parseQueueMessage } from './registry.ts';

const now = new Date('2026-01-02T03:05:00Z');
const ours = JSON.stringify({
  version: '0',
  id: '1e5527d7-bb36-4607-3370-4164db56a40e',
  'detail-type': 'EC2 Spot Instance Interruption Warning',
  source: 'aws.ec2',
  account: '123456789012',
  time: '2026-01-02T03:04:05Z',
  region: 'us-east-1',
  resources: ['arn:aws:ec2:us-east-1b:instance/i-0b662ef9931388ba0'],
  detail: { 'instance-id': 'i-0b662ef9931388ba0', 'instance-action': 'terminate' },
});
const foreign = JSON.stringify({ ...(JSON.parse(ours) as object), source: 'aws.s3', 'detail-type': 'Object Created' });
const notice = JSON.stringify({ action: 'terminate', time: '2026-01-02T03:07:00Z' });
const context = { instanceId: instanceId('i-0b662ef9931388ba0'), now };

test('parsing one input', async ({ bench }) => {
  await bench.compare(
    bench('a message that needs action', () => void parseQueueMessage(ours, now)),
    bench("somebody else's message", () => void parseQueueMessage(foreign, now)),
    bench('no message at all', () => void parseQueueMessage('{"half":', now)),
    bench('a Spot notice', () => void parseImdsDocument('spot-instance-action', notice, context)),
  );
});

test('many messages: the cost grows with their number', async ({ bench }) => {
  const parse = (count: number) => () => {
    for (let index = 0; index < count; index += 1) parseQueueMessage(index % 20 === 0 ? ours : foreign, now);
  };
  await bench.compare(bench('100', parse(100)), bench('1,000', parse(1_000)), bench('10,000', parse(10_000)));
});
