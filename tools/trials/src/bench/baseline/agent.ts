import { cordonAndDrain } from './drain.ts';
import { connectKubernetes } from './kubernetes.ts';
import { EventStore } from './store.ts';

const POLL_MS = 2_000;

/** Polls the metadata of its instance every two seconds, and acts on the next tick of a second. */
export function runAgent(env: NodeJS.ProcessEnv): void {
  const base = `${env.INSTANCE_METADATA_URL ?? ''}/latest`;
  const node = env.NODE_NAME ?? '';
  const call = connectKubernetes(env);
  const store = new EventStore(10, async (event) => {
    await cordonAndDrain(call, event.node, event.id);
    await event.done();
  });
  let token: string | undefined;
  const get = async (path: string): Promise<string | undefined> => {
    if (token === undefined) {
      const headers = { 'X-aws-ec2-metadata-token-ttl-seconds': '21600' };
      token = await (await fetch(`${base}/api/token`, { method: 'PUT', headers })).text();
    }
    const response = await fetch(`${base}/meta-data/${path}`, { headers: { 'X-aws-ec2-metadata-token': token } });
    const text = await response.text();
    return response.status === 200 ? text : undefined;
  };
  const poll = async (): Promise<void> => {
    const [notice] = await Promise.all([get('spot/instance-action'), get('events/maintenance/scheduled')]);
    if (notice !== undefined) store.add({ id: notice.replaceAll(/[^\w]/g, ''), node, done: () => Promise.resolve() });
  };
  setInterval(() => void poll().catch(() => undefined), POLL_MS);
}
