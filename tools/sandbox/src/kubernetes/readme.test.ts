import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { node, pod, podDisruptionBudget } from './builders.ts';
import { startKubernetes } from './simulator.ts';

it('stands in the README as it runs here', async () => {
  await using kubernetes = await startKubernetes({ workloadController: true });
  kubernetes.put(node({ name: 'worker-1' }));
  kubernetes.put(pod({ name: 'web-1', node: 'worker-1', owner: 'ReplicaSet', endsAfterMs: 'hangs' }));
  kubernetes.put(podDisruptionBudget({ name: 'web', maxUnavailable: 1 }));
  kubernetes.faults.add({
    match: { verb: 'create', subresource: 'eviction' },
    effect: { kind: 'flow-control' },
    times: 3,
  });
  const kubeconfig = kubernetes.kubeconfig(kubernetes.issueToken({ user: 'nth' }));
  expect(kubeconfig).toContain(kubernetes.url);

  const here = await readFile(new URL('./readme.test.ts', import.meta.url), 'utf8');
  const readme = await readFile(new URL('./README.md', import.meta.url), 'utf8');
  const example = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? '';
  const statements = example.split('\n').filter((line) => line !== '' && !line.startsWith('import'));
  expect(statements).toHaveLength(6);
  const compact = (text: string): string => text.replaceAll(/\s+/g, '').replaceAll(',}', '}');
  for (const statement of statements) expect(compact(here)).toContain(compact(statement));
});
