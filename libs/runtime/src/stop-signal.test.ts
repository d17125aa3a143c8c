import { afterEach, expect, it, vi } from 'vitest';
import { stopSignal, stopSignalNames } from './stop-signal.ts';

afterEach(() => {
  vi.restoreAllMocks();
  process.removeAllListeners('SIGTERM');
  process.removeAllListeners('SIGINT');
});

it('a first signal asks the program to stop, a second one ends it', () => {
  const exit = vi.spyOn(process, 'exit').mockImplementation(() => undefined as never);
  const onStop = vi.fn();
  const stop = stopSignal(onStop);
  expect(stop.aborted).toBe(false);
  process.emit('SIGTERM', 'SIGTERM');
  expect(stop.aborted).toBe(true);
  expect(onStop).toHaveBeenCalledExactlyOnceWith('SIGTERM');
  expect(exit).not.toHaveBeenCalled();
  process.emit('SIGINT', 'SIGINT');
  expect(exit).toHaveBeenCalledWith(1);
});

it('is told by the signals that each system has', () => {
  expect(stopSignalNames('linux')).toEqual(['SIGTERM', 'SIGINT']);
  expect(stopSignalNames('win32')).toEqual(expect.arrayContaining(['SIGTERM', 'SIGHUP', 'SIGBREAK']));
});
