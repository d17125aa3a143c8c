import { parse } from 'yaml';
import { at, isRecord } from '../charts/manifests.ts';

// What a release is made with is named by digest: a tag can be moved to something else by whoever owns it.

/** Actions of a workflow that no commit names, or without the version that the commit is. */
export function movableActions(workflow: string): readonly string[] {
  const used = [...workflow.matchAll(/^\s*(?:- )?uses: (\S+)(.*)$/gm)];
  return used
    .filter(([, action = '', rest = '']) => {
      const isOurs = action.startsWith('./');
      return !isOurs && !(/@[0-9a-f]{40}$/.test(action) && /^ # v\d+\.\d+\.\d+$/.test(rest));
    })
    .map(([, action = '']) => action);
}

/** Base images of a Dockerfile that no digest names. */
export function movableBases(dockerfile: string): readonly string[] {
  const bases = [...dockerfile.matchAll(/^ARG \w+_IMAGE=(\S+)$/gm), ...dockerfile.matchAll(/^FROM ([^\s$]+)/gm)];
  return bases.map(([, base = '']) => base).filter((base) => !/@sha256:[0-9a-f]{64}$/.test(base));
}

/**
 * What the release workflow breaks of its rules: nothing is tagged or published that was not built and checked before; what publishes
 * installs and builds nothing; no cache of another run gets in.
 *
 * @see https://docs.github.com/en/actions/reference/security/secure-use
 */
export function brokenReleaseRules(workflow: string): readonly string[] {
  const parsed: unknown = parse(workflow);
  const jobs = at(parsed, 'jobs');
  const broken: string[] = [];
  for (const [name, job] of Object.entries(isRecord(jobs) ? jobs : {})) {
    const permissions = at(job, 'permissions');
    const writes = isRecord(permissions) && Object.values(permissions).includes('write');
    const needs = [at(job, 'needs')].flat();
    const steps = at(job, 'steps');
    for (const step of Array.isArray(steps) ? (steps as readonly unknown[]) : []) {
      broken.push(...brokenByStep(name, writes, step));
    }
    if (writes && !needs.includes('build')) broken.push(`${name} may write, and does not wait for the build`);
    if (writes && name !== 'tag' && !needs.includes('tag')) broken.push(`${name} publishes what has no tag`);
  }
  return broken;
}

function textAt(step: unknown, name: string): string {
  const text = at(step, name);
  return typeof text === 'string' ? text : '';
}

function brokenByStep(job: string, writes: boolean, step: unknown): readonly string[] {
  const [uses, script] = [textAt(step, 'uses'), textAt(step, 'run')];
  const options = at(step, 'with');
  const broken: string[] = [];
  if (writes && /\bnpm (ci|install|run)\b|\bnpx\b|\bbuildx build\b|\bgo\b.* build\b/.test(script)) {
    broken.push(`${job} may write, and installs or builds`);
  }
  if (uses.startsWith('actions/cache')) broken.push(`${job} takes from a cache`);
  if (uses.startsWith('actions/setup-node') && at(options, 'package-manager-cache') !== false) {
    broken.push(`${job} lets setup-node take from a cache`);
  }
  if (/^actions\/setup-(go|node)@/.test(uses) && isRecord(options) && typeof options.cache === 'string') {
    broken.push(`${job} asks for a cache`);
  }
  if (uses.startsWith('actions/setup-go') && at(options, 'cache') !== false) {
    broken.push(`${job} lets setup-go take from a cache`);
  }
  return broken;
}
