import { VirtualClock } from '@node-termination-handler/clock/virtual';
import type { DrainProgress } from '@node-termination-handler/node-drainer';
import { describe, expect, it } from 'vitest';
import { ToldBefore } from './told-before.ts';

const DRAIN = { at: new Date(0), node: 'node-1' };

const refOf = (number: number) => ({ namespace: 'default', name: `web-${number}`, uid: `uid-${number}` });

const blocked = (number: number): DrainProgress => ({
  ...DRAIN,
  type: 'blocked',
  pod: refOf(number),
  heldBy: { kind: 'budget', name: 'web' },
  message: 'the budget refuses',
  advice: '',
  until: new Date(0),
  attempt: 1,
  isNew: true,
});

describe('what was told', () => {
  it('of each of 1,001 pods is told once, however often they are asked, and whatever else is told of them', () => {
    const told = new ToldBefore(new VirtualClock({ turns: 1 }));
    const numbers = Array.from({ length: 1_001 }, (_, number) => number);
    const news = (round: number) =>
      numbers.filter((number) => {
        told.wasTold({ ...DRAIN, type: 'at-risk', pods: [refOf(number)], message: '', secondsShort: round });
        return !told.wasTold(blocked(number));
      });
    expect(news(1)).toEqual(numbers);
    expect(news(2)).toEqual([]);
    expect(news(3)).toEqual([]);
  });
});
