import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../workspace.ts';
import { callsOfProgram, CLOUDFORMATION } from './aws-files.ts';
import { awsRights, eksctlRights, rightsOnSecurityPage } from './aws-rights.ts';
import { readTemplate } from './infrastructure.ts';

const table = await awsRights();
const template = readTemplate(await readFile(path.join(root, CLOUDFORMATION), 'utf8'));

/** The rights that a program asks for by its calls; to decrypt, SQS asks for it. */
function rightsOf(column: 'queueProcessor' | 'imdsAgent'): readonly string[] {
  return table
    .filter((row) => row[column] !== '–' && row.right !== 'kms:Decrypt')
    .map(({ right }) => right)
    .toSorted();
}

describe('the table of rights in AWS', () => {
  it('has every call of both programs, and nothing else', async () => {
    expect(rightsOf('queueProcessor')).toEqual(await callsOfProgram('queue-processor'));
    expect(rightsOf('imdsAgent')).toEqual(await callsOfProgram('imds-agent'));
  });

  it('says of each what it is for, whether it is needed, and what is lost without it', () => {
    expect(new Set(table.map(({ right }) => right)).size).toBe(table.length);
    for (const { right, queueProcessor, imdsAgent, whatFor, without } of table) {
      for (const needed of [queueProcessor, imdsAgent])
        expect(needed, right).toMatch(/^(–|optional|required( with .+)?)$/);
      expect([queueProcessor, imdsAgent], right).not.toEqual(['–', '–']);
      expect(whatFor.length, right).toBeGreaterThan(5);
      expect(without.length, right).toBeGreaterThan(10);
    }
  });

  it('is what the files for AWS and the snippet for eksctl grant', async () => {
    expect(template.rights).toEqual([...rightsOf('queueProcessor'), 'kms:Decrypt'].toSorted());
    expect(await eksctlRights()).toEqual(rightsOf('queueProcessor'));
  });

  it('is what docs/security.md names', async () => {
    const named = new Set([...rightsOf('queueProcessor'), ...rightsOf('imdsAgent')]);
    expect(await rightsOnSecurityPage()).toEqual([...named].toSorted());
  });
});
