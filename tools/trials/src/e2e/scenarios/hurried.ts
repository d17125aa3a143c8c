import assert from 'node:assert/strict';
import type { Kube, PodObject } from '../../kube.ts';
import { kindOfCall } from '../audit.ts';
import { installChart, RELEASE } from '../chart.ts';
import type { Scenario } from '../run.ts';

/** Pods that are deleted past what refused their eviction, and what is said on them before. */
export const hurriedScenarios: readonly Scenario[] = [
  {
    name: 'hurried: a Job that forgives disruptions',
    proves:
      'a pod is said to be disrupted before it is deleted past its budget, so that a Job with a podFailurePolicy survives and starts another',
    async run(scene) {
      const node = await scene.node();
      const job = await scene.job('batch', { graceSeconds: 8, endsAfterSeconds: 1 });
      await scene.budget('closed', job, { minAvailable: 1 });
      const spare = await scene.node();
      const processor = await scene.processor({ NODE_TERMINATION_GRACE_PERIOD: '20' });
      const message = await scene.aws.sendSpotInterruption(node.instanceId);
      await scene.untilDone(node, message);
      const [life] = scene.pods.all().filter(({ nodeName }) => nodeName === node.name);
      assert.equal(life?.disruption, 'DeletionByNodeTerminationHandler');
      assert.ok((life.graceSeconds ?? 0) >= 5, `it was given ${life.graceSeconds} s`);
      await scene.untilRunning(job, 1);
      assert.equal((await job.pods()).find(({ status }) => status?.phase === 'Running')?.spec.nodeName, spare.name);
      assert.deepEqual(await job.conditions(), []);
      const requests = await scene.requestsOf(processor);
      assert.deepEqual(requests.filter(({ responseStatus }) => responseStatus?.code === 403).map(kindOfCall), []);
      const accepted = requests.filter(({ responseStatus }) => responseStatus?.code === 200);
      const done = accepted.map(kindOfCall).filter((call) => call === 'patch pods/status' || call === 'delete pods');
      assert.deepEqual(done, ['patch pods/status', 'delete pods']);
    },
  },
  {
    name: 'hurried: nothing but the condition',
    proves:
      'with the rights of the chart’s queue-processor nothing of a pod’s status can be changed but DisruptionTarget',
    async run(scene) {
      const namespace = `fenced-${scene.id}`;
      const node = await scene.node();
      await scene.pod('web', node);
      await installChart(scene, 'queue-processor', {
        namespace,
        level: 'restricted',
        values: { queueURL: scene.aws.queueUrl, replicas: 0 },
      });
      const processor = scene.as(
        `system:serviceaccount:${namespace}:${RELEASE}-queue-processor`,
        `system:serviceaccounts:${namespace}`,
      );
      const path = `${scene.podPath('web')}/status`;
      const failed = { status: { phase: 'Failed' } };
      await scene.eventually('the fence to stand', () => isDenied(processor, `${path}?dryRun=All`, failed));
      const conditions = (await scene.kube.get<PodObject>(scene.podPath('web'))).status?.conditions ?? [];
      const disrupted = { type: 'DisruptionTarget', status: 'True', reason: 'Example', message: 'it goes' };
      const refused: Readonly<Record<string, object>> = {
        'a phase': failed,
        'a phase with the condition': { status: { phase: 'Failed', conditions: [...conditions, disrupted] } },
        'an address': { status: { podIP: '10.9.9.9', podIPs: [{ ip: '10.9.9.9' }] } },
        'no address': { status: { podIP: null, podIPs: null } },
        'its containers': { status: { containerStatuses: null } },
        'another condition': { status: { conditions: [...conditions, { type: 'example.com/x', status: 'True' }] } },
        readiness: {
          status: { conditions: conditions.map((one) => (one.type === 'Ready' ? { ...one, status: 'False' } : one)) },
        },
        'the condition in place of the others': { status: { conditions: [disrupted] } },
        'a label': { metadata: { labels: { app: 'another' } } },
        'an annotation': { metadata: { annotations: { 'example.com/x': 'y' } } },
        'a finalizer': { metadata: { finalizers: ['example.com/hold'] } },
      };
      for (const [what, patch] of Object.entries(refused)) assert.ok(await isDenied(processor, path, patch), what);
      await processor.patch(path, { status: { conditions: [...conditions, disrupted] } });
      const { metadata, status } = await scene.kube.get<PodObject>(scene.podPath('web'));
      assert.equal(metadata.labels?.app, 'web');
      assert.equal(status?.phase, 'Running');
      assert.deepEqual(
        status.conditions?.map(({ type }) => type).sort(),
        [...conditions.map(({ type }) => type), 'DisruptionTarget'].sort(),
      );
      await assert.rejects(processor.patch(scene.podPath('web'), failed), /cannot patch resource/);
    },
  },
];

/** Whether a patch is denied by an admission policy. */
async function isDenied(kube: Kube, path: string, patch: object): Promise<boolean> {
  try {
    await kube.patch(path, patch);
    return false;
  } catch (error) {
    // Before the role has come to the authorizer, it is the one that says no.
    return error instanceof Error && error.message.includes('ValidatingAdmissionPolicy');
  }
}
