import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findTerraformValues, findValues, migrate, valuesFile } from '@node-termination-handler/nth-migrate';
import { root } from '../../program.ts';
import type { ProgramName } from '../../program.ts';
import { installChart, installedPod, RELEASE, renderChart, startOf } from '../chart.ts';
import { putMarks, untilGivenBack } from '../predecessor.ts';
import type { Scenario } from '../run.ts';
import type { SceneNode } from '../scene-node.ts';
import type { Scene } from '../scene.ts';
import type { PodObject } from '../../kube.ts';
import { nodePath } from '../forgery.ts';
import { writtenOn } from '../written.ts';
import { openAccount } from '../world.ts';

/** Starts the bundle with what the pod of the release was given, as its own service account. */
async function startInstalled(
  scene: Scene,
  program: ProgramName,
  namespace: string,
  replaced: Readonly<Record<string, string>>,
) {
  const pod = await installedPod(scene, program, namespace);
  const { args, env } = startOf(pod);
  assert.deepEqual(args, []);
  const name = `${RELEASE}-${program}`;
  const account = await openAccount(scene.world, namespace, name, scene.directory, pod);
  const everything = { ...env, KUBECONFIG: account.kubeconfigFile, PROBES_SERVER_PORT: '0', ...replaced };
  const running = await scene.startAs(program, name, account, everything);
  return { pod, running };
}

/** The values that people have for the Go handler, by the name of the file. */
async function oldFiles() {
  const folder = join(root, 'tools/nth-migrate/test/files');
  const names = (await readdir(folder)).sort();
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(folder, name), 'utf8');
      const { values } = name.endsWith('.tf') ? await findTerraformValues(text) : findValues(text);
      return { name, values };
    }),
  );
}

async function isDrained(scene: Scene, node: SceneNode): Promise<boolean> {
  const { status } = await scene.nodeNow(node);
  return status?.conditions?.some(({ type, status: is }) => type === 'Drained' && is === 'True') ?? false;
}

/** The right to patch the status reaches further than conditions: the chart's policy does not. */
async function mayShowConditionsAlone(scene: Scene, node: SceneNode, user: string): Promise<void> {
  const program = scene.as(user, 'system:serviceaccounts');
  const status = `/api/v1/nodes/${node.name}/status`;
  const { conditions = [] } = (await scene.nodeNow(node)).status ?? {};
  const refused = async (wanted: Readonly<Record<string, unknown>>, words: RegExp) =>
    assert.rejects(program.patch(status, { status: wanted }), words);
  await refused({ addresses: [{ type: 'InternalIP', address: '10.0.0.1' }] }, /writes conditions alone/);
  await refused({ capacity: { pods: '0' } }, /writes conditions alone/);
  await refused({ volumesAttached: [{ name: 'a', devicePath: 'b' }] }, /writes conditions alone/);
  const otherwise = (type: string) =>
    conditions.map((one) => (one.type === type ? { ...one, status: 'Unknown' } : one));
  await refused({ conditions: otherwise('Ready') }, /no conditions but its own/);
  await refused({ conditions: [] }, /no conditions but its own/);
  const theirs = { type: 'Drained', status: 'True', reason: 'Kubectl' };
  await refused({ conditions: [...conditions.filter(({ type }) => type !== 'Drained'), theirs] }, /no conditions but/);
  await program.patch(status, { status: { conditions: otherwise('Drained') } });
}

/** Both charts, installed by Helm into the real control plane. */
export const chartScenarios: readonly Scenario[] = [
  {
    name: 'charts: queue-processor',
    proves: 'Helm installs it where pod security is restricted, and the bundle with its environment and rights drains',
    async run(scene) {
      const namespace = `processor-${scene.id}`;
      const home = await scene.node();
      const going = await scene.node();
      await installChart(scene, 'queue-processor', {
        namespace,
        level: 'restricted',
        values: {
          queueURL: scene.aws.queueUrl,
          awsEndpoint: scene.aws.url,
          awsRegion: scene.aws.region,
          taintNode: true,
          emitKubernetesEvents: true,
          emitNodeConditions: true,
          nodeSelector: { 'kubernetes.io/hostname': home.name },
        },
      });
      const { pod } = await startInstalled(scene, 'queue-processor', namespace, {
        AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
        AWS_SECRET_ACCESS_KEY: 'example',
        AWS_EC2_METADATA_DISABLED: 'true',
      });
      assert.equal(pod.spec.nodeName, home.name);
      await scene.pod('web', going);
      const message = await scene.aws.sendSpotInterruption(going.instanceId);
      await scene.untilDone(going, message);
      assert.ok((await scene.eventsOf(going)).length > 0);
      await scene.eventually('the node to tell that it is drained', () => isDrained(scene, going));
      await mayShowConditionsAlone(scene, going, `system:serviceaccount:${namespace}:${RELEASE}-queue-processor`);
    },
  },
  {
    name: 'charts: imds-agent',
    proves: 'Helm installs a pod on each node that it is for, and the bundle with its environment and rights drains',
    async run(scene) {
      const namespace = `agent-${scene.id}`;
      const node = await scene.node();
      const imds = await scene.metadata(node);
      await installChart(scene, 'imds-agent', {
        namespace,
        level: 'privileged',
        values: {
          instanceMetadataURL: imds.url,
          emitKubernetesEvents: true,
          emitNodeConditions: true,
          linuxNodeSelector: { 'kubernetes.io/hostname': node.name },
        },
      });
      const { pod, running } = await startInstalled(scene, 'imds-agent', namespace, {});
      assert.equal(pod.spec.nodeName, node.name);
      await running.says(/Started monitoring for events/);
      await scene.pod('web', node);
      scene.spotNotice(node);
      await scene.eventually('the pod to be gone', () => scene.pods.of('web')?.goneAt !== undefined);
      assert.equal((await scene.nodeNow(node)).spec.unschedulable, true);
      assert.ok((await scene.eventsOf(node)).length > 0);
      await scene.eventually('the node to tell that it is drained', () => isDrained(scene, node));
    },
  },
  {
    name: 'charts: a stolen token of an agent',
    proves:
      'it writes to its own node alone and deletes pods of that node alone; a token that names no node writes to none; evictions are not fenced',
    async run(scene) {
      const namespace = `stolen-${scene.id}`;
      const [own, other] = [await scene.node(), await scene.node()];
      await installChart(scene, 'imds-agent', {
        namespace,
        level: 'privileged',
        values: { linuxNodeSelector: { 'kubernetes.io/hostname': own.name } },
      });
      const tokenOf = async (pod?: PodObject) => {
        const boundTo = pod && ({ kind: 'Pod', name: pod.metadata.name, uid: pod.metadata.uid } as const);
        const serviceAccount = `${RELEASE}-imds-agent`;
        const { token } = await scene.world.plane.mintToken({ namespace, serviceAccount, ...(boundTo && { boundTo }) });
        return scene.withToken(token);
      };
      const thief = await tokenOf(await installedPod(scene, 'imds-agent', namespace));
      const nameless = await tokenOf();
      const pods = `/api/v1/namespaces/${scene.namespace}/pods`;
      for (const [name, node] of [
        ['near', own],
        ['far', other],
        ['evicted', other],
      ] as const)
        await scene.pod(name, node);
      const cordon = { spec: { unschedulable: true } };
      const refusal = /: 403 .*the agent of a node may write to that node alone/;
      // A policy takes effect a moment after it was made.
      await scene.eventually('the policy to be in force', async () =>
        thief.patch(nodePath(other), cordon).then(
          () => false,
          (error: unknown) => refusal.test(String(error)),
        ),
      );
      await assert.rejects(nameless.patch(nodePath(own), cordon), refusal);
      await assert.rejects(thief.remove(`${pods}/far`), refusal);
      await thief.patch(nodePath(own), cordon);
      await thief.remove(`${pods}/near`);
      // docs/security.md says so: an eviction names a pod, and not where that runs.
      const eviction = { apiVersion: 'policy/v1', metadata: { name: 'evicted' } };
      await thief.create(`${pods}/evicted/eviction`, 'Eviction', eviction);
      assert.ok(await scene.kube.find(`${pods}/far`));
    },
  },
  {
    name: 'charts: from the Go handler, and back',
    proves:
      'migrated values install; what came while nobody read is done; a node that the Go handler labelled for a reboot is given back after it; on the way back what is under way is in the queue, and stands on the node as the Go handler reads it',
    async run(scene) {
      const namespace = `migrated-${scene.id}`;
      const home = await scene.node();
      const [going, rebooting, slow] = [await scene.node(), await scene.node(), await scene.node()];
      await scene.pod('web', going);
      await scene.boot(rebooting);
      // docs/migrating.md, step 4: the old release reads no more, the new one does not yet. It has drained a node for a reboot, and had not
      // deleted the message.
      const waiting = await scene.aws.sendSpotInterruption(going.instanceId);
      const rebootAt = new Date(Date.now() + 5_000);
      const health = await scene.aws.sendHealthEvent([rebooting.instanceId], { startTime: rebootAt });
      await putMarks(scene, rebooting, {
        by: 'the Go handler',
        taint: 'scheduled-maintenance',
        id: `aws-health-scheduled-change-event-${health.eventId.slice(0, 8)}`,
        rebootSince: Date.now(),
      });
      const { values, replacement } = migrate({
        enableSqsTerminationDraining: 'true',
        queueURL: scene.aws.queueUrl,
        awsEndpoint: scene.aws.url,
        awsRegion: scene.aws.region,
        taintNode: 'true',
        checkASGTagBeforeDraining: true,
        resources: { requests: { memory: '64Mi' }, limits: { memory: '128Mi' } },
        nodeSelector: { 'kubernetes.io/hostname': home.name },
      });
      assert.equal(replacement, 'queue-processor');
      await installChart(scene, replacement, { namespace, level: 'restricted', values: values[replacement] });
      const { running } = await startInstalled(scene, replacement, namespace, {
        AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
        AWS_SECRET_ACCESS_KEY: 'example',
        AWS_EC2_METADATA_DISABLED: 'true',
      });
      await scene.untilDone(going, waiting);
      await scene.eventually('the label to stand in a record', async () => {
        const { entries } = writtenOn(await scene.nodeNow(rebooting));
        return entries.some(({ key }) => key.startsWith('label/'));
      });
      assert.equal((await scene.nodeNow(rebooting)).spec.unschedulable, true);
      await scene.eventually('the start to be over', () => Date.now() > rebootAt.getTime() + 1000);
      await scene.boot(rebooting);
      await untilGivenBack(scene, rebooting);
      await scene.untilDeleted(health);

      await scene.pod('slow', slow, { endsAfterSeconds: 60, graceSeconds: 90 });
      const { messageId } = await scene.aws.sendSpotInterruption(slow.instanceId);
      await scene.eventually('the pod to be told to end', () => scene.pods.of('slow')?.toldToEndAt !== undefined);
      assert.equal(await running.stop(), 0);
      const message = scene.aws.sqs.message(messageId);
      assert.equal(message?.deletedAt, undefined);
      assert.equal(message?.receives.at(-1)?.handedBack, true);
      const { unschedulable, taints = [] } = (await scene.nodeNow(slow)).spec;
      assert.equal(unschedulable, true);
      assert.ok(taints.some(({ key }) => key === 'aws-node-termination-handler/spot-itn'));
    },
  },
  {
    name: 'charts: values of the Go handler',
    proves:
      'the API server takes, field by field, what the charts make of fifty files that people have for the Go handler',
    async run(scene) {
      const objects: string[] = [];
      const files = await oldFiles();
      for (const [index, { values }] of files.entries()) {
        const migration = migrate(values);
        const program = migration.replacement;
        objects.push(await renderChart(scene, program, `old-${index}`, valuesFile(migration, program)));
      }
      const args = ['apply', '--server-side', '--dry-run=server', '--validate=strict', '-f', '-'];
      const { code, stdout, stderr } = await scene.world.plane.kubectl(args, { input: objects.join('\n---\n') });
      assert.equal(code, 0, stderr);
      const workloads = stdout.split('\n').filter((line) => /^(daemonset|deployment)\.apps/.test(line));
      assert.ok(workloads.length >= files.length, stdout);
    },
  },
];
