import type { InterruptionProgress } from '@node-termination-handler/interruption-handler';
import { describe, expect, it } from 'vitest';
import { isDetail, logLine } from './steps.ts';
import { after, cordoned, drained, draining, event, every, failed, START, step } from './testing/steps.ts';

describe('the log', () => {
  it('says every step in one line, with the event and the node', () => {
    for (const each of every) {
      const { message, fields } = logLine(each);
      expect(message).toMatch(/^\S.*[^.]$/);
      expect(fields).toMatchObject({
        'event-id': 'spot-1',
        kind: 'SPOT_ITN',
        'instance-id': 'i-1',
        'node-name': 'node-1',
        'provider-id': 'aws:///eu-west-1a/i-1',
        monitor: 'SQS_MONITOR',
      });
    }
    expect(logLine(drained)).toMatchObject({
      level: 'info',
      message: 'Node successfully cordoned and drained',
      fields: { node_name: 'node-1', reason: event.description, 'pods-evicted': 3, 'duration-ms': 1234.6 },
    });
  });

  it('has the messages of the Go handler, which people search for', () => {
    expect(every.map((each) => logLine(each).message)).toEqual(
      expect.arrayContaining([
        'Requesting instance drain',
        'Node successfully cordoned',
        'There was a problem while trying to cordon the node',
        'Draining the node',
        'Pods on node',
        'Node successfully cordoned and drained',
        'There was a problem while trying to cordon and drain the node',
        'Uncordoning the node failed',
      ]),
    );
    const later = step({ type: 'received', decision: { action: 'drain', actAt: after(60), markBy: after(120) } });
    expect(logLine(later).message).toBe('event received');
  });

  it('says that a drain is overdue, and of what has no end that it has none', () => {
    const overdue = {
      type: 'overdue',
      graceSeconds: 120,
      podsLeft: ['default/web-1'],
      heldBy: ['budget'],
      keepsBudgets: false,
    } as const;
    expect(logLine(step(overdue))).toMatchObject({
      level: 'warn',
      message: 'the drain takes longer than 120 s and goes on; no budget is broken for that',
      fields: { 'pods-left': ['default/web-1'], 'held-by': ['budget'], deadline: 'none' },
    });
    expect(logLine(step({ type: 'drain-began' })).fields).toMatchObject({ deadline: 'none' });
    expect(logLine(step({ ...drained, secondsLeft: undefined })).fields).not.toHaveProperty('seconds-left');
  });

  it('says a failure that lasts with how long it does, and at level debug what a drain repeats', () => {
    expect(logLine({ ...failed, lastsMs: 300_000 } as InterruptionProgress)).toMatchObject({
      level: 'error',
      fields: {
        'lasts-seconds': 300,
        'pods-evicted': 1,
        'pods-deleted-past-budget': 1,
        'pods-left': ['default/web-1'],
      },
    });
    const planned = { type: 'planned', pods: [], warnings: [] } as const;
    expect([false, true].map((isAgain) => logLine(draining(planned, isAgain)).level)).toEqual(['info', 'debug']);
    expect([false, true].map((isAgain) => logLine(step({ type: 'drain-began', isAgain })).level)).toEqual([
      'info',
      'debug',
    ]);
  });

  it('warns of a notice that came too late', () => {
    const decision = { action: 'drain', actAt: START, markBy: after(120) };
    const received = step({ type: 'received', decision, at: after(150) });
    expect(logLine(received)).toMatchObject({ level: 'warn', fields: { 'seconds-too-late': 30 } });
  });

  it('says how long a node could not be written, with what to do', () => {
    const lines = every.map((each) => logLine(each)).filter(({ fields }) => 'lasts-seconds' in fields);
    expect(lines).toMatchObject([
      { level: 'warn', fields: { 'lasts-seconds': 300, reason: 'reset', advice: expect.stringContaining('role') } },
      { level: 'info', message: 'the node can be marked again', fields: { 'lasts-seconds': 301 } },
      { level: 'error', fields: { 'lasts-seconds': 300 } },
    ]);
  });

  it('keeps nothing back as a detail that it warns of', () => {
    const kept = every.filter((each) => isDetail(each)).map((each) => logLine(each).level);
    expect([kept.length > 3, new Set(kept)]).toEqual([true, new Set(['debug'])]);
  });

  it('says what was there already', () => {
    expect(logLine({ ...cordoned, changed: false } as InterruptionProgress).message).toContain('already');
    expect(logLine({ ...cordoned, wasCordoned: true } as InterruptionProgress).message).toContain(
      'was cordoned already',
    );
  });

  it('says a budget aloud once, and its later refusals only to those who debug', () => {
    expect(logLine(draining({ type: 'blocked', heldBy: { kind: 'budget' } })).level).toBe('warn');
    expect(logLine(draining({ type: 'blocked', heldBy: { kind: 'budget' }, isNew: false })).level).toBe('debug');
  });
});
