import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse as parseHcl } from '@cdktf/hcl2json';
import * as parsers from '@node-termination-handler/event-parsers';
import { parseDocument } from 'yaml';
import { run } from '../command.ts';
import { examine } from '../finding.ts';
import type { Finding, Verdict } from '../finding.ts';
import { findPythonTool } from '../python-tool.ts';
import { root } from '../workspace.ts';

const CLOUDFORMATION = 'docs/aws/queue.cloudformation.yaml';
const TERRAFORM = 'docs/aws/queue.tf';

/** The files that make queue, rules and role: each is valid, and both say the same as the programs. */
export async function* checkAwsFiles(): AsyncGenerator<Finding> {
  const [template = '', terraform = ''] = await Promise.all(
    [CLOUDFORMATION, TERRAFORM].map((file) => readFile(path.join(root, file), 'utf8')),
  );
  yield await examine(`${CLOUDFORMATION}: cfn-lint`, lintTemplate);
  yield await examine(`${TERRAFORM}: HCL`, async () => {
    const { resource = {} } = (await parseHcl(TERRAFORM, terraform)) as { resource?: object };
    return { problems: Object.keys(resource).length > 5 ? [] : ['it has hardly any resources'] };
  });
  yield await examine('rules and rights of both files are the same, and those of the programs', () =>
    sayTheSame(template, terraform),
  );
}

/** cfn-lint knows every resource and property. */
async function lintTemplate(): Promise<Verdict> {
  const linter = await findPythonTool({ package: 'cfn-lint', version: '1.58.0', program: 'cfn-lint' });
  if (linter === undefined) return { skipped: 'for want of Python or its registry' };
  const { code, output } = await run(linter, ['--regions', 'us-east-1', '--', path.join(root, CLOUDFORMATION)]);
  return { problems: code === 0 ? [] : [output] };
}

/** Kinds of events that the parsers have a sample of, as EventBridge names them. */
function knownEvents(): ReadonlySet<string> {
  const samples = Object.entries<unknown>(parsers).flatMap(([name, sample]) =>
    name.endsWith('Sample') ? [sample] : [],
  );
  const kinds = samples.map((sample) => (sample as { 'detail-type'?: unknown })['detail-type']);
  return new Set(kinds.filter((kind) => typeof kind === 'string'));
}

function sayTheSame(template: string, terraform: string): Verdict {
  const known = knownEvents();
  const actions = (text: string): readonly string[] =>
    [...new Set(text.match(/\b(?:sqs|ec2|autoscaling):[A-Z][A-Za-z]+/g))].sort();
  const missing = (file: string, text: string): readonly string[] =>
    [...known].filter((kind) => !text.includes(kind)).map((kind) => `${file} has no rule for ${kind}`);
  // Read as a whole, so that a comment or a broken reference can't hide something.
  const { errors } = parseDocument(template, { logLevel: 'silent' });
  const [ofTemplate, ofTerraform] = [actions(template), actions(terraform)];
  return {
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
