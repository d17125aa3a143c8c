import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadImdsAgentSettings, loadQueueProcessorSettings } from './load.ts';
import { settingRows } from './rows/all.ts';

const env = { NODE_NAME: 'node-1' };
const parse = (argv: string[], more: Record<string, string> = {}) =>
  loadImdsAgentSettings({ argv, env: { ...env, ...more } });

function settingsOf(parsed: ReturnType<typeof parse>) {
  if (!parsed.ok) throw new Error(parsed.message);
  if (parsed.mode === 'help' || parsed.mode === 'version') throw new Error(parsed.mode);
  return parsed.settings;
}
function messageOf(parsed: { ok: boolean; message?: string }): string {
  expect(parsed.ok).toBe(false);
  return parsed.message ?? '';
}

describe('flags', () => {
  it.each([
    [['--node-name', 'a']],
    [['--node-name=a']],
    [['-node-name', 'a']],
    [['-node-name=a']],
    [['--node-name=b', '--node-name=a']],
  ])('are read from %j and win over variables', (argv) => {
    expect(settingsOf(parse(argv)).nodeName).toBe('a');
  });

  it('keep equals signs and dashes in a value', () => {
    expect(
      settingsOf(parse(['--kubernetes-events-extra-annotations', 'a=b,c=d'])).kubernetesEventsExtraAnnotations,
    ).toEqual({
      a: 'b',
      c: 'd',
    });
    expect(
      settingsOf(parse(['--pod-termination-grace-period', '-1'])).podTerminationGracePeriodSeconds,
    ).toBeUndefined();
  });

  it.each([
    [['--dry-run'], true],
    [['-dry-run'], true],
    [['--dry-run=T'], true],
    [['--dry-run=0'], false],
    [['--dry-run', '--cordon-only'], true],
  ])('read a boolean from %j', (argv, value) => {
    expect(settingsOf(parse(argv, { DRY_RUN: 'false' })).dryRun).toBe(value);
  });

  it('accept the spellings of the Go handler and the names of the variables', () => {
    expect(settingsOf(parse(['--metadata-url=http://a'])).instanceMetadataUrl).toBe('http://a');
    expect(settingsOf(parse(['--instance-metadata-url=http://b'])).instanceMetadataUrl).toBe('http://b');
    expect(settingsOf(parse(['--pod-namespace=c'])).namespace).toBe('c');
    expect(settingsOf(parse(['--namespace=d'])).namespace).toBe('d');
    expect(settingsOf(parse(['--grace-period=7'])).podTerminationGracePeriodSeconds).toBe(7);
  });

  it('give the default back when empty', () => {
    expect(settingsOf(parse(['--taint-effect='], { TAINT_EFFECT: 'NoExecute' })).taintEffect).toBe('NoSchedule');
  });

  it.each([
    [['--nod-name=a'], '"--nod-name" is not a known flag; did you mean --node-name?'],
    [['--frobnicate'], '"--frobnicate" is not a known flag'],
    [['words'], 'argument 1 is not a flag'],
    [['--'], 'argument 1 is not a flag'],
    [['--workers'], '--workers needs a value'],
    [['--dry-run', 'false'], '--dry-run=false'],
    [['--help=yes'], '"--help" is not a known flag'],
  ])('are refused in %j', (argv, problem) => {
    expect(messageOf(parse(argv))).toContain(problem);
  });

  it.each([
    [['--help'], 'help'],
    [['-h'], 'help'],
    [['--version'], 'version'],
    [['--version', '--help'], 'help'],
    [['--help', '--check', '--nonsense'], 'help'],
  ])('ask by %j for %s, whatever else is wrong', (argv, mode) => {
    expect(loadImdsAgentSettings({ argv, env: {} })).toEqual({ ok: true, mode });
  });

  it('ask for a check of the configuration', () => {
    expect(parse(['--check'])).toMatchObject({ ok: true, mode: 'check' });
    expect(parse(['--check', '--workers=x', '--metadata-tries=x']).ok).toBe(false);
  });
});

describe('problems', () => {
  it('are all in one message, with the value and what is allowed', () => {
    expect(
      messageOf(
        parse(['--taint-effect', 'NoRun'], { NODE_NAME: '', DRY_RUN: 'ja', METADATA_TRIES: '1e3', LOG_LEVEL: 'loud' }),
      ),
    ).toBe(
      [
        'imds-agent cannot start: 5 settings are wrong',
        '  - NODE_NAME is missing: set NODE_NAME or --node-name to the name of a Kubernetes node',
        '  - METADATA_TRIES="1e3": must be a whole number from 1 to 100',
        '  - DRY_RUN="ja": must be true or false',
        '  - TAINT_EFFECT="NoRun" (from --taint-effect): must be one of NoSchedule, PreferNoSchedule, NoExecute',
        '  - LOG_LEVEL="loud": must be one of info, debug, error',
        'See --help for every setting.',
      ].join('\n'),
    );
  });

  it('do not show secrets', () => {
    const secrets = {
      WEBHOOK_URL: 'hunter2://user:hunter2@host',
      WEBHOOK_HEADERS: '{"Authorization": hunter2}',
      WEBHOOK_PROXY: 'hunter2',
      INSTANCE_METADATA_URL: 'ftp://user:hunter2@host/',
    };
    const message = messageOf(parse([], secrets));
    expect(message).not.toContain('hunter2');
    for (const name of Object.keys(secrets)) expect(message).toContain(name);
  });

  it('do not show a secret that got separated from its flag', () => {
    const message = messageOf(parse(['--webhok-url', 'https://hunter2', '--dry-run', 'hunter2', '--unknown=hunter2']));
    expect(message).not.toContain('hunter2');
    expect(message).toContain('did you mean --webhook-url?');
    expect(message).toContain('argument 4 is not a flag');
  });

  it('cannot forge a line or go on for ever', () => {
    const message = messageOf(parse([], { LOG_LEVEL: `x\n  - forged\u0085\u2028${'y'.repeat(10_000)}` }));
    expect(message.split(/[\n\u0085\u2028]/)).toHaveLength(3);
    expect(message.length).toBeLessThan(400);
  });
});

describe('warnings', () => {
  const warningsOf = (more: Record<string, string>, ...argv: string[]) => {
    const parsed = parse(argv, more);
    return parsed.ok && 'warnings' in parsed ? parsed.warnings : undefined;
  };

  it('tell of deprecated names', () => {
    expect(warningsOf({ GRACE_PERIOD: '5' })).toEqual([
      'GRACE_PERIOD is deprecated: use POD_TERMINATION_GRACE_PERIOD or --pod-termination-grace-period',
    ]);
    expect(warningsOf({ POD_TERMINATION_GRACE_PERIOD: '6' }, '--grace-period=5')).toEqual([
      '--grace-period is deprecated and has no effect, because POD_TERMINATION_GRACE_PERIOD is set',
    ]);
  });

  it('say nothing of another name that counts where the first is unset', () => {
    const env = { http_proxy: 'proxy:1', HTTPS_PROXY: 'proxy:2', https_proxy: 'proxy:3', NO_PROXY: '', no_proxy: 'a' };
    expect(warningsOf(env)).toEqual([]);
    const parsed = parse([], env);
    expect(parsed).toMatchObject({
      settings: { httpProxy: 'http://proxy:1', httpsProxy: 'http://proxy:2', noProxy: 'a' },
    });
  });

  it('tell of likely typos', () => {
    expect(warningsOf({ ENABLE_SPOT_INTERUPTION_DRAINING: 'false' })).toEqual([
      '"ENABLE_SPOT_INTERUPTION_DRAINING" is not a setting; did you mean ENABLE_SPOT_INTERRUPTION_DRAINING?',
    ]);
  });

  it('leave the variables alone that other things set', () => {
    const others = ['PATH', 'HOME', 'HOSTNAME', 'POD_IP', 'NODE_IP', 'AWS_ROLE_ARN', 'KUBERNETES_PORT', 'NODE_ENV'];
    const more = [
      'KUBERNETES_SERVICE_PORT_HTTPS',
      'KUBERNETES_PORT_443_TCP',
      'AWS_DEFAULT_REGION',
      'SERVICE_HOST',
      'ALL_PROXY',
      'FTP_PROXY',
      'ftp_proxy',
      'all_proxy',
    ];
    expect(warningsOf(Object.fromEntries([...others, ...more].map((name) => [name, 'x'])))).toEqual([]);
  });
});

it('tells what each value was given as', () => {
  const parsed = parse(['-metadata-tries=5'], { GRACE_PERIOD: '5' });
  if (!parsed.ok || !('given' in parsed)) throw new Error('should run');
  expect([...parsed.given]).toEqual([
    ['NODE_NAME', 'NODE_NAME'],
    ['METADATA_TRIES', '-metadata-tries'],
    ['POD_TERMINATION_GRACE_PERIOD', 'GRACE_PERIOD'],
  ]);
});

it('never throws, whatever the environment and the command line', () => {
  const name = fc.oneof(fc.constantFrom(...settingRows.map((row) => row.name)), fc.string());
  const flag = fc.oneof(
    fc.constantFrom(...settingRows.flatMap((row) => row.flags.map((each) => `--${each}`))),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.dictionary(name, fc.string()), fc.array(fc.oneof(flag, fc.string())), (variables, argv) => {
      for (const load of [loadImdsAgentSettings, loadQueueProcessorSettings]) {
        const parsed = load({ argv, env: variables });
        if (!parsed.ok) expect(parsed.problems.length).toBeGreaterThan(0);
      }
    }),
  );
});
