import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runDemo } from './run-demo.ts';

let workspaceRoot: string;
let written: string;
const output = { isTTY: false, write: (text: string) => (written += text) } as unknown as NodeJS.WriteStream;

beforeEach(async () => {
  written = '';
  workspaceRoot = await mkdtemp(path.join(tmpdir(), 'nth-demo-test-'));
});
afterEach(() => rm(workspaceRoot, { recursive: true }));

async function bundles(source: string): Promise<void> {
  for (const app of ['imds-agent', 'queue-processor']) {
    const folder = path.join(workspaceRoot, 'apps', app, 'dist');
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, 'main.cjs'), source);
  }
}

describe('the demo', () => {
  it('asks for the bundles when they are missing', async () => {
    await expect(runDemo({ workspaceRoot, output })).rejects.toThrow(
      'apps/imds-agent/dist/main.cjs is missing: build the programs first, by npm run bundle',
    );
  });

  it('fails, and says why, when a program does not run', async () => {
    await bundles(`console.log('cannot start'); process.exitCode = 7`);
    expect(await runDemo({ workspaceRoot, output })).toBe(false);
    expect(written).toContain('ended: exit code 7');
    expect(written).toContain('cannot start');
    const page = await readFile(path.join(workspaceRoot, 'results/demo/timeline.html'), 'utf8');
    expect(page).toContain('something is wrong');
  });

  it('fails in time when the programs do nothing', async () => {
    await bundles('setInterval(() => {}, 1000)');
    expect(await runDemo({ workspaceRoot, output, timeLimitMs: 300 })).toBe(false);
    expect(written).toContain('they did not in time');
  });

  it('ends early when told', async () => {
    await bundles('setInterval(() => {}, 1000)');
    expect(await runDemo({ workspaceRoot, output, signal: AbortSignal.abort() })).toBe(false);
  });
});
