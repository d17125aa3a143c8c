import assert from 'node:assert/strict';
import { assertEvictedOnce, assertToldOnce, SETTINGS, toldOn, untilAllDone } from '../going.ts';
import type { Sent } from '../going.ts';
import { installRelease } from '../release.ts';
import type { Release } from '../release.ts';
import type { Scenario } from '../run.ts';
import type { SceneNode } from '../scene-node.ts';
import type { Scene } from '../scene.ts';
import { required } from '../stage.ts';

/** Where the pods of a release are. */
const homesOf = ({ nodes }: Scene, release: Release): readonly SceneNode[] =>
  nodes.filter(({ name }) => release.atWork.some(({ nodeName }) => nodeName === name));

/** Some work on a node, which its own pod must outlast. */
async function webOn(scene: Scene, node: SceneNode): Promise<string> {
  const name = `web-${scene.nodes.indexOf(node)}`;
  await scene.pod(name, node, { endsAfterSeconds: 2, graceSeconds: 20, labels: { app: name } });
  return name;
}

/** The pod of the release on a node was told to end when the others were gone, ended by itself, and only then its hook was completed. */
function assertWentLast(scene: Scene, release: Release, node: SceneNode, web: string, sent?: Sent): void {
  const own = release.on(node.name);
  // Both times are this process' own, from watches, which are a moment apart.
  assert.ok(required(own.toldToEndAt) >= required(scene.pods.of(web)?.goneAt) - 500, `${own.name} did not go last`);
  assert.equal(own.program?.ended, 'exit code 0');
  if (sent === undefined) return;
  const { endedAt } = scene.action(sent);
  assert.ok(
    required(endedAt) >= required(own.goneAt) - 500,
    `the hook of ${node.name} was completed before its last pod`,
  );
}

/** For so long a poll hides what it brings while nothing is in hand, in ms. */
const IDLE_HIDDEN_MS = 10_000;

/**
 * No poll that was given up took a message for long, and none was received more often than a hand-over asks for. SQS may hand a message to a
 * poll in the very moment in which that is given up.
 */
function assertNothingStranded({ aws }: Scene, handOvers: number): void {
  for (const { receives } of aws.sqs.messages()) {
    assert.ok(
      receives.every(({ delivered, at, visibleAgainAt }) => delivered || visibleAgainAt - at <= IDLE_HIDDEN_MS),
    );
    assert.ok(receives.length <= 1 + handOvers, `${receives.length} receives`);
  }
}

/** The queue-processor's own node goes away, too. */
export const ownNodeScenarios: readonly Scenario[] = [
  {
    name: 'own node: one replica',
    proves:
      'the only replica goes last of its node, another is started at once, reads what was sent meanwhile, and completes the hook of the node',
    async run(scene) {
      const group = scene.hook();
      const home = await scene.node({ group });
      const release = await installRelease(scene, { replicas: 1 }, SETTINGS);
      await release.untilAtWork(1);
      const web = await webOn(scene, home);
      await scene.node();
      const other = await scene.node({ unschedulable: true });
      const sent = await scene.terminate(home);
      await scene.eventually('the own pod to be told to end', () => release.on(home.name).toldToEndAt !== undefined);
      const moment = await toldOn(scene, [home]);
      const meanwhile = await scene.aws.sendSpotInterruption(other.instanceId);
      await untilAllDone(scene, home, sent);
      await scene.untilDeleted(meanwhile, 60_000);
      assertWentLast(scene, release, home, web, sent);
      assertToldOnce(scene, [moment]);
      await assertEvictedOnce(scene);
      assertNothingStranded(scene, 2);
    },
  },
  {
    name: 'own node: three replicas in one burst',
    proves:
      'the nodes of all three go at once: nothing is lost, each hook is completed after the last pod of its node, and nobody waits for another',
    long: true,
    async run(scene) {
      const group = scene.hook();
      await Promise.all([1, 2, 3].map(() => scene.node({ group })));
      const release = await installRelease(scene, { replicas: 3 }, SETTINGS);
      await release.untilAtWork(3);
      const homes = homesOf(scene, release);
      assert.equal(homes.length, 3);
      const webs = await Promise.all(homes.map((node) => webOn(scene, node)));
      await Promise.all([1, 2].map(() => scene.node()));
      const sent = await Promise.all(homes.map((node) => scene.terminate(node)));
      for (const [index, node] of homes.entries()) await untilAllDone(scene, node, required(sent[index]));
      for (const [index, node] of homes.entries())
        assertWentLast(scene, release, node, required(webs[index]), required(sent[index]));
      await assertEvictedOnce(scene);
      assertNothingStranded(scene, 3);
      await release.untilAtWork(3);
    },
  },
  {
    name: 'own node: a budget of its own',
    proves:
      'a budget that forbids to evict the only replica is kept while a hook holds the node; it goes on working, and goes when the budget opens',
    async run(scene) {
      const group = scene.hook();
      const home = await scene.node({ group });
      const values = { replicas: 1, podDisruptionBudget: { minAvailable: 1 } };
      const release = await installRelease(scene, values, SETTINGS);
      await release.untilAtWork(1);
      const web = await webOn(scene, home);
      const other = await scene.node({ group });
      const sent = await scene.terminate(home);
      const own = release.on(home.name);
      await own.program?.says(/disruption budget/);
      // It works on, for others.
      await untilAllDone(scene, other, await scene.terminate(other));
      await scene.node();
      assert.equal(own.toldToEndAt, undefined);
      assert.equal(scene.action(sent).state, 'waiting');
      const budget = `/apis/policy/v1/namespaces/${release.namespace}/poddisruptionbudgets/nth-queue-processor`;
      await scene.kube.patch(budget, { spec: { minAvailable: 0 } });
      await untilAllDone(scene, home, sent);
      assertWentLast(scene, release, home, web, sent);
      await assertEvictedOnce(scene);
      assertNothingStranded(scene, 1);
    },
  },
  {
    name: 'own node: Spot',
    proves:
      'before a fixed end the own pod goes at its last graceful moment though another is held, and its successor hurries that one',
    async run(scene) {
      const home = await scene.node();
      const release = await installRelease(scene, { replicas: 1, terminationGracePeriodSeconds: 40 }, SETTINGS);
      await release.untilAtWork(1);
      const web = await webOn(scene, home);
      await scene.budget(web, { labels: { app: web } }, { minAvailable: 1 });
      await scene.node();
      // It comes late: the instance goes in 50 s, 40 of which are the own pod's grace.
      const message = await scene.aws.sendSpotInterruption(home.instanceId, { time: new Date(Date.now() - 70_000) });
      await scene.eventually('the own pod to be told to end', () => release.on(home.name).toldToEndAt !== undefined);
      assert.equal(scene.pods.of(web)?.toldToEndAt, undefined);
      await release.untilAtWork(1);
      await scene.untilDone(home, message, 70_000);
      assert.equal(release.on(home.name).program?.ended, 'exit code 0');
      await assertEvictedOnce(scene);
      assertNothingStranded(scene, 1);
    },
  },
];
