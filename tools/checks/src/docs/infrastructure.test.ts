import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from '../command.ts';
import { root } from '../workspace.ts';
import { CLOUDFORMATION, eventSamples, moduleText } from './aws-files.ts';
import { differences, matches, readModule, readTemplate } from './infrastructure.ts';

const templateText = await readFile(path.join(root, CLOUDFORMATION), 'utf8');
const terraformText = await moduleText();
const template = readTemplate(templateText);
const samples = eventSamples();

describe('CloudFormation and Terraform', () => {
  it('make the same', async () => {
    expect(differences(template, await readModule(terraformText))).toEqual([]);
  });

  it.each([
    ['a kind of event', 'EC2 Instance Rebalance Recommendation', 'Another'],
    ['a right', 'ec2:DescribeInstanceStatus', 'ec2:StopInstances'],
    ['the fence of the queue', 'aws:SourceArn', 'aws:SourceAccount'],
    ['which groups’ hooks may be completed', 'autoscaling:ResourceTag/', 'autoscaling:Tag/'],
    ['how long messages are kept', '1209600', '3600'],
    ['what comes of a hook that times out', '"CONTINUE"', '"ABANDON"'],
    ['what can be chosen', 'variable "launch_hooks"', 'variable "hooks"'],
    ['who is given the role', 'sts:AssumeRoleWithWebIdentity', 'sts:AssumeRole'],
  ])('would differ by %s', async (_, from, to) => {
    expect(terraformText).toContain(from);
    expect(differences(template, await readModule(terraformText.replaceAll(from, to)))).toHaveLength(1);
  });

  it('read only what is there: every variable and resource that Terraform names is declared', () => {
    const named = [...terraformText.matchAll(/\b(?:var\.\w+|local\.\w+|(?:data\.)?aws_\w+\.\w+)/g)].map(
      ([name]) => name,
    );
    const declared = [...terraformText.matchAll(/^(variable|resource|data) "(\w+)"(?: "(\w+)")? \{/gm)].map(
      ([, kind, type, name]) =>
        kind === 'variable' ? `var.${type}` : `${kind === 'data' ? 'data.' : ''}${type}.${name}`,
    );
    const locals = [...terraformText.matchAll(/^ {2}(\w+) += [[{s\w]/gm)].map(([, name]) => `local.${name}`);
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((name) => ![...declared, ...locals].includes(name))).toEqual([]);
  });
});

describe('the rules', () => {
  it('let every event through that a parser knows', () => {
    expect(samples.length).toBeGreaterThan(6);
    for (const sample of samples) {
      const letThrough = template.rules.filter((rule) => matches(rule, sample));
      expect(letThrough, String(sample['detail-type'])).toHaveLength(1);
    }
  });

  it('let nothing through that no parser knows', () => {
    const known = new Set(samples.map((sample) => sample['detail-type']));
    expect(template.rules.flatMap((rule) => rule['detail-type']).filter((kind) => !known.has(kind))).toEqual([]);
    const issue = {
      source: 'aws.health',
      'detail-type': 'AWS Health Event',
      detail: { service: 'EC2', eventTypeCategory: 'issue' },
    };
    expect(template.rules.some((rule) => matches(rule, issue))).toBe(false);
  });
});

describe('the fence', () => {
  it('lets the rules of the file alone write into the queue, all of them (S11)', async () => {
    const rules = ['Ec2Rule.Arn', 'AutoScalingRule.Arn', 'HealthRule.Arn'];
    expect(template.writers).toEqual(rules.toSorted());
    expect(template.rules).toHaveLength(rules.length);
    expect((await readModule(terraformText)).writers).toEqual([
      '${[for rule in aws_cloudwatch_event_rule.interruptions : rule.arn]}',
    ]);
  });

  it.each([
    [
      'no condition',
      '              ArnEquals:\n                aws:SourceArn: [!GetAtt Ec2Rule.Arn, !GetAtt AutoScalingRule.Arn, !GetAtt HealthRule.Arn]\n',
      "              Bool: { 'aws:SecureTransport': 'true' }\n",
    ],
    ['any rule of the account', 'aws:SourceArn: [', 'aws:SourceAccount: ['],
    ['a rule that is not ours', '!GetAtt HealthRule.Arn]', "!GetAtt HealthRule.Arn, '*']"],
  ])('would be seen to be open with %s (S11)', (_, from, to) => {
    expect(templateText).toContain(from);
    expect(readTemplate(templateText.replace(from, to)).writers).not.toEqual(template.writers);
  });

  it('lets hooks of groups with the tag alone be completed, unless that is asked for', async () => {
    for (const { conditions } of [template, await readModule(terraformText)])
      expect(conditions).toContain('autoscaling:ResourceTag/aws-node-termination-handler/managed');
    for (const text of [templateText, terraformText]) {
      const [, statement = ''] = /LifecycleActions([\s\S]*?)(?:kms|dynamic "statement")/.exec(text) ?? [];
      expect(statement).toMatch(/arn:\S+:autoscaling:\S+:autoScalingGroup:\*/);
    }
    expect(templateText).toMatch(/OnlyTaggedGroups:[\s\S]*?Default: 'true'/);
    expect(terraformText).toMatch(/variable "only_tagged_groups" \{[^}]*default += true/);
  });
});

it('keeps messages for as long as SQS can: 14 days', () => {
  expect(template.retentionSeconds).toEqual([1_209_600, 1_209_600]);
});

describe('tag-groups.sh', () => {
  /** Runs the script with a stand-in for the AWS CLI; gives what it was called with. */
  async function tag(groups: readonly string[], instances: string, given: Readonly<Record<string, string>> = {}) {
    const folder = await mkdtemp(path.join(tmpdir(), 'nth-tag-'));
    try {
      const standIn = `#!/bin/sh\necho "$*" >> ${folder}/calls\n[ "$2" = describe-auto-scaling-groups ] && echo "${instances}"\nexit 0\n`;
      await writeFile(path.join(folder, 'aws'), standIn, { mode: 0o755 });
      const env = { ...process.env, ...given, PATH: `${folder}:${process.env.PATH ?? ''}` };
      const { code, output } = await run('bash', [path.join(root, 'docs/aws/tag-groups.sh'), ...groups], { env });
      const calls = await readFile(path.join(folder, 'calls'), 'utf8').catch(() => '');
      return { code, output, calls };
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  it('tags the group for what it will launch, and what it has', async () => {
    const { code, output, calls } = await tag(['workers'], 'i-1\ti-2');
    expect(code).toBe(0);
    expect(output).toBe('workers: tagged, with 2 instances that it has');
    const key = 'Key=aws-node-termination-handler/managed,Value=true';
    expect(calls).toContain(`ResourceId=workers,ResourceType=auto-scaling-group,${key},PropagateAtLaunch=true`);
    expect(calls).toContain(`ec2 create-tags --resources i-1 --tags ${key}`);
    expect(calls).toContain(`ec2 create-tags --resources i-2 --tags ${key}`);
  });

  it('knows another tag as the program does, by its key or by key and value (A17)', async () => {
    const value = await tag(['workers'], 'i-1', { MANAGED_TAG: 'team/managed=yes' });
    expect(value.calls).toContain('Key=team/managed,Value=yes,PropagateAtLaunch=true');
    expect(value.calls).toContain('ec2 create-tags --resources i-1 --tags Key=team/managed,Value=yes\n');
    const key = await tag(['workers'], 'i-1', { MANAGED_TAG: 'team/managed' });
    expect(key.calls).toContain('--tags Key=team/managed,Value=true\n');
  });

  it('knows a group without instances, and asks for a group where none is named', async () => {
    expect((await tag(['workers'], 'None')).output).toBe('workers: tagged, with 0 instances that it has');
    expect((await tag([], '')).code).toBe(2);
  });
});
