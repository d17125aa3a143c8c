import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import * as labels from './labels.ts';
import { createMetrics } from './metrics.ts';
import { parseExposition, parseOpenMetrics } from './testing/parse-exposition.ts';
import type { ParsedFamily } from './testing/parse-exposition.ts';

let metrics = createMetrics();
afterEach(() => {
  metrics[Symbol.dispose]();
  metrics = createMetrics();
});

/** Of one family: each verb of each resource with each result, were all of them asked for. */
const MOST_LABEL_SETS = 8 * 11 * 12;

const scope = 'otel_scope_name="aws.node.termination.handler",otel_scope_version=""';
const text = async () => (await metrics.scrape()).body;
const openMetrics = async () => (await metrics.scrape('application/openmetrics-text')).body;

it('says which program runs, in which version', async () => {
  expect(await text()).not.toMatch(/^nth_build_info\{/m);
  using built = createMetrics({ name: 'imds-agent', version: '1.2.3' });
  expect((await built.scrape()).body).toContain(
    `nth_build_info{program="imds-agent",version="1.2.3",node_version="${process.versions.node}"} 1`,
  );
});

it('counts notices that came too late by their kind', async () => {
  expect(await text()).toContain('nth_notices_too_late_total{kind="SPOT_ITN"} 0');
  metrics.countNoticeTooLate('SPOT_ITN');
  expect(await text()).toContain('nth_notices_too_late_total{kind="SPOT_ITN"} 1');
});

describe('the metrics of the Go handler', () => {
  it('appear under the names and labels that its scrape shows', async () => {
    metrics.countAction('cordon-and-drain', 'success');
    metrics.countAction('cordon-and-drain', 'success');
    metrics.countAction('cordon', 'error');
    metrics.countEventError('SQS_MONITOR');
    metrics.setTaggedNodes(3);
    metrics.setTaggedInstances(4);
    const lines = (await text()).split('\n');
    expect(lines).toContain(`actions_total{node_action="cordon-and-drain",node_status="success",${scope}} 2`);
    expect(lines).toContain(`actions_total{node_action="cordon",node_status="error",${scope}} 1`);
    expect(lines).toContain(`events_error_total{event_error_where="SQS_MONITOR",${scope}} 1`);
    expect(lines).toContain(`nth_tagged_nodes{${scope}} 3`);
    expect(lines).toContain(`nth_tagged_instances{${scope}} 4`);
    expect(lines).toContain('# TYPE actions_total counter');
  });

  it('start at zero for every value of their labels', async () => {
    const families = parseExposition(await text());
    expect(families.get('actions_total')?.samples).toHaveLength(10);
    expect(families.get('events_error_total')?.samples).toHaveLength(5);
    for (const { value } of families.get('actions_total')?.samples ?? []) expect(value).toBe(0);
  });
});

describe('the histograms', () => {
  it('have one label, of a closed set', async () => {
    metrics.observeNoticeToCordon('SPOT_ITN', 0.2);
    metrics.observeNoticeToDrained('SPOT_ITN', 31);
    metrics.observeDeadlineRemaining('SPOT_ITN', 88);
    metrics.observeQueueMessageAge(0.7);
    const lines = (await text()).split('\n');
    expect(lines).toContain('nth_notice_to_cordon_seconds_bucket{le="0.1",kind="SPOT_ITN"} 0');
    expect(lines).toContain('nth_notice_to_cordon_seconds_bucket{le="0.25",kind="SPOT_ITN"} 1');
    expect(lines).toContain('nth_notice_to_cordon_seconds_bucket{le="+Inf",kind="SPOT_ITN"} 1');
    expect(lines).toContain('nth_notice_to_drained_seconds_sum{kind="SPOT_ITN"} 31');
    expect(lines).toContain('nth_deadline_remaining_seconds_count{kind="SPOT_ITN"} 1');
    expect(lines).toContain('nth_queue_message_age_seconds_count 1');
  });

  it('take a late drain for one with no time left, and a broken clock for no time at all', async () => {
    metrics.observeDeadlineRemaining('SPOT_ITN', -12);
    metrics.observeNoticeToCordon('SPOT_ITN', Number.NaN);
    metrics.observeQueueMessageAge(-3);
    const lines = (await text()).split('\n');
    expect(lines).toContain('nth_deadline_remaining_seconds_sum{kind="SPOT_ITN"} 0');
    expect(lines).toContain('nth_deadline_remaining_seconds_bucket{le="0",kind="SPOT_ITN"} 1');
    expect(lines).toContain('nth_notice_to_cordon_seconds_sum{kind="SPOT_ITN"} 0');
    expect(lines).toContain('nth_queue_message_age_seconds_sum 0');
  });
});

it('counts messages, webhooks, budgets and drains', async () => {
  metrics.countMessage('poison');
  metrics.countWebhookDelivery('failed');
  metrics.countDrainShortOfTime();
  metrics.setDrainsInProgress(2);
  metrics.setMessagesWaiting(3);
  const lines = (await text()).split('\n');
  expect(lines).toContain('nth_messages_total{outcome="poison"} 1');
  expect(lines).toContain('nth_messages_total{outcome="handled"} 0');
  expect(lines).toContain('nth_webhook_deliveries_total{outcome="failed"} 1');
  expect(lines).toContain('nth_drains_short_of_time_total 1');
  expect(lines).toContain('nth_drains_in_progress 2');
  expect(lines).toContain('nth_messages_waiting 3');
});

it('reads the process when it is scraped', async () => {
  const families = parseExposition(await text());
  const value = (name: string) => families.get(name)?.samples[0]?.value ?? Number.NaN;
  expect(value('process_resident_memory_bytes')).toBeGreaterThan(1e6);
  expect(value('process_cpu_seconds_total')).toBeGreaterThan(0);
  expect(value('process_start_time_seconds')).toBeLessThanOrEqual(Date.now() / 1000);
  expect(value('nodejs_eventloop_lag_p99_seconds')).toBe(0);
  expect(parseExposition(await text()).get('process_cpu_seconds_total')?.samples).toHaveLength(1);
});

it('counts drains with their reason, claims and writes, each value from 0 on', async () => {
  metrics.countDrain('SPOT_ITN', 'failed', 'budget');
  metrics.countClaim('taken_over');
  metrics.countRecordWrite('no_room');
  const lines = (await text()).split('\n');
  expect(lines).toContain('nth_drains_total{kind="SPOT_ITN",outcome="failed",reason="budget"} 1');
  expect(lines).toContain('nth_drains_total{kind="ASG_LIFECYCLE",outcome="late",reason="emptied"} 0');
  expect(lines).toContain('nth_claims_total{result="taken_over"} 1');
  expect(lines).toContain('nth_claims_total{result="lost"} 0');
  expect(lines).toContain('nth_record_writes_total{result="no_room"} 1');
  expect(lines).toContain('nth_record_writes_total{result="refused"} 0');
});

it('counts requests and calls by what came of them; all results of a kind stand at 0 from its first one on', async () => {
  expect(await text()).not.toMatch(/^nth_(kubernetes_requests|aws_calls)_total\{/m);
  metrics.countKubernetesRequest('create', 'pods/eviction', 'blocked');
  metrics.countKubernetesRequest('create', 'pods/eviction', 'blocked');
  metrics.countAwsCall('sqs', 'ReceiveMessage', 'denied');
  const lines = (await text()).split('\n');
  expect(lines).toContain('nth_kubernetes_requests_total{verb="create",resource="pods/eviction",result="blocked"} 2');
  expect(lines).toContain('nth_kubernetes_requests_total{verb="create",resource="pods/eviction",result="ok"} 0');
  expect(lines).toContain('nth_aws_calls_total{service="sqs",action="ReceiveMessage",result="denied"} 1');
  expect(lines).toContain('nth_aws_calls_total{service="sqs",action="ReceiveMessage",result="throttled"} 0');
});

/** What a label set may be made of: the words that there are, and any other. */
const words = fc.oneof(
  fc
    .constantFrom(
      ...[labels.eventKinds, labels.nodeActions, labels.actionStatuses, labels.monitors, labels.messageOutcomes],
      ...[labels.webhookOutcomes, labels.podOutcomes, Object.keys(labels.drainReasons), labels.claimResults],
      ...[labels.recordWriteResults, labels.kubernetesVerbs, labels.kubernetesResources, labels.requestResults],
      ...[labels.awsServices, labels.awsActions, labels.callResults],
    )
    .chain((set) => fc.constantFrom<string>(...set)),
  fc.string(),
);

it('has a bounded number of label sets, over a long run, whatever it is told', async () => {
  const sets = Object.values(labels).flatMap((set) => (Array.isArray(set) ? (set as string[]) : []));
  const ends = Object.entries(labels.drainReasons).flatMap(([outcome, reasons]) => [outcome, ...reasons]);
  const known = new Set([...sets, ...ends, 'other', '']);
  const told = fc.array(fc.tuple(words, words, words, fc.double()), { minLength: 300, maxLength: 300 });
  await fc.assert(
    fc.asyncProperty(told, async (run) => {
      using counted = createMetrics();
      for (const [a, b, c, seconds] of run) {
        counted.observeNoticeToCordon(a as 'SPOT_ITN', seconds);
        counted.observeNoticeToDrained(a as 'SPOT_ITN', seconds);
        counted.observeDeadlineRemaining(a as 'SPOT_ITN', seconds);
        counted.countAction(a as 'cordon', b as 'error');
        counted.countEventError(a as 'SQS_MONITOR');
        counted.countMessage(a as 'poison');
        counted.countWebhookDelivery(a as 'failed');
        counted.countPod(a as 'evicted');
        counted.countDrain(a as 'SPOT_ITN', b as 'failed', c as 'budget');
        counted.countNoticeTooLate(a as 'SPOT_ITN');
        counted.countKubernetesRequest(a, b, c as 'ok');
        counted.countAwsCall(a, b, c as 'ok');
        counted.countClaim(a as 'lost');
        counted.countRecordWrite(a as 'failed');
      }
      const families = parseExposition((await counted.scrape()).body);
      for (const [name, { samples }] of families) {
        const found = new Set(samples.map(({ labels: { le: _le, ...set } }) => JSON.stringify(set)));
        expect([name, found.size <= MOST_LABEL_SETS]).toEqual([name, true]);
        const values = samples.flatMap(({ labels: { le: _le, otel_scope_name: _scope, ...set } }) =>
          Object.values(set),
        );
        expect([name, values.filter((value) => !known.has(value))]).toEqual([name, []]);
      }
    }),
    { numRuns: 10 },
  );
});

describe('OpenMetrics', () => {
  it('names counter families without _total and ends with EOF', async () => {
    metrics.countAction('uncordon', 'success');
    const body = await openMetrics();
    expect(body).toContain('# TYPE actions counter\n');
    expect(body).toContain(`actions_total{node_action="uncordon",node_status="success",${scope}} 1\n`);
    expect(body).not.toContain('_total_total');
    expect(body.endsWith('\n# EOF\n')).toBe(true);
  });

  it('writes bucket bounds as floats', async () => {
    const body = await openMetrics();
    expect(body).toContain('le="1.0"');
    expect(body).not.toMatch(/le="\d+"/);
  });

  it('holds the same samples as the text format', async () => {
    metrics.observeNoticeToDrained('ASG_LIFECYCLE', 31);
    metrics.countMessage('handled');
    const samples = (families: ReadonlyMap<string, ParsedFamily>) =>
      [...families.values()].flatMap((family) => family.samples).filter(({ name }) => !/^(process|nodejs)_/.test(name));
    const open = samples(parseOpenMetrics(await openMetrics()));
    const plain = samples(parseExposition(await text()));
    const sameBound = ({ labels, ...sample }: (typeof open)[number]) => ({
      ...sample,
      labels: 'le' in labels ? { ...labels, le: Number(labels.le.replace('+Inf', 'Infinity')) } : labels,
    });
    expect(open.map(sameBound)).toEqual(plain.map(sameBound));
  });
});

it('does not touch the global registry', async () => {
  const { register } = await import('prom-client');
  metrics.countAction('cordon', 'success');
  expect(register.getMetricsAsArray()).toEqual([]);
});
