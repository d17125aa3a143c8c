import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import * as parsers from '@node-termination-handler/event-parsers';
import { run } from '../command.ts';
import { examine } from '../finding.ts';
import type { Finding, Verdict } from '../finding.ts';
import { findPythonTool } from '../python-tool.ts';
import type { Program } from '@node-termination-handler/settings';
import { repositoryFiles, root } from '../workspace.ts';

/** The template of CloudFormation that makes queue, rules, role and hooks. */
export const CLOUDFORMATION = 'docs/aws/cloudformation.yaml';

const MODULE = 'docs/aws/terraform';

/** Checks what only a tool of AWS knows: that the template's resources and properties exist. What can be read is read by tests. */
export async function* checkAwsFiles(): AsyncGenerator<Finding> {
  yield await examine(`${CLOUDFORMATION}: cfn-lint`, lintTemplate);
}

/** cfn-lint knows every resource and property. */
async function lintTemplate(): Promise<Verdict> {
  const linter = await findPythonTool({ package: 'cfn-lint', version: '1.58.0', program: 'cfn-lint' });
  if (linter === undefined) return { skipped: 'for want of Python or its registry' };
  const { code, output } = await run(linter, ['--regions', 'us-east-1', '--', path.join(root, CLOUDFORMATION)]);
  return { problems: code === 0 ? [] : [output] };
}

/** Every file of the Terraform module, as one text. */
export async function moduleText(): Promise<string> {
  const files = (await readdir(path.join(root, MODULE))).filter((name) => name.endsWith('.tf')).sort();
  const texts = await Promise.all(files.map((name) => readFile(path.join(root, MODULE, name), 'utf8')));
  return texts.join('\n');
}

/** Samples of all the events that the parsers take from EventBridge. */
export function eventSamples(): readonly Readonly<Record<string, unknown>>[] {
  return Object.entries<unknown>(parsers)
    .flatMap(([name, sample]) => (name.endsWith('Sample') ? [sample as Readonly<Record<string, unknown>>] : []))
    .filter((sample) => typeof sample['detail-type'] === 'string');
}

const SERVICES: Readonly<Record<string, string>> = {
  'client-sqs': 'sqs',
  'client-ec2': 'ec2',
  'client-auto-scaling': 'autoscaling',
};

/** The rights that a program's calls need, as its sources and those of the runtime have them, in the order of the alphabet. */
export async function callsOfProgram(program: Program): Promise<readonly string[]> {
  const files = await repositoryFiles(`apps/${program}/src/*.ts`, 'libs/runtime/src/*.ts');
  const sources = files.filter((name) => !/\.test\.ts$|\/testing\//.test(name));
  const texts = await Promise.all(sources.map((name) => readFile(path.join(root, name), 'utf8')));
  const imports = texts.flatMap((text) => [...text.matchAll(/import \{([^}]*)\} from '@aws-sdk\/([\w-]+)'/g)]);
  const calls = imports.flatMap(([, names = '', client = '']) => {
    const actions = names.matchAll(/\b(?:(\w+?)(?:Batch)?Command|paginate(\w+))\b/g);
    return [...actions].map(([, sent, listed]) => `${SERVICES[client] ?? client}:${sent ?? listed ?? ''}`);
  });
  return [...new Set(calls)].sort();
}
