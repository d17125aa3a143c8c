import { execFile } from 'node:child_process';
import { access, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { parse as parseHcl } from '@cdktf/hcl2json';
import { cacheFolder } from '@node-termination-handler/control-plane';
import * as parsers from '@node-termination-handler/event-parsers';
import { root } from '../../workspace.ts';
import { parseDocument } from 'yaml';
import type { Finding } from '../../packages/report/finding.ts';

const CLOUDFORMATION = 'docs/aws/queue.cloudformation.yaml';
const TERRAFORM = 'docs/aws/queue.tf';
const CFN_LINT = '1.58.0';

/** The files that make queue, rules and role: each is valid, and both say the same as the programs. */
export async function checkAwsFiles(): Promise<readonly Finding[]> {
  const [template, terraform] = await Promise.all([CLOUDFORMATION, TERRAFORM].map(read));
  return [await lintTemplate(), await parses(terraform), sayTheSame(template, terraform)];
}

function read(file: string): Promise<string> {
  return readFile(path.join(root, file), 'utf8');
}

/** cfn-lint knows every resource and property; it is fetched once, with the Python that is there. */
async function lintTemplate(): Promise<Finding> {
  const about = `${CLOUDFORMATION}: cfn-lint`;
  const folder = path.join(cacheFolder(), `cfn-lint-${CFN_LINT}`);
  const binary = path.join(folder, 'bin/cfn-lint');
  const run = promisify(execFile);
  try {
    await access(binary).catch(async () => {
      await run('python3', ['-m', 'venv', folder]);
      await run(path.join(folder, 'bin/pip'), ['install', '--quiet', `cfn-lint==${CFN_LINT}`]);
    });
  } catch {
    return { about, problems: [], skipped: 'for want of Python or its registry' };
  }
  try {
    await run(binary, ['--regions', 'us-east-1', '--', path.join(root, CLOUDFORMATION)]);
    return { about, problems: [] };
  } catch (error) {
    return { about, problems: String((error as { stdout?: string }).stdout).split('\n') };
  }
}

async function parses(terraform = ''): Promise<Finding> {
  const about = `${TERRAFORM}: HCL`;
  try {
    const { resource = {} } = (await parseHcl(TERRAFORM, terraform)) as { resource?: object };
    return { about, problems: Object.keys(resource).length > 5 ? [] : ['it has hardly any resources'] };
  } catch (error) {
    return { about, problems: [String(error)] };
  }
}

/** Kinds of events that the parsers have a sample of, as EventBridge names them. */
function knownEvents(): ReadonlySet<string> {
  const samples = Object.entries<unknown>(parsers).flatMap(([name, sample]) =>
    name.endsWith('Sample') ? [sample] : [],
  );
  const kinds = samples.map((sample) => (sample as { 'detail-type'?: unknown })['detail-type']);
  return new Set(kinds.filter((kind) => typeof kind === 'string'));
}

function sayTheSame(template = '', terraform = ''): Finding {
  const known = knownEvents();
  const actions = (text: string): readonly string[] =>
    [...new Set(text.match(/\b(?:sqs|ec2|autoscaling):[A-Z][A-Za-z]+/g))].sort();
  const missing = (file: string, text: string): readonly string[] =>
    [...known].filter((kind) => !text.includes(kind)).map((kind) => `${file} has no rule for ${kind}`);
  // Read as a whole, so that a comment or a broken reference can't hide something.
  const { errors } = parseDocument(template, { logLevel: 'silent' });
  const [ofTemplate, ofTerraform] = [actions(template), actions(terraform)];
  return {
    about: 'rules and rights of both files are the same, and those of the programs',
    problems: [
      ...errors.map(({ message }) => message),
      ...(known.size < 7 ? [`only ${known.size} kinds of events have a sample`] : []),
      ...missing(CLOUDFORMATION, template),
      ...missing(TERRAFORM, terraform),
      ...(ofTemplate.join() === ofTerraform.join()
        ? []
        : [`${CLOUDFORMATION} allows ${ofTemplate.join(', ')}; ${TERRAFORM} allows ${ofTerraform.join(', ')}`]),
    ],
  };
}
