import { inspect } from 'node:util';
import type { Scene } from '../harness/scene.ts';

const lines = 25;

/** What a person wants to see first: the last lines of each program, the state of each node and its pods. */
export async function failureReport(scene: Scene): Promise<string> {
  const parts: string[] = [];
  for (const program of scene.programs) {
    const exit = program.process.exit;
    const state = exit === undefined ? 'running' : `ended with ${exit.signal ?? exit.code ?? '?'}`;
    const text = await program.text();
    parts.push(`── ${program.name} (${state}), last lines:`, ...text.trim().split('\n').slice(-lines));
  }
  for (const node of scene.nodes) {
    const now = await scene.nodeNow(node).catch(String);
    if (typeof now === 'string') {
      parts.push(`── node ${node.name}: ${now}`);
      continue;
    }
    const { metadata, spec } = now;
    const { labels, annotations } = metadata;
    parts.push(`── node ${node.name} (${node.instanceId}):`, show({ ...spec, labels, annotations }));
    const pods = await scene.podsOn(node, { all: true }).catch(() => []);
    for (const pod of pods) {
      const ending = pod.metadata.deletionTimestamp === undefined ? '' : ', ending';
      parts.push(`   pod ${pod.metadata.namespace ?? ''}/${pod.metadata.name} ${pod.status?.phase ?? ''}${ending}`);
    }
  }
  return parts.join('\n');
}

function show(value: unknown): string {
  return inspect(value, { depth: 5, breakLength: 140, compact: 3 });
}
