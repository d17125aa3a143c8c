import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeInstance } from '../instances/judge.ts';
import type { DescribedInstance } from '../instances/describe.ts';
import { regionOfQueue } from '../region.ts';
import { eventEnd } from './event-end.ts';
import type { EventEnd } from './event-end.ts';
import { messageFate, poisonFate } from './message-fate.ts';

const finished: EventEnd = { status: 'finished', outcome: 'handled' };
const retry: EventEnd = { status: 'retry', outcome: 'failed', reason: 'down' };
const handedBack: EventEnd = { status: 'handed-back' };

describe('a message', () => {
  it('is deleted only when every event has come to an end', () => {
    const ends = fc.array(
      fc.constantFrom<EventEnd>(finished, { status: 'finished', outcome: 'not_managed' }, retry, handedBack),
    );
    fc.assert(
      fc.property(ends, fc.integer({ min: 1, max: 1000 }), (all, receiveCount) => {
        const fate = messageFate(all, receiveCount);
        expect(fate.action).toBe(all.every(({ status }) => status === 'finished') ? 'delete' : 'return');
        if (fate.action === 'return') expect(fate.afterSeconds).toBeLessThanOrEqual(60);
      }),
    );
  });

  it('comes back at once when the program stops, and later and later when its work fails', () => {
    expect(messageFate([retry, handedBack], 9)).toMatchObject({ action: 'return', afterSeconds: 0 });
    expect([1, 2, 3, 9].map((count) => messageFate([finished, retry], count))).toMatchObject([
      { afterSeconds: 5 },
      { afterSeconds: 10 },
      { afterSeconds: 20 },
      { afterSeconds: 60 },
    ]);
  });

  it('counts as handled when one of its events was', () => {
    expect(messageFate([{ status: 'finished', outcome: 'not_managed' }, finished], 1).outcome).toBe('handled');
    expect(messageFate([{ status: 'finished', outcome: 'not_managed' }], 1).outcome).toBe('not_managed');
    expect(messageFate([], 1).outcome).toBe('not_actionable');
  });

  it('that cannot be understood goes as the policy says', () => {
    expect(poisonFate('delete').action).toBe('delete');
    expect(poisonFate('leave').action).toBe('leave');
  });
});

describe('a result of the engine', () => {
  it('ends its event, or lets it be tried again', () => {
    expect(eventEnd({ status: 'done', action: 'drain', nodeName: 'n' }, false)).toEqual(finished);
    expect(eventEnd({ status: 'ignored', reason: '' }, false)).toMatchObject({ outcome: 'not_actionable' });
    expect(eventEnd({ status: 'cancelled', reason: '' }, false)).toMatchObject({ status: 'finished' });
    expect(eventEnd({ status: 'failed', reason: 'down' }, false)).toEqual(retry);
    expect(eventEnd({ status: 'handed-back' }, false)).toEqual(handedBack);
    expect(eventEnd({ status: 'node-not-found' }, false)).toMatchObject({ status: 'retry', outcome: 'node_not_found' });
    expect(eventEnd({ status: 'node-not-found' }, true)).toEqual({ status: 'finished', outcome: 'node_not_found' });
  });
});

describe('an instance', () => {
  const instance: DescribedInstance = {
    id: 'i-1',
    state: 'running',
    privateDnsName: 'node-1',
    instanceType: '',
    availabilityZone: '',
    accountId: '123456789012',
    lifeCycle: 'spot',
    privateIp: '',
    publicDnsName: '',
    publicIp: '',
    tags: new Map([['managed', '']]),
  };
  const rule = { checkTag: true, managedTag: 'managed' };

  it('is ours with the tag, or when the tag is not looked for', () => {
    expect(judgeInstance('i-1', instance, rule)).toMatchObject({ status: 'ours', nodeName: 'node-1' });
    expect(judgeInstance('i-1', { ...instance, tags: new Map() }, rule)).toMatchObject({ status: 'not-actionable' });
    expect(judgeInstance('i-1', { ...instance, tags: new Map() }, { ...rule, checkTag: false })).toMatchObject({
      status: 'ours',
    });
  });

  it('is nobody’s when EC2 does not know it, or it is ending without a name', () => {
    expect(judgeInstance('i-1', undefined, rule)).toMatchObject({ status: 'not-actionable' });
    expect(judgeInstance('i-1', { ...instance, state: 'terminated', privateDnsName: '' }, rule)).toMatchObject({
      status: 'not-actionable',
    });
    expect(judgeInstance('i-1', { ...instance, privateDnsName: '' }, rule)).toMatchObject({ status: 'ours' });
  });
});

describe('the region', () => {
  it('is read out of a queue URL of every kind', () => {
    expect(regionOfQueue('https://sqs.eu-west-1.amazonaws.com/123456789012/q')).toBe('eu-west-1');
    expect(regionOfQueue('https://sqs-fips.us-gov-west-1.amazonaws.com/1/q')).toBe('us-gov-west-1');
    expect(regionOfQueue('https://sqs.cn-north-1.amazonaws.com.cn/1/q')).toBe('cn-north-1');
    expect(regionOfQueue('https://eu-west-1.queue.amazonaws.com/1/q')).toBe('eu-west-1');
    expect(regionOfQueue('http://127.0.0.1:1234/1/q')).toBeUndefined();
    expect(regionOfQueue('queue')).toBeUndefined();
  });
});
