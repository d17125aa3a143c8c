import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { chartSettings } from './chart-settings.ts';
import { withSettings } from './values-file.ts';

const empty =
  '# mine\na: 1\n# >>> settings of the program: generated from the rows of libs/settings, change them there\n# <<< settings of the program\nb: 2\n';

describe('withSettings', () => {
  it('writes each setting once, with its default, and leaves the rest alone', () => {
    const text = withSettings(empty, 'queue-processor');
    const values = parse(text) as Record<string, unknown>;
    expect(Object.keys(values)).toEqual(['a', ...chartSettings('queue-processor').map(({ value }) => value), 'b']);
    expect(values).toMatchObject({
      workers: 100,
      queueURL: '',
      dryRun: false,
      heartbeatInterval: -1,
      logLevel: 'info',
    });
    expect(text.startsWith('# mine\na: 1\n')).toBe(true);
  });

  it('changes nothing the second time', () => {
    const once = withSettings(empty, 'imds-agent');
    expect(withSettings(once, 'imds-agent')).toBe(once);
  });

  it('says why the chart has another default than the program', () => {
    const text = withSettings(empty, 'imds-agent');
    expect(parse(text)).toMatchObject({ enableASGLifecycleDraining: true, enableProbesServer: true });
    expect(text).toContain("As in the Go handler's chart.");
  });

  it('keeps to lines that a terminal shows whole', () => {
    const long = withSettings(empty, 'imds-agent')
      .split('\n')
      .filter((line) => line.startsWith('#') && line.length > 120);
    expect(long).toEqual([]);
  });

  it('refuses a file without its markers', () => {
    expect(() => withSettings('a: 1\n', 'imds-agent')).toThrow('values.yaml needs the lines');
  });
});
