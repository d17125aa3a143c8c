import { examine } from '../finding.ts';
import type { Finding } from '../finding.ts';
import { publishedPackages } from '../workspace.ts';
import { compareApiReport } from './api-report.ts';
import { checkFreshProject } from './fresh-project.ts';
import { checkTarball } from './tarball.ts';

/** Checks the published packages: their files, exports and types, what they offer, and their use from a registry in a fresh project. */
export async function* checkPackages(isWriting: boolean): AsyncGenerator<Finding> {
  const packages = await publishedPackages();
  for (const one of packages) yield* checkTarball(one);
  for (const one of packages) yield await examine(`API report: ${one.name}`, () => compareApiReport(one, isWriting));
  yield* checkFreshProject(packages);
}
