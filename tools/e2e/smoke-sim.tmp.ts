import { startKubernetes, node, pod } from '@node-termination-handler/sandbox';
import { writeFileSync } from 'node:fs';
const N = Number(process.argv[2] ?? 100);
const sim = await startKubernetes({});
for (let n = 0; n < N; n++) { sim.put(node({ name: `n${n}` })); for (let i = 0; i < 10; i++) sim.put(pod({ name: `web-${n}-${i}`, node: `n${n}`, owner: 'ReplicaSet', ownerName: 'web' })); }
writeFileSync('/tmp/smoke/kubeconfig', sim.kubeconfig(sim.issueToken({ user: 'nth' })));
process.stdin.on('end', () => process.exit(0)).resume();
console.log('up');
