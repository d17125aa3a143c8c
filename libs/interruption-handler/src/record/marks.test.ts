import { describe, expect, it } from 'vitest';
import type { Interruption, NodeRecord } from './entry.ts';
import { isForgotten, marksOf, written } from './marks.ts';
import { tombstoneOf } from './noticed.ts';
import { action, entry, HOUR, MINUTE, rebalance, record, scheduled, spot, T0 } from './testing/notices.ts';

const conditions = { decision: { marks: { conditions: true } } } as const;
const cordons = { decision: { action: 'cordon', marks: { conditions: true } } } as const;
const plan = (eventId: string, more: object = conditions) => scheduled({ eventId, startsIn: 9 * HOUR, ...more });

/** Which conditions are true, and what they say. */
function told(...entries: readonly Interruption[]): string {
  const all = marksOf(record(...entries)).conditions;
  if (all.length === 0) return 'none';
  const messages = [...new Set(all.map(({ message }) => message))];
  return `${all.flatMap(({ type, isTrue }) => (isTrue ? [type] : [])).join(' ')}: ${messages.join()}`;
}

describe('the conditions of a node', () => {
  it('are none where nobody asked for them, and none when all is over', () => {
    expect(told()).toBe('none');
    expect(told(entry(spot(), 'acting'))).toBe('none');
    expect(told(tombstoneOf(plan('a'), T0))).toBe('none');
  });

  it('follow from how far the interruptions have come', () => {
    const of = (types: string) => new RegExp(`^${types}: .* a$`);
    expect(told(entry(plan('a'), 'waiting'))).toMatch(of('MaintenancePlanned'));
    expect(told(entry(plan('a'), 'acting'))).toMatch(of('MaintenanceInProgress DrainInProgress'));
    expect(told(entry(plan('a'), 'emptied'))).toMatch(of('MaintenanceInProgress Drained'));
    expect(told(entry(plan('a'), 'settled'))).toMatch(of('MaintenanceInProgress Drained'));
    expect(told(entry(plan('a', cordons), 'acting'))).toMatch(of('MaintenanceInProgress'));
    expect(told(entry(plan('a', cordons), 'settled'))).toMatch(of('MaintenanceInProgress'));
  });

  it('say of several what is true of any, and that it is drained of all', () => {
    const done = entry(plan('b'), 'settled');
    const types = (text: string) => text.replace(/:.*/, '');
    expect(types(told(entry(plan('a'), 'acting'), done))).toBe('MaintenanceInProgress DrainInProgress');
    expect(types(told(entry(plan('a'), 'waiting'), done))).toBe('MaintenancePlanned MaintenanceInProgress Drained');
    expect(types(told(entry(plan('a', cordons), 'acting'), done))).toBe('MaintenanceInProgress Drained');
    expect(types(told(tombstoneOf(plan('a'), T0), done))).toBe('MaintenanceInProgress Drained');
    expect(types(told(entry(spot(), 'acting'), done))).toBe('MaintenanceInProgress Drained');
  });

  it('name the one that holds the node, of several the one whose instance goes first, and of these the first that was told', () => {
    const early = scheduled({ eventId: 'early', startsIn: HOUR, ...conditions });
    const name = (text: string) => text.slice(text.lastIndexOf(' ') + 1);
    expect(name(told(entry(early, 'waiting'), entry(plan('b'), 'acting')))).toBe('b');
    expect(name(told(entry(plan('b'), 'acting'), entry(early, 'waiting')))).toBe('b');
    expect(name(told(entry(plan('b'), 'waiting'), entry(early, 'waiting')))).toBe('early');
    expect(name(told(entry(early, 'waiting'), entry(plan('b'), 'waiting')))).toBe('early');
    const newer = plan('newer', { ...conditions, at: MINUTE });
    expect(name(told(entry(newer, 'acting'), entry(plan('b'), 'acting')))).toBe('b');
    expect(name(told(entry(plan('b'), 'acting'), entry(newer, 'acting')))).toBe('b');
  });
});

describe('taints and labels', () => {
  it('are those of the interruption that goes first', () => {
    const [soon, later] = [
      entry(scheduled({ eventId: 'soon', startsIn: HOUR, decision: { marks: { taint: 'NoExecute' } } }), 'acting'),
      entry(plan('later', { decision: { marks: { taint: 'NoSchedule' } } }), 'acting'),
    ];
    for (const order of [record(soon, later), record(later, soon)])
      expect(marksOf(order).taints).toEqual([expect.objectContaining({ value: 'soon', effect: 'NoExecute' })]);
  });

  it('ask for an uncordon after a reboot where the cordon is ours alone', () => {
    const reboot = record(entry(plan('a', { decision: { marks: { reboot: true } } }), 'acting'));
    const labels = (cordon?: NodeRecord['cordon']) =>
      Object.keys(marksOf({ ...reboot, ...(cordon && { cordon }) }).labels);
    expect(labels()).toHaveLength(1);
    expect(labels({ ours: false, at: T0 })).toHaveLength(1);
    expect(labels({ ours: true, at: T0 })).toHaveLength(3);
  });

  it('keep load balancers away where any that holds the node asks for it', () => {
    const away = { decision: { marks: { loadBalancers: true } } } as const;
    const labels = (...entries: readonly Interruption[]) => Object.keys(marksOf(record(...entries)).labels);
    expect(labels(entry(spot(away), 'acting'), entry(rebalance(), 'acting'))).toHaveLength(1);
    expect(labels(entry(rebalance(), 'acting'))).toEqual([]);
    expect(labels(entry(plan('a', away), 'waiting'))).toEqual([]);
  });
});

describe('the record as it is written', () => {
  const holding = record(entry(spot(), 'acting'));
  const over = record(tombstoneOf(spot(), T0));
  const cordon = { ours: true, at: T0 };

  it('keeps the cordon and the shutdown of a node that is held', () => {
    const full = { ...holding, cordon, shutDownAt: T0 };
    expect(written(full)).toStrictEqual(full);
    expect(written({ ...holding, shutDownAt: T0 })).toStrictEqual({ ...holding, shutDownAt: T0 });
    expect(written({ ...holding, cordon })).toStrictEqual({ ...holding, cordon });
    const both = { ...record(tombstoneOf(action(), T0), entry(spot(), 'acting')), shutDownAt: T0 };
    expect(written(both)).toStrictEqual(both);
    expect(written(holding)).toBe(holding);
  });

  it('has neither once nothing holds it, but for another version’s entry that keeps the cordon', () => {
    expect(written({ ...over, cordon, shutDownAt: T0 })).toStrictEqual(over);
    expect(written({ ...over, shutDownAt: T0 })).toStrictEqual(over);
    const foreign = [{ json: '{}', holds: true }];
    expect(written({ ...over, foreign, cordon, shutDownAt: T0 })).toStrictEqual({ ...over, foreign, cordon });
    expect(written({ ...over, foreign: [{ json: '{}', holds: false }], cordon })).not.toHaveProperty('cordon');
  });

  it('is forgotten when it has no entry, of no version, and no return', () => {
    expect(isForgotten(record())).toBe(true);
    expect(isForgotten({ ...record(), foreign: [{ json: '{}', holds: false }] })).toBe(false);
    expect(isForgotten({ ...record(), returnedAt: T0 })).toBe(false);
    expect(isForgotten(over)).toBe(false);
  });
});
