import { loadImdsAgentSettings, loadQueueProcessorSettings } from '@node-termination-handler/settings';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { answerInstead, effectiveSettings, settingsOrExit } from './start.ts';

const env = { NODE_NAME: 'node-1' };

afterEach(() => vi.restoreAllMocks());

describe('a start', () => {
  it('goes on with settings that can be used, also for a check', () => {
    expect(answerInstead(loadImdsAgentSettings({ argv: [], env }), 'imds-agent', '1.2.3')).toBeUndefined();
    expect(answerInstead(loadImdsAgentSettings({ argv: ['--check'], env }), 'imds-agent', '1.2.3')).toBeUndefined();
  });

  it('answers a request for help with every setting, and one for the version', () => {
    const help = answerInstead(loadQueueProcessorSettings({ argv: ['--help'], env: {} }), 'queue-processor', '1.2.3');
    expect(help?.exitCode).toBe(0);
    expect(help?.stdout).toMatch(/QUEUE_URL.*--queue-url/);
    expect(answerInstead(loadImdsAgentSettings({ argv: ['--version'], env: {} }), 'imds-agent', '1.2.3')).toEqual({
      exitCode: 0,
      stdout: 'imds-agent 1.2.3\n',
    });
  });

  it('ends with one message about every mistake', () => {
    const answer = answerInstead(
      loadQueueProcessorSettings({ argv: [], env: { WORKERS: 'x' } }),
      'queue-processor',
      '1',
    );
    expect(answer?.exitCode).toBe(1);
    expect(answer?.stderr).toMatch(/WORKERS[\s\S]*QUEUE_URL|QUEUE_URL[\s\S]*WORKERS/);
  });

  it('tells the effective settings without secrets', () => {
    const parsed = loadImdsAgentSettings({ argv: [], env: { ...env, WEBHOOK_URL: 'https://hooks.example/T0PS3CRET' } });
    if (!parsed.ok || parsed.mode !== 'run') throw new Error('expected settings');
    const told = effectiveSettings(parsed.settings);
    expect(told).toMatchObject({ node_name: 'node-1', node_termination_grace_period: 120 });
    expect(JSON.stringify(told)).not.toContain('T0PS3CRET');
  });

  it('hands the settings on, or ends the process with an answer', () => {
    const given = settingsOrExit(loadImdsAgentSettings({ argv: [], env }), 'imds-agent', '1');
    expect(given.settings.nodeName).toBe('node-1');
    const ended = new Error('ended');
    const exit = vi.spyOn(process, 'exit').mockImplementation(() => {
      throw ended;
    });
    const stdout = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    expect(() => settingsOrExit(loadImdsAgentSettings({ argv: ['--version'], env }), 'imds-agent', '1')).toThrow(ended);
    expect(stdout).toHaveBeenCalledWith('imds-agent 1\n');
    expect(exit).toHaveBeenLastCalledWith(0);
    expect(() => settingsOrExit(loadImdsAgentSettings({ argv: [], env: {} }), 'imds-agent', '1')).toThrow(ended);
    expect(stderr).toHaveBeenCalledWith(expect.stringContaining('NODE_NAME'));
    expect(exit).toHaveBeenLastCalledWith(1);
  });
});
