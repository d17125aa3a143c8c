import type { ProgramName } from '../../program.ts';
import type { World } from './world.ts';
import { waitUntil } from '../../wait.ts';

/** Waits until every program of a world polls its source. @throws Error when they do not in a minute */
export async function untilAtWork(world: World): Promise<void> {
  const { programs, sandbox, going } = world;
  const count = (name: ProgramName): number => programs.filter((program) => program.name === name).length;
  const [agents, processors] = [count('imds-agent'), count('queue-processor')];
  const areAgentsAtWork = (): boolean => agents === 0 || going.filter((node) => isPolled(world, node)).length >= agents;
  const areProcessorsAtWork = (): boolean =>
    processors === 0 || (sandbox.aws.calls('sqs', 'ReceiveMessage').length > 0 && nodeWatches(world) >= processors);
  const atWork = (): boolean => areAgentsAtWork() && areProcessorsAtWork();
  if (!(await waitUntil(atWork, 60_000))) throw new Error('the programs did not begin their work in a minute');
}

function nodeWatches({ sandbox }: World): number {
  return sandbox.kubernetes.requests().filter(({ verb, resource }) => verb === 'watch' && resource === 'nodes').length;
}

function isPolled({ sandbox }: World, node: string): boolean {
  return sandbox
    .imdsOf(node)
    .requests()
    .some(({ path }) => path.endsWith('/spot/instance-action'));
}
