import { AutoScalingClient, CompleteLifecycleActionCommand } from '@aws-sdk/client-auto-scaling';
import { CorrectedClock } from '@node-termination-handler/clock';
import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { awsConnections } from './request-handler.ts';

describe('the connections to AWS', () => {
  it('tell the time: the clock is put right by the date of each answer, whatever else it says', async () => {
    const server = createServer((_request, response) => {
      response.writeHead(503, { Date: 'Fri, 02 Jan 2026 05:00:00 GMT' }).end();
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const clock = new CorrectedClock(new VirtualClock());
    const refused = { AutoScalingGroupName: 'workers', LifecycleHookName: 'drain', LifecycleActionResult: 'CONTINUE' };
    const autoScaling = new AutoScalingClient({
      region: 'eu-west-1',
      endpoint: `http://127.0.0.1:${port}`,
      credentials: { accessKeyId: 'id', secretAccessKey: 'secret' },
      maxAttempts: 1,
      requestHandler: awsConnections(1_000, clock),
    });
    try {
      await expect(autoScaling.send(new CompleteLifecycleActionCommand(refused))).rejects.toThrow();
      expect(new Date(clock.now()).toISOString()).toMatch(/^2026-01-02T05:00:00/);
    } finally {
      autoScaling.destroy();
      server.close();
    }
  });
});
