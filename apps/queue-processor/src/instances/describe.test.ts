import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { describe, expect, it, vi } from 'vitest';
import { Instances } from './describe.ts';

interface Call {
  readonly input: {
    readonly Filters?: readonly { readonly Values?: readonly string[] }[];
    readonly NextToken?: string;
  };
}

const launchTime = new Date('2026-01-02T03:04:05Z');
const { signal } = new AbortController();

/** EC2 that knows the instances given, and answers one a page. */
function setUp(...known: readonly string[]) {
  const clock = new VirtualClock();
  const send = vi.fn(({ input }: Call) => {
    const asked = known.filter((id) => input.Filters?.[0]?.Values?.includes(id));
    const page = Number(input.NextToken ?? 0);
    const InstanceId = asked[page];
    const Reservations =
      InstanceId === undefined
        ? []
        : [
            {
              OwnerId: '123456789012',
              Instances: [{ InstanceId, State: { Name: 'running' }, LaunchTime: launchTime }],
            },
          ];
    return Promise.resolve({ Reservations, NextToken: page + 1 < asked.length ? String(page + 1) : '' });
  });
  const lines: string[] = [];
  const write = (_fields: object, message: string): void => void lines.push(message);
  const log = { debug: () => undefined, info: write, warn: write, error: write };
  return { clock, send, lines, instances: new Instances({ send }, clock, log as never) };
}

describe('the instances', () => {
  it('are asked for together, page by page, and those that EC2 does not know are nobody', async () => {
    const { clock, send, instances } = setUp('i-1', 'i-2');
    const answers = await clock.run(Promise.all(['i-1', 'i-2', 'i-3'].map((id) => instances.ask(id, signal))));
    const metadata = { instanceId: 'i-1', accountId: '123456789012', instanceLifeCycle: 'on-demand' };
    const first = { id: 'i-1', state: 'running', launchTime, metadata };
    expect(answers).toMatchObject([
      { status: 'described', instance: first },
      { status: 'described', instance: { id: 'i-2' } },
      { status: 'unknown-id' },
    ]);
    expect(send).toHaveBeenCalledTimes(2);
    expect(send.mock.calls[0]?.[0].input.Filters).toEqual([{ Name: 'instance-id', Values: ['i-1', 'i-2', 'i-3'] }]);
  });

  it('are kept for ten seconds, unless they are to be forgotten', async () => {
    const { clock, send, instances } = setUp('i-1');
    const ask = () => clock.run(instances.ask('i-1', signal));
    await ask();
    await ask();
    expect(send).toHaveBeenCalledTimes(1);
    instances.forget('i-1');
    await ask();
    expect(send).toHaveBeenCalledTimes(2);
    await clock.advance(10_000);
    await ask();
    expect(send).toHaveBeenCalledTimes(3);
    await clock.advance(10_000);
    expect(clock.timers).toBe(0);
  });

  it('that are kept say nothing of an EC2 that fails', async () => {
    const { clock, send, lines, instances } = setUp('i-1', 'i-2');
    await clock.run(instances.ask('i-1', signal));
    send.mockRejectedValue(new Error('throttled'));
    await clock.run(Promise.all([instances.ask('i-2', signal), instances.ask('i-1', signal)]));
    await clock.run(instances.ask('i-1', signal));
    expect([send.mock.calls.length, lines]).toEqual([2, ['EC2 cannot be asked about instances']]);
  });

  it('are not kept when EC2 fails', async () => {
    const { clock, send, lines, instances } = setUp('i-1');
    send.mockRejectedValueOnce(new Error('throttled'));
    expect(await clock.run(instances.ask('i-1', signal))).toEqual({
      status: 'no-answer',
      error: new Error('throttled'),
    });
    expect(await clock.run(instances.ask('i-1', signal))).toMatchObject({ status: 'described' });
    expect(lines).toEqual(['EC2 cannot be asked about instances', 'EC2 answers about instances again']);
    send.mockRejectedValueOnce(new Error('throttled'));
    instances.forget('i-1');
    const stopped = AbortSignal.abort(new Error('stop'));
    await expect(clock.run(instances.ask('i-1', stopped))).rejects.toThrow('stop');
  });
});
