import type { World } from './world.ts';
import { waitUntil } from './wait.ts';

/** Waits until every program of a world polls its source. */
export async function untilAtWork(world: World): Promise<void> {
  const { programs, sandbox } = world;
  const count = (name: string): number => programs.filter(({ program }) => program.name === name).length;
  const atWork = (): boolean => {
    const polled = world.going.filter((node) => hasImds(world, node) && isPolled(world, node)).length;
    const lists = sandbox.kubernetes
      .requests()
      .filter(({ verb, resource }) => verb === 'watch' && resource === 'nodes');
    return (
      polled >= count('imds-agent') &&
      (count('queue-processor') === 0 ||
        (sandbox.aws.calls('sqs', 'ReceiveMessage').length > 0 && lists.length >= count('queue-processor')))
    );
  };
  if (!(await waitUntil(atWork, 60_000))) throw new Error('the programs did not begin their work in a minute');
}

function hasImds({ sandbox, programs }: World, node: string): boolean {
  if (!programs.some(({ program }) => program.name === 'imds-agent')) return false;
  try {
    return sandbox.imdsOf(node).url !== '';
  } catch {
    return false;
  }
}

function isPolled({ sandbox }: World, node: string): boolean {
  return sandbox
    .imdsOf(node)
    .requests()
    .some(({ path }) => path.endsWith('/spot/instance-action'));
}
