import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ControlPlane } from '@node-termination-handler/control-plane';
import { root } from '../../program.ts';

/**
 * Every kind of call that the programs make, and the contract test that holds the simulator to the real server's answers for it. A scenario
 * fails when a program makes a call that is not in here.
 */
export const coveredCalls: ReadonlyMap<string, string> = new Map([
  ['get nodes', 'read.test.ts'],
  ['list nodes', 'read.test.ts'],
  ['watch nodes', 'watch.test.ts'],
  ['patch nodes', 'patch.test.ts'],
  ['patch nodes/status', 'patch.test.ts'],
  ['get pods', 'read.test.ts'],
  ['list pods', 'read.test.ts'],
  ['watch pods', 'watch.test.ts'],
  ['delete pods', 'delete.test.ts'],
  ['patch pods/status', 'patch.test.ts'],
  ['create pods/eviction', 'eviction.test.ts'],
  ['get daemonsets', 'read.test.ts'],
  ['list poddisruptionbudgets', 'eviction.test.ts'],
  ['watch poddisruptionbudgets', 'eviction.test.ts'],
  ['get leases', 'lease.test.ts'],
  ['list leases', 'lease.test.ts'],
  ['watch leases', 'lease.test.ts'],
  ['patch leases', 'lease.test.ts'],
  ['create events', 'event.test.ts'],
  ['create selfsubjectaccessreviews', 'access.test.ts'],
  ['patch events', 'event.test.ts'],
]);

/** Runs the contract tests against a real control plane; true when all pass. Results go to a JUnit file, too. */
export async function runContract(plane: ControlPlane, junitFile: string): Promise<boolean> {
  const caFile = join(plane.directory, 'contract-ca.pem');
  await writeFile(caFile, plane.caPem);
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const args = ['run', '--root', join(root, 'tools', 'trials'), 'src/e2e/contract', '--maxWorkers=2'];
  const reporters = ['--reporter=dot', '--reporter=junit', `--outputFile.junit=${junitFile}`];
  const child = spawn(process.execPath, [vitest, ...args, ...reporters], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env,
      CONTRACT_SERVER: 'real',
      CONTRACT_URL: plane.url,
      CONTRACT_CA_FILE: caFile,
      CONTRACT_TOKEN: plane.adminToken,
      CONTRACT_ETCD_URL: plane.etcdUrl,
    },
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code === 0;
}
