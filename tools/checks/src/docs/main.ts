// node -C @node-termination-handler/source tools/checks/src/docs/main.ts
import { checkApiReference } from './checks/api-reference.ts';
import { checkAwsFiles } from './checks/aws-files.ts';
import { checkLinks } from './checks/links.ts';
import { checkShellBlocks } from './checks/shell-blocks.ts';
import { findingLines } from '../packages/report/finding.ts';
import type { Finding } from '../packages/report/finding.ts';
import { markdownFiles } from './markdown-files.ts';

const files = await markdownFiles();
const findings: Finding[] = [];
const tell = (...found: readonly Finding[]): void => {
  findings.push(...found);
  console.log(findingLines(found));
};
tell(await checkLinks(files));
tell(...(await checkAwsFiles()));
tell(...(await checkApiReference()));
tell(...(await checkShellBlocks(files)));
const failed = findings.filter(({ problems }) => problems.length > 0).length;
const skipped = findings.filter((finding) => finding.skipped !== undefined).length;
console.log(`${findings.length - failed - skipped} passed, ${failed} failed, ${skipped} skipped`);
if (failed > 0) process.exitCode = 1;
