import { writeFile } from 'node:fs/promises';
import { buildComponents } from '@node-termination-handler/control-plane';
import { freePort } from '../../program.ts';
import { eventually } from '../../wait.ts';
import type { SceneNode } from '../scene-node.ts';
import type { Scene } from '../scene.ts';

/** A running Amazon EC2 metadata mock. */
export interface MetadataMock {
  readonly url: string;
}

/**
 * Starts the Amazon EC2 metadata mock: an instance metadata service that is not ours.
 *
 * @see https://github.com/aws/amazon-ec2-metadata-mock
 */
export async function startMetadataMock(scene: Scene, node: SceneNode, args: readonly string[]): Promise<MetadataMock> {
  const { plane } = scene.world;
  const { instanceId, privateDnsName, zone } = node;
  const identity = { accountId: '123456789012', instanceId, instanceType: 'm6i.large', availabilityZone: zone };
  const metadata = { values: { 'instance-id': instanceId, 'local-hostname': privateDnsName } };
  const dynamic = { values: { 'instance-identity-document': { ...identity, region: zone.slice(0, -1) } } };
  const configuration = `${plane.directory}/metadata-mock-${scene.id}.json`;
  await writeFile(configuration, JSON.stringify({ metadata, dynamic }));
  const binaries = await buildComponents(['ec2-metadata-mock'], { version: plane.version });
  const port = await freePort();
  const mock = await plane.supervisor.start({
    name: 'ec2-metadata-mock',
    command: binaries['ec2-metadata-mock'],
    args: [...args, `--config-file=${configuration}`, '--hostname=127.0.0.1', `--port=${port}`],
    logFile: `${plane.directory}/metadata-mock-${scene.id}.log`,
    // It reads its configuration from there.
    env: { HOME: plane.directory, PATH: process.env.PATH },
  });
  scene.use({
    [Symbol.asyncDispose]: async () => {
      await mock.stop();
    },
  });
  const url = `http://127.0.0.1:${port}`;
  await eventually('the metadata mock to answer', () => fetch(`${url}/latest/meta-data/`).then(() => true), 60_000);
  return { url };
}
