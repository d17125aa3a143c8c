import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { parse } from 'yaml';
import { root } from '../workspace.ts';
import { textsAt } from './infrastructure.ts';

/** What one row of the table in docs/aws/README.md says of a right. */
export interface AwsRight {
  /** Such as `sqs:DeleteMessage`. */
  readonly right: string;
  /** `required`, `required with …`, `optional`, or `–` where the program does not ask for it. */
  readonly queueProcessor: string;
  readonly imdsAgent: string;
  readonly whatFor: string;
  /** What is lost without it. */
  readonly without: string;
}

const PAGE = 'docs/aws/README.md';

/** A row of five cells whose first is a right. */
const ROW = /^\| `(\w+:\w+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$/gm;

/** The one table of rights in AWS. */
export async function awsRights(): Promise<readonly AwsRight[]> {
  const rows = [...(await pageText(PAGE)).matchAll(ROW)];
  return rows.map(([, right = '', queueProcessor = '', imdsAgent = '', whatFor = '', without = '']) => ({
    right,
    queueProcessor,
    imdsAgent,
    whatFor,
    without,
  }));
}

const eksctlFile = v.looseObject({ kind: v.literal('ClusterConfig'), iam: v.unknown() });

/** The rights in the snippet for eksctl. @throws when the page has none */
export async function eksctlRights(): Promise<readonly string[]> {
  const blocks = [...(await pageText(PAGE)).matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, text = '']): unknown =>
    parse(text),
  );
  const file = blocks.find((block) => v.is(eksctlFile, block));
  if (file === undefined) throw new Error(`${PAGE} has no snippet for eksctl`);
  return textsAt(file, 'Action').toSorted();
}

/** The rights that docs/security.md names, each once, in the order of the alphabet. */
export async function rightsOnSecurityPage(): Promise<readonly string[]> {
  const [paragraph = ''] = /^\*\*In AWS\.\*\*[\s\S]*?\n\n/m.exec(await pageText('docs/security.md')) ?? [];
  return [
    ...new Set([...paragraph.matchAll(/`((?:sqs|ec2|autoscaling|kms):\w+)`/g)].map(([, right = '']) => right)),
  ].sort();
}

function pageText(name: string): Promise<string> {
  return readFile(path.join(root, name), 'utf8');
}
