import { EventEmitter } from 'node:events';
import { expect, it, vi } from 'vitest';
import { stopSignal, stopSignalNames } from './stop-signal.ts';

it('a first signal asks the program to stop, a second one ends it', () => {
  const process = Object.assign(new EventEmitter(), { platform: 'linux' as const, exit: vi.fn() });
  const onStop = vi.fn();
  {
    using stop = stopSignal(process, onStop);
    expect(stop.signal.aborted).toBe(false);
    process.emit('SIGTERM');
    expect(stop.signal.aborted).toBe(true);
    expect(onStop).toHaveBeenCalledExactlyOnceWith('SIGTERM');
    expect(process.exit).not.toHaveBeenCalled();
    process.emit('SIGINT');
    expect(process.exit).toHaveBeenCalledWith(1);
  }
  expect([process.listenerCount('SIGTERM'), process.listenerCount('SIGINT')]).toEqual([0, 0]);
});

it('is told by the signals that each system has', () => {
  expect(stopSignalNames('linux')).toEqual(['SIGTERM', 'SIGINT']);
  expect(stopSignalNames('win32')).toEqual(expect.arrayContaining(['SIGTERM', 'SIGHUP', 'SIGBREAK']));
});
