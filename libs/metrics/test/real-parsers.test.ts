import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { createMetrics } from '../src/metrics.ts';

// Other people's parsers agree with ours, wherever they are installed.
const promtool = process.env.PROMTOOL ?? 'promtool';
const has = (command: string, ...args: string[]) => spawnSync(command, args).status === 0;
const openMetricsParser =
  'import sys; from prometheus_client.openmetrics.parser import text_string_to_metric_families as f; print(len(list(f(sys.stdin.read()))))';

async function scrape(accept?: string): Promise<string> {
  using metrics = createMetrics();
  metrics.countAction('cordon', 'success');
  metrics.observeNoticeToCordon('SPOT_ITN', 0.3);
  metrics.observeQueueMessageAge(3.25);
  return (await metrics.scrape(accept)).body;
}

describe('a real parser', { timeout: 30_000 }, () => {
  it.skipIf(!has(promtool, '--version'))('promtool has nothing to say of the text format', async () => {
    const { status, stdout, stderr } = spawnSync(promtool, ['check', 'metrics'], {
      input: await scrape(),
      encoding: 'utf8',
    });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  it.skipIf(!has('python3', '-c', 'import prometheus_client'))('prometheus_client reads OpenMetrics', async () => {
    const input = await scrape('application/openmetrics-text');
    const { stdout, stderr } = spawnSync('python3', ['-c', openMetricsParser], { input, encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(Number(stdout)).toBe(input.match(/^# TYPE /gm)?.length);
  });
});
