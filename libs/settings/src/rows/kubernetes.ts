import { settingsAbout } from '../setting.ts';
import { boolean } from '../types/choice.ts';
import { integer, positiveNumber } from '../types/numbers.ts';
import { host, line, objectName } from '../types/text.ts';

const setting = settingsAbout('Kubernetes', 'imds-agent', 'queue-processor');
const queueSetting = settingsAbout('Kubernetes', 'queue-processor');

/** Who this program is in the cluster, and how it reaches the API server. */
export const kubernetesRows = [
  setting({
    name: 'NODE_NAME',
    type: line('the name of a Kubernetes node'),
    required: ['imds-agent'],
    description: 'The name of the node that this program runs on.',
  }),
  setting({
    name: 'POD_NAME',
    type: line('the name of a pod'),
    description:
      'The name of the pod that this program runs in. `imds-agent` never evicts it; `queue-processor` evicts it, and the other pods of its Deployment, last of their nodes.',
  }),
  setting({
    name: 'NAMESPACE',
    flags: ['pod-namespace'],
    type: line('the name of a namespace'),
    description: 'The namespace of the pod that this program runs in.',
  }),
  queueSetting({
    name: 'CLAIM_LEASE_NAME',
    type: objectName('the name of a Lease'),
    new: true,
    description:
      'The Lease, in the own namespace, in which the replicas of one release see who of them is alive; the chart makes it and sets this. Without it, or without `NAMESPACE`, what a replica that has died was working on is taken over later.',
  }),
  setting({
    name: 'KUBERNETES_SERVICE_HOST',
    type: host(),
    defaultText: 'in-cluster',
    description: 'The host of the API server.',
  }),
  setting({
    name: 'KUBERNETES_SERVICE_PORT',
    type: integer({ min: 1, max: 65535 }),
    defaultText: 'in-cluster',
    description: 'The port of the API server.',
  }),
  setting({
    name: 'KUBERNETES_SERVICE_ACCOUNT_DIRECTORY',
    type: line('the path of a folder'),
    default: '/var/run/secrets/kubernetes.io/serviceaccount',
    new: true,
    description: 'The folder that holds the token and the certificate (`token`, `ca.crt`) to log in with.',
  }),
  setting({
    name: 'KUBECONFIG',
    type: line('the path of a file'),
    new: true,
    description: 'A kubeconfig file, for running outside a cluster.',
  }),
  setting({
    name: 'KUBE_API_QPS',
    type: positiveNumber(),
    defaultText: 'no limit',
    description:
      'Requests a second that this program allows itself. Unset, it does not throttle itself; the answers by which the API server asks for patience are honoured always.',
  }),
  setting({
    name: 'KUBE_API_BURST',
    type: integer({ min: 1, max: 100_000 }),
    defaultText: 'no limit',
    description: 'Requests that may go out at once above `KUBE_API_QPS`.',
  }),
  setting({
    name: 'USE_APISERVER_CACHE',
    type: boolean(),
    default: false,
    description: 'List pods from the cache of the API server (`resourceVersion=0`) in place of a consistent read.',
  }),
  queueSetting({
    name: 'USE_PROVIDER_ID',
    type: boolean(),
    default: false,
    description: 'Accepted, and without effect: `spec.providerID` always comes before the name of a node.',
  }),
] as const;
