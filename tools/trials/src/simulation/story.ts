import { successorName } from './operations.ts';
import type { Act, Plan } from './plan.ts';
import { TROUBLES } from './troubles.ts';

/** A moment of a play, for people. */
function at(ms: number): string {
  return `${(ms / 1000).toFixed(3).padStart(9)} s`;
}

const DIRECTIONS = { both: 'between', there: 'on the way there, between', back: 'on the way back, between' } as const;

function actInWords(act: Act): string {
  switch (act.kind) {
    case 'fault':
      return `${act.area} ${act.name}, for ${act.forMs} ms`;
    case 'link':
      return `${DIRECTIONS[act.direction]} ${act.program} and ${act.service}: ${TROUBLES[act.trouble]}, for ${act.forMs} ms`;
    case 'crash':
      return `${act.program} crashes at the ${act.calls}. call from now on; another begins ${act.forMs} ms later`;
    case 'freeze':
      return `${act.program} stands still for ${act.forMs} ms`;
    case 'redelivery':
      return `the message of the ${act.interruption + 1}. interruption comes once more`;
    case 'annotation':
      return act.claim === undefined
        ? `a person annotates going-${act.node + 1}`
        : `going-${act.node + 1} has a claim (${act.claim}) of one that is gone, good for an hour`;
    case 'clock':
      return `the clock of ${act.program} is set by ${(act.byMs / 1000).toFixed(1)} s, and runs ${act.rate.toFixed(4)} times as fast`;
    case 'upgrade':
      return `${act.program} is told to end; another release of it begins ${act.forMs} ms later, with ${JSON.stringify(act.env)}`;
    case 'lost-host':
      return `the host of ${act.program} is lost, and ${act.forMs} ms later ${successorName(act.program)} begins elsewhere`;
    case 'maintenance': {
      const again = act.comesAgain ? '; its first message comes once more' : '';
      return `going-${act.node + 1} is to be rebooted in two hours, which is taken back ${act.forMs} ms later${again}`;
    }
    case 'restart':
      return `the instance of going-${act.node + 1} is stopped, and started again ${act.forMs} ms later`;
    case 'warm-pool':
      return `the group takes going-${act.node + 1} back into its warm pool, and launches it out of that ${act.forMs} ms later`;
    case 'pool-end':
      return `the group takes going-${act.node + 1} back into its warm pool, where it sleeps, and ends it ${act.forMs} ms later`;
    case 'warmed':
      return `the metadata of going-${act.node + 1} tell that it is in service, and ${act.forMs} ms later that it goes back into its warm pool`;
    case 'home':
      return `${act.program} runs on going-${act.node + 1}, in a pod with ${act.graceSeconds} s of grace`;
    case 'reboot':
      return `the metadata of going-${act.node + 1} tell of a reboot in a minute; ${act.agent} begins again ${act.forMs} ms after it`;
    case 'rollback':
      return `the Go handler, rolled back to for a while, has left going-${act.node + 1} marked for a reboot that nobody tells of any more`;
    case 'registration':
      return `the object of going-${act.node + 1} is deleted, and its kubelet registers it anew ${act.forMs} ms later`;
    case 'ec2-lag':
      return `EC2 tells what was ${act.lagMs} ms ago, for ${act.forMs} ms`;
    case 'uncordon':
      return `a person uncordons going-${act.node + 1}`;
    case 'rollout':
      return `the Deployments of going-${act.node + 1} are rolled`;
    case 'deletion':
      return `a person deletes the ${act.pod + 1}. pod of going-${act.node + 1}, which takes ${act.endsAfterMs} ms to end`;
    case 'newcomer':
      return `a pod with ${act.graceSeconds} s of grace comes to going-${act.node + 1}, ${act.isLate ? 'for which its scheduler has chosen that before' : 'if it takes pods'}`;
    case 'stateful':
      return `a budget keeps a pod of a StatefulSet on going-${act.node + 1} for ${act.forMs} ms; a person deletes it ${act.deletedAfterMs} ms from now, and it comes again elsewhere`;
    case 'special-pod':
      return `on going-${act.node + 1} there is ${act.what}`;
    case 'named-pod':
      return `a pod is put on going-${act.node + 1} by its name, again each time it is gone`;
    case 'crowd':
      return `on going-${act.node + 1} there are ${act.pods} pods whose evictions a webhook lets hang`;
    case 'silent-kubelet':
      return `the kubelet of going-${act.node + 1} falls silent, and ends no pod any more`;
    case 'forgotten':
      return 'the API server says that the next eviction is done, and does nothing';
    case 'throttle':
      return `the API server has no seat for the next eviction, and asks to come again in ${act.retryAfterSeconds} s`;
    case 'budget':
      return `a budget keeps all web servers for ${act.forMs} ms`;
    case 'webhook':
      return `an admission webhook denies ${act.denies} by ${act.code} for ${act.forMs} ms`;
  }
}

/** What a plan has happen, a line for each moment, in plain words. */
export function storyOf(plan: Plan): readonly string[] {
  const { nodes, agents, replicas, ends, interruptions, holds, acts, clocks, lateMs = 0, settings } = plan;
  const hook = ends.hookSeconds === undefined ? '' : `, a hook of ${ends.hookSeconds} s`;
  const beats = ends.beats === true ? ' with heartbeats' : '';
  const goes = ends.goesAfterMs === undefined ? '' : `, instances that go ${ends.goesAfterMs} ms after their notice`;
  const agentsOn =
    agents.length === 0 ? 'no agent' : `agents on ${agents.map((node) => `going-${node + 1}`).join(', ')}`;
  const happens = [
    ...interruptions.map(({ node, way, atMs }) => ({ atMs, what: `going-${node + 1} is interrupted: ${way}` })),
    ...holds.flatMap(({ node, by, graceSeconds, turnsMs, deletionsUntilMs }) => [
      { atMs: 0, what: `a pod with ${graceSeconds} s of grace on going-${node + 1} is held by ${by}` },
      ...turnsMs.map((atMs, index) => ({
        atMs,
        what: `the pod on going-${node + 1} is ${index % 2 === 0 ? 'let go' : 'held again'}`,
      })),
      ...(deletionsUntilMs > 0 ? [{ atMs: deletionsUntilMs, what: `it may be deleted on going-${node + 1}` }] : []),
    ]),
    ...acts.map((act) => ({ atMs: act.atMs, what: actInWords(act) })),
  ];
  const wrong = Object.entries(clocks).map(([name, { aheadMs, rate }]) => {
    return `, the clock of ${name} ${(aheadMs / 1000).toFixed(0)} s ahead and ${rate.toFixed(4)} times as fast`;
  });
  const late = lateMs === 0 ? '' : `, timers that ring up to ${lateMs} ms late`;
  const besides = Object.entries(settings).map(([name, value]) => `, ${name}=${value}`);
  return [
    `${nodes} nodes that may go, ${agentsOn}, ${replicas} queue-processors${hook}${beats}${goes}${wrong.join('')}${late}${besides.join('')}`,
    ...happens.sort((one, other) => one.atMs - other.atMs).map(({ atMs, what }) => `${at(atMs)}  ${what}`),
  ];
}
