import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, readFile } from 'node:fs/promises';
import path from 'node:path';
import { systemClock, timeLimit } from '@node-termination-handler/clock';
import { chooseKubernetesVersion, waitFor } from '@node-termination-handler/control-plane';
import {
  managedTag,
  pod,
  podDisruptionBudget,
  readAt,
  startSandbox,
  workload,
} from '@node-termination-handler/sandbox';
import type { Sandbox } from '@node-termination-handler/sandbox';
import { parse } from 'yaml';
import { bundleApp } from '../bundle-app.ts';
import { manifestsOf } from '../charts/manifests.ts';
import { chartFolder } from '../charts/cases.ts';
import { programStarts } from '../charts/environment.ts';
import type { ProgramStart } from '../charts/environment.ts';
import { mustRun, run } from '../command.ts';
import type { Verdict } from '../finding.ts';
import { appFolder, root } from '../workspace.ts';
import { moduleText } from './aws-files.ts';
import type { ShellBlock } from './docs.ts';
import { standInFor } from './stand-ins.ts';
import type { StandIn } from './stand-ins.ts';

/** A stranger gives up after so long, in milliseconds. */
const WITHIN_MS = 600_000;

/** How long the program may take for what the page says that it does, in milliseconds. */
const WORK_WITHIN_MS = 60_000;

/** The bundle of the program. */
const MAIN = path.join(appFolder('queue-processor'), 'dist/main.cjs');

/** The nodes of the page: an instance that it names, in the first of its groups, and one in the other. */
const NODES = [
  { name: 'ip-10-0-1-10.ec2.internal', instanceId: 'i-0123456789abcdef0', group: 'workers-a' },
  { name: 'ip-10-0-2-20.ec2.internal', instanceId: 'i-0123456789abcdef1', group: 'workers-b' },
] as const;

/**
 * Runs blocks of a page one after the other, as they stand, with the sandbox in the place of AWS and the cluster.
 *
 * @param helm - the path of the program that renders the chart.
 */
export async function playGettingStarted(blocks: readonly ShellBlock[], helm: string): Promise<Verdict> {
  const began = systemClock.monotonic();
  using limit = timeLimit({ clock: systemClock, limitMs: WITHIN_MS, signals: [] });
  await bundleApp(appFolder('queue-processor'));
  await using place = await openPlace(helm, limit.signal);
  await using standIns = await standInFor(place.commands);
  const env = { ...process.env, PATH: `${standIns.folder}${path.delimiter}${process.env.PATH ?? ''}` };
  const problems: string[] = [];
  for (const { file, line, commands } of blocks) {
    const { code, output } = await run('bash', ['-euo', 'pipefail', '-c', commands], { cwd: root, env });
    if (code !== 0) problems.push(`${file}:${line}: ${output.split('\n').slice(-20).join('\n')}`);
    if (limit.signal.aborted) return { problems: [...problems, `it takes longer than ${WITHIN_MS / 60_000} minutes`] };
  }
  const seconds = Math.round((systemClock.monotonic() - began) / 1000);
  return { problems: [...problems, ...place.missing()], detail: `${blocks.length} blocks in ${seconds} s` };
}

/** AWS and a cluster as the page needs them. */
interface Place extends AsyncDisposable {
  readonly commands: Readonly<Record<string, StandIn>>;
  /** What the page says and did not come to pass. */
  readonly missing: () => readonly string[];
}

async function openPlace(helm: string, signal: AbortSignal): Promise<Place> {
  await using stack = new AsyncDisposableStack();
  const [{ name: going, instanceId }] = NODES;
  const sandbox = stack.use(
    await startSandbox({
      // Nothing has the tag before the page sets it.
      nodes: NODES.map((node) => ({ ...node, managed: false })),
      kubernetes: { workloadController: true },
    }),
  );
  sandbox.kubernetes.put(workload({ kind: 'ReplicaSet', name: 'web', replicas: 2 }));
  sandbox.kubernetes.put(podDisruptionBudget({ name: 'web', maxUnavailable: 1 }));
  for (const number of [1, 2])
    sandbox.kubernetes.put(pod({ name: `web-${number}`, node: going, owner: 'ReplicaSet', ownerName: 'web' }));
  const processor = stack.use(new Processor(sandbox, signal));
  const owned = stack.move();
  return {
    commands: { aws: awsOf(sandbox), terraform, helm: helmOf(processor, helm), kubectl: kubectlOf(sandbox, processor) },
    missing: () => [
      ...(readAt(sandbox.kubernetes.get({ kind: 'Node', name: going }), 'spec', 'unschedulable') === true
        ? []
        : [`${going} is not cordoned`]),
      ...(sandbox.aws.autoScaling
        .actions()
        .some((action) => action.instanceId === instanceId && action.state === 'completed')
        ? []
        : [`the lifecycle action of ${instanceId} is not completed`]),
      ...['lifecycle action completed', 'message deleted']
        .filter((words) => !processor.log.includes(words))
        .map((words) => `the log has no "${words}"`),
    ],
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** The program, as the chart starts it. */
class Processor implements AsyncDisposable {
  readonly #sandbox: Sandbox;
  readonly #signal: AbortSignal;
  #child: ReturnType<typeof spawn> | undefined;
  start: ProgramStart | undefined;
  log = '';

  constructor(sandbox: Sandbox, signal: AbortSignal) {
    this.#sandbox = sandbox;
    this.#signal = signal;
  }

  /** Starts it with what the chart gives it, but for where everything is. */
  install(start: ProgramStart): void {
    this.start = start;
    const env = { ...start.env, ...this.#sandbox.queueProcessorEnvironment(), PROBES_SERVER_PORT: '0' };
    const child = spawn(process.execPath, [MAIN, ...start.args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        this.log += chunk.toString();
      });
    this.#child = child;
  }

  /** Waits until something is so, or its time is over. */
  async until(isSo: () => boolean, what: string): Promise<void> {
    const limits = { what, timeoutMs: WORK_WITHIN_MS, signal: this.#signal };
    await waitFor(() => Promise.resolve(isSo() || undefined), limits).catch((cause: unknown) => {
      throw new Error(`${what} did not come to pass:\n${this.log}`, { cause });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const child = this.#child;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
}

/** The value of a flag, such as `--query x`. */
function flag(args: readonly string[], name: string): string {
  const value = args[args.indexOf(name) + 1];
  if (!args.includes(name) || value === undefined) throw new Error(`${name} is missing`);
  return value;
}

/** What stands behind a flag, up to the next one. */
function list(args: readonly string[], name: string): readonly string[] {
  const rest = args.slice(args.indexOf(name) + 1);
  const end = rest.findIndex((word) => word.startsWith('--'));
  return args.includes(name) ? rest.slice(0, end === -1 ? rest.length : end) : [];
}

/** `a=1` and `b=2` as an object. */
function pairs(words: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(words.map((word) => [word.split('=', 1)[0] ?? '', word.slice(word.indexOf('=') + 1)]));
}

function instancesOf(group: string): readonly string[] {
  return NODES.filter((node) => node.group === group).map(({ instanceId }) => instanceId);
}

function awsOf(sandbox: Sandbox): StandIn {
  const { autoScaling, ec2, queueUrl } = sandbox.aws;
  const commands: Readonly<Record<string, StandIn>> = {
    'eks describe-nodegroup': () => `${NODES.map(({ group }) => group).join('\t')}\n`,
    'autoscaling describe-auto-scaling-instances': (args) => {
      const node = NODES.find(({ instanceId }) => instanceId === flag(args, '--instance-ids'));
      return `${node?.group ?? 'None'}\n`;
    },
    'cloudformation deploy': async (args) => {
      const template = await readFile(path.join(root, flag(args, '--template-file')), 'utf8');
      const declared = parse(template, { logLevel: 'silent' }) as { readonly Parameters: object };
      const given = pairs(list(args, '--parameter-overrides'));
      for (const name of Object.keys(given))
        if (!(name in declared.Parameters)) throw new Error(`the template has no parameter ${name}`);
      const capabilities = list(args, '--capabilities');
      for (const needed of ['CAPABILITY_IAM', 'CAPABILITY_AUTO_EXPAND'])
        if (!capabilities.includes(needed)) throw new Error(`InsufficientCapabilities: ${needed}`);
      const transition = 'autoscaling:EC2_INSTANCE_TERMINATING';
      for (const group of (given.AutoScalingGroupNames ?? '').split(','))
        autoScaling.putHook({ name: `nth-TerminationHook${group}`, group, transition });
      return 'Successfully created/updated stack\n';
    },
    'cloudformation describe-stacks': () => `QueueURL ${queueUrl}\n`,
    'autoscaling create-or-update-tags': (args) => {
      const { ResourceId: group = '' } = pairs(flag(args, '--tags').split(','));
      if (instancesOf(group).length === 0) throw new Error(`there is no group ${group}`);
      return '';
    },
    'autoscaling describe-auto-scaling-groups': (args) =>
      `${instancesOf(flag(args, '--auto-scaling-group-names')).join('\t')}\n`,
    'ec2 create-tags': (args) => {
      const { Key: key = '', Value: value = '' } = pairs(flag(args, '--tags').split(','));
      if (key !== managedTag) throw new Error(`the program looks for ${managedTag}`);
      ec2.setTags(flag(args, '--resources'), { [key]: value });
      return '';
    },
    'autoscaling terminate-instance-in-auto-scaling-group': async (args) => {
      const sent = await sandbox.aws.sendLifecycleTermination(flag(args, '--instance-id'));
      if (sent.length === 0) throw new Error('its group has no lifecycle hook');
      return '{}\n';
    },
  };
  return (args) => {
    const [service = '', operation = '', ...rest] = args;
    const command = commands[`${service} ${operation}`];
    if (command === undefined) throw new Error('the sandbox has nothing for it');
    return command(rest);
  };
}

const terraform: StandIn = async (args) => {
  const [, folder = ''] = /^-chdir=(.+)$/.exec(args[0] ?? '') ?? [];
  await access(path.join(root, folder, 'main.tf'));
  const given = args.flatMap((word, index) => (args[index - 1] === '-var' ? [word.split('=', 1)[0] ?? ''] : []));
  const module = await moduleText();
  for (const name of given)
    if (!module.includes(`variable "${name}"`)) throw new Error(`the module has no variable ${name}`);
  return '';
};

function helmOf(processor: Processor, helm: string): StandIn {
  return async (args) => {
    const [verb = ''] = args;
    if (verb === 'test') {
      if (processor.start === undefined) throw new Error('there is no release');
      const { env, args: given } = processor.start;
      return mustRun(process.execPath, [MAIN, ...given, '--check'], { env: { ...env } });
    }
    if (verb !== 'upgrade') throw new Error('the sandbox has nothing for it');
    const chart = args.find((word) => word.startsWith('oci://')) ?? '';
    if (!chart.endsWith('/charts/queue-processor')) throw new Error(`there is no chart ${chart}`);
    const values = args.flatMap((word, index) => (args[index - 1] === '--set' ? ['--set', word] : []));
    const version = ['--kube-version', chooseKubernetesVersion().minor];
    const name = args[args.indexOf('--install') + 1] ?? '';
    const made = ['template', name, chartFolder('queue-processor'), '--namespace', flag(args, '--namespace')];
    const yaml = await mustRun(helm, [...made, ...version, ...values]);
    const deployments = manifestsOf(yaml).filter(({ kind }) => kind === 'Deployment');
    const [start] = programStarts(deployments);
    if (start === undefined) throw new Error('the chart has no Deployment');
    processor.install(start);
    return `Release "${name}" has been upgraded.\n`;
  };
}

function kubectlOf(sandbox: Sandbox, processor: Processor): StandIn {
  const polls = () => sandbox.aws.calls('sqs', 'ReceiveMessage').length > 0;
  return async (args) => {
    const words = args.filter((word, index) => !word.startsWith('-') && args[index - 1] !== '--namespace').join(' ');
    switch (words) {
      case 'rollout status deployment/queue-processor':
        await processor.until(polls, 'a poll of the queue');
        return 'deployment "queue-processor" successfully rolled out\n';
      case 'logs deployment/queue-processor':
        await processor.until(() => processor.log.includes('message deleted'), 'the end of the drain');
        return processor.log;
      case 'get nodes':
        return sandbox.kubernetes
          .list({ kind: 'Node' })
          .map(
            (node) =>
              `${node.metadata.name} ${readAt(node, 'spec', 'unschedulable') === true ? 'Ready,SchedulingDisabled' : 'Ready'}\n`,
          )
          .join('');
      default:
        throw new Error('the sandbox has nothing for it');
    }
  };
}
