import { expect, it } from 'vitest';
import { describeEffective } from './describe.ts';
import { loadQueueProcessorSettings } from './load.ts';
import { settingRows } from './rows/all.ts';

it('describes what a program runs with, without its secrets', () => {
  const parsed = loadQueueProcessorSettings({
    argv: [],
    env: {
      QUEUE_URL: 'https://user:hunter2@sqs.example.com/1/q',
      WEBHOOK_URL: 'https://hooks.example.com/hunter2',
      WEBHOOK_HEADERS: '{"Authorization":"hunter2"}',
      WEBHOOK_PROXY: 'http://user:hunter2@proxy',
      WEBHOOK_TEMPLATE: 'hunter2',
      HEARTBEAT_INTERVAL: 'auto',
      KUBERNETES_EVENTS_EXTRA_ANNOTATIONS: 'a=b',
      NAMESPACE: 'kube-system',
    },
  });
  if (!parsed.ok || !('settings' in parsed)) throw new Error('should run');
  const described = describeEffective(settingRows, parsed.settings);
  expect(JSON.stringify(described)).not.toContain('hunter2');
  expect(described).toMatchObject({
    queue_url: 'https://sqs.example.com/1/q',
    webhook_url: '<set>',
    webhook_headers: '<set>',
    webhook_proxy: '<set>',
    webhook_template: '<set>',
    pod_namespace: 'kube-system',
    workers: 100,
    dry_run: false,
    heartbeat_interval: 'auto',
    heartbeat_until: 172_800,
    kubernetes_events_extra_annotations: 'a=b',
    webhook_events: 'drained,failed',
  });
  expect(described).not.toHaveProperty('node_name');
  expect(described).not.toHaveProperty('metadata_url');
});
