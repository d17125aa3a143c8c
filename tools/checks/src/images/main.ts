// node -C @node-termination-handler/source tools/checks/src/images/main.ts [stage]
import { checkImages } from './check.ts';
import { imagePrograms } from './programs.ts';
import { stage } from './stage.ts';

const usage = `Usage: image-check [stage]

Checks the Dockerfiles and what can be checked of the images without a container runtime.
  stage   only lays out apps/*/dist/image, the folders that the images are built from
`;

const [command, ...rest] = process.argv.slice(2);
if (command === 'stage' && rest.length === 0) {
  for (const program of imagePrograms) console.log(`${program}: ${(await stage(program)).join(', ')}`);
} else if (command === undefined) {
  const findings = await checkImages();
  for (const { what, status, detail } of findings) console.log(`${status}  ${what}: ${detail}`);
  const count = (wanted: string) => findings.filter(({ status }) => status === wanted).length;
  console.log(`${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`);
  if (count('failed') > 0) process.exitCode = 1;
} else {
  console.error(usage);
  process.exitCode = command === '--help' ? 0 : 2;
}
