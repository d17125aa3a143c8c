// node -C @node-termination-handler/source tools/checks/src/size/main.ts
import { findingLines } from '../packages/report/finding.ts';
import { checkSizes } from './sizes.ts';

const findings = await checkSizes();
console.log(findingLines(findings));
if (findings.some(({ problems }) => problems.length > 0)) process.exitCode = 1;
