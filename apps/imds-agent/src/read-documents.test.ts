import { instanceId } from '@node-termination-handler/event-parsers';
import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { createLogger } from '@node-termination-handler/logger';
import { createHealth } from '@node-termination-handler/metrics';
import { loadImdsAgentSettings } from '@node-termination-handler/settings';
import { describe, expect, it, vi } from 'vitest';
import { watchedDocuments } from './documents.ts';
import { FirstLook, readDocuments } from './read-documents.ts';
import type { ReadDocument } from './read-documents.ts';

const SPOT = '/latest/meta-data/spot/instance-action';
const EVENTS = '/latest/meta-data/events/maintenance/scheduled';
const notice = JSON.stringify({ action: 'terminate', time: '2026-01-02T03:06:05Z' });

/** Metadata whose documents a test sets: a body, nothing, or why it cannot be read. */
function start(initial: Readonly<Record<string, string | Error>> = {}) {
  const parsed = loadImdsAgentSettings({ argv: [], env: { NODE_NAME: 'node-1' } });
  if (!parsed.ok || parsed.mode !== 'run') throw new Error('expected settings');
  const clock = new VirtualClock();
  const health = createHealth({ clock });
  const bodies = new Map(Object.entries(initial));
  const imds = {
    get: (path: string) => {
      const body = bodies.get(path);
      return body instanceof Error ? Promise.reject(body) : Promise.resolve(body);
    },
  };
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (text: string) => lines.push(JSON.parse(text) as Record<string, unknown>) };
  const log = createLogger({ format: 'json', level: 'debug', destination });
  const monitors = { started: vi.fn(), succeeded: vi.fn(), failed: vi.fn() };
  const stop = new AbortController();
  const documents = watchedDocuments(parsed.settings);
  const firstLook = new FirstLook(documents.map(({ name }) => name));
  const runtime = {
    clock,
    health,
    log,
    stop: stop.signal,
    telling: { monitors, tell: vi.fn(), knowOwnInstance: vi.fn(), close: vi.fn() },
  };
  const read: ReadDocument[] = [];
  const ended = (async () => {
    const options = { documents, instanceId: instanceId('i-0123456789abcdef0'), firstLook, runtime };
    for await (const document of readDocuments(imds, options)) read.push(document);
  })();
  const end = async (): Promise<void> => {
    stop.abort();
    await ended;
    expect(clock.timers).toBe(0);
  };
  const late = () =>
    health
      .status()
      .checks.filter(({ well }) => !well)
      .map(({ name }) => name);
  return { clock, bodies, health, late, lines, monitors, firstLook, read, end };
}

describe('the documents of the instance metadata', () => {
  it('are parsed each time that they change, and make the agent ready when each was read', async () => {
    const { clock, bodies, health, read, monitors, end } = start();
    expect(monitors.started.mock.calls).toEqual([['SPOT_ITN_MONITOR'], ['SCHEDULED_EVENT_MONITOR']]);
    await clock.advance(0);
    expect(health.status()).toMatchObject({ alive: true, ready: true });
    expect(read).toEqual([]);
    bodies.set(SPOT, notice);
    await clock.advance(1_000);
    expect(read).toMatchObject([
      { document: 'spot-instance-action', events: [{ kind: 'SPOT_ITN', action: 'terminate' }] },
    ]);
    bodies.delete(SPOT);
    await clock.advance(1_000);
    expect(read.at(-1)).toEqual({ document: 'spot-instance-action', events: [] });
    await end();
  });

  it('have a health each: one that cannot be read hides behind no other, and kills nothing', async () => {
    const { clock, bodies, health, late, monitors, end } = start({ [SPOT]: new Error('answered 500') });
    await clock.advance(120_000);
    expect(health.status()).toMatchObject({ alive: true, ready: false });
    expect(late()).toEqual(['instance metadata: spot-instance-action']);
    expect(monitors.failed).toHaveBeenLastCalledWith('SPOT_ITN_MONITOR', new Error('answered 500'));
    expect(monitors.failed).not.toHaveBeenCalledWith('SCHEDULED_EVENT_MONITOR', expect.anything());
    bodies.delete(SPOT);
    await clock.advance(10_000);
    expect([health.status().ready, late()]).toEqual([true, []]);
    await end();
  });

  it('that cannot be understood are said, and end no first look', async () => {
    const { clock, bodies, lines, firstLook, read, end } = start({ [EVENTS]: '<html>' });
    let isOver = false;
    void firstLook.over.then(() => (isOver = true));
    await clock.advance(10_000);
    expect([isOver, read]).toEqual([false, []]);
    expect(lines.filter(({ document }) => document === 'scheduled-events')).toMatchObject([{ level: 'warn' }]);
    bodies.set(EVENTS, '[]');
    await clock.advance(10_000);
    expect(isOver).toBe(true);
    await end();
  });
});

describe('the first look at the documents', () => {
  it('is over when each has been read and understood once', async () => {
    const look = new FirstLook(['scheduled-events', 'spot-instance-action']);
    let isOver = false;
    void look.over.then(() => (isOver = true));
    look.polled('spot-instance-action');
    look.read('scheduled-events', false);
    look.polled('scheduled-events');
    await Promise.resolve();
    expect(isOver).toBe(false);
    look.read('scheduled-events', true);
    look.polled('scheduled-events');
    await look.over;
    expect(isOver).toBe(true);
  });
});
