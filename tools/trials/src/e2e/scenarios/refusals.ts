import assert from 'node:assert/strict';
import { podPolicy, podWebhook, policyBinding, startAdmissionServer } from '../admission.ts';
import type { Reviewed, Verdict } from '../admission.ts';
import { askedFor, assertKept, lastGracefulMoment, untilAsked } from '../asked-for.ts';
import { takenAt } from '../audit.ts';
import type { Scenario } from '../run.ts';
import type { Scene } from '../scene.ts';

const WEBHOOK = 'no.example.com';
const cause = { causes: [{ reason: 'DisruptionBudget', message: 'no' }], retryAfterSeconds: 3600 };

/** Pods by what the webhook says of them, and the code with which the API server refuses their eviction then. */
const REFUSALS: Readonly<Record<string, readonly [verdict: Verdict, code: number]>> = {
  'no-code': [{}, 400],
  'code-400': [{ code: 400, reason: 'BadRequest' }, 400],
  'code-403': [{ code: 403, reason: 'Forbidden' }, 403],
  'code-404': [{ code: 404, reason: 'NotFound' }, 404],
  'code-409': [{ code: 409, reason: 'Conflict' }, 409],
  'code-422': [{ code: 422, reason: 'Invalid' }, 422],
  'code-429': [{ code: 429, reason: 'TooManyRequests' }, 429],
  'code-429-with-a-cause': [{ code: 429, reason: 'TooManyRequests', details: cause }, 429],
  'code-503': [{ code: 503, reason: 'ServiceUnavailable' }, 503],
  hangs: ['hang', 500],
};
const UNREACHABLE = 'unreachable';
const BY_POLICY = 'by-policy';

const admission = '/apis/admissionregistration.k8s.io/v1';

/** Creates a part of the cluster's admission; the answer, or the end of the scenario, takes it away. */
async function admit(scene: Scene, kind: string, plural: string, fields: Readonly<Record<string, unknown>>) {
  const name = `refusals-${scene.id}`;
  await scene.kube.create(`${admission}/${plural}`, kind, { metadata: { name }, ...fields });
  let isThere = true;
  const remove = async () => {
    if (isThere) await scene.kube.remove(`${admission}/${plural}/${name}`);
    isThere = false;
  };
  scene.use({ [Symbol.asyncDispose]: remove });
  return { name, remove };
}

/** A webhook that is asked about every pod of the scenario, and another one that nobody answers for. */
async function webhooks(scene: Scene, verdictOn: (asked: Reviewed) => Verdict) {
  const server = scene.use(await startAdmissionServer(verdictOn));
  const service = { namespace: scene.namespace, name: 'nobody' };
  const gone = {
    ...podWebhook('gone.example.com', { service }, scene.namespace),
    matchConditions: [{ name: 'one-pod', expression: `request.name == '${UNREACHABLE}'` }],
  };
  const hooks = [podWebhook(WEBHOOK, server.clientConfig, scene.namespace), gone];
  return admit(scene, 'ValidatingWebhookConfiguration', 'validatingwebhookconfigurations', { webhooks: hooks });
}

/** A policy that keeps one pod. */
async function policy(scene: Scene) {
  const spec = podPolicy(`request.name != '${BY_POLICY}'`, 'not now');
  const plural = 'validatingadmissionpolicies';
  const { name } = await admit(scene, 'ValidatingAdmissionPolicy', plural, { spec });
  return admit(scene, 'ValidatingAdmissionPolicyBinding', 'validatingadmissionpolicybindings', {
    spec: policyBinding(name, scene.namespace),
  });
}

/** Both are in force within moments of their creation: until then a dry run of the eviction is let through. */
async function untilInForce(scene: Scene, pods: readonly string[]): Promise<void> {
  const body = (name: string) => ({ metadata: { name, namespace: scene.namespace } });
  for (const name of pods) {
    const path = `${scene.podPath(name)}/eviction?dryRun=All`;
    const isLetThrough = () =>
      scene.kube.create(path, 'Eviction', body(name)).then(
        () => true,
        () => false,
      );
    await scene.eventually(`${name} to be held`, async () => !(await isLetThrough()));
  }
}

/** What admission webhooks and policies say, judged by the API server's audit log. */
export const refusalScenarios: readonly Scenario[] = [
  {
    name: 'refusals: none is final',
    proves:
      'a webhook that refuses by any code, hangs or is not there, and a policy, hold their own pods alone, are named, asked again and never overruled while the instance stays',
    timeoutMs: 240_000,
    async run(scene) {
      const node = await scene.node();
      const codes = new Map<string, number>([
        ...Object.entries(REFUSALS).map(([pod, [, code]]) => [pod, code] as const),
        [UNREACHABLE, 500],
        [BY_POLICY, 422],
      ]);
      const held = [...codes.keys()];
      await Promise.all([...held, 'free'].map((name) => scene.pod(name, node)));
      let isOver = false;
      const hooks = await webhooks(scene, ({ name }) => (isOver ? 'allow' : (REFUSALS[name]?.[0] ?? 'allow')));
      const binding = await policy(scene);
      await untilInForce(scene, ['no-code', UNREACHABLE, BY_POLICY]);
      const processor = await scene.processor();
      const message = await scene.aws.sendRebalanceRecommendation(node.instanceId);
      await scene.eventually('the pod that nobody holds to be gone', () => scene.pods.of('free')?.goneAt !== undefined);
      for (const [pod, code] of codes) {
        await untilAsked(scene, pod, `to be refused twice with ${code}`, ({ evictions }) => {
          return evictions.filter(({ responseStatus }) => responseStatus?.code === code).length >= 2;
        });
      }
      for (const name of [WEBHOOK, 'gone.example.com', binding.name]) await processor.says(new RegExp(name));
      isOver = true;
      await hooks.remove();
      await binding.remove();
      await scene.untilDone(node, message, 100_000);
      for (const pod of held) await assertKept(scene, pod, pod);
    },
  },
  {
    name: 'refusals: before an end',
    proves:
      'from the last graceful moment on a pod that a webhook holds is deleted; where deletions are refused as well, both are asked for by turns',
    timeoutMs: 240_000,
    async run(scene) {
      const [graceSeconds, endsInS] = [50, 60];
      const node = await scene.node();
      for (const name of ['evictions', 'both']) await scene.pod(name, node, { graceSeconds });
      let isOver = false;
      const refused = { code: 403, reason: 'Forbidden', message: 'not now' };
      await webhooks(scene, ({ name, operation }) => {
        const holds = operation === 'CREATE' || (name === 'both' && !isOver);
        return holds ? refused : 'allow';
      });
      await untilInForce(scene, ['evictions', 'both']);
      await scene.processor({ NODE_TERMINATION_GRACE_PERIOD: String(endsInS) });
      const time = new Date(Math.floor(Date.now() / 1000) * 1000);
      const message = await scene.aws.sendSpotInterruption(node.instanceId, { time });
      await untilAsked(
        scene,
        'both',
        'to be refused its deletion three times',
        ({ deletions }) => deletions.length >= 3,
      );
      isOver = true;
      await scene.untilDone(node, message, 100_000);
      const graceful = lastGracefulMoment(time.getTime() + endsInS * 1000, graceSeconds);
      for (const pod of ['evictions', 'both']) {
        const { accepted, deletions } = await askedFor(scene, pod);
        assert.deepEqual(accepted, deletions.slice(-1), `${pod}: one deletion is accepted, the last`);
        assert.deepEqual(
          deletions.filter((one) => takenAt(one) < graceful),
          [],
          `${pod}: deleted before its last graceful moment`,
        );
      }
      const { evictions, deletions } = await askedFor(scene, 'both');
      const [first = Infinity, second = 0] = deletions.map(takenAt);
      const between = evictions.filter((one) => takenAt(one) > first && takenAt(one) < second);
      assert.ok(between.length >= 1, 'no eviction between two deletions');
    },
  },
];
