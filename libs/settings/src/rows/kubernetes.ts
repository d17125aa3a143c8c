import { defineSetting } from '../setting.ts';
import { boolean } from '../types/boolean.ts';
import { integer, positiveNumber } from '../types/numbers.ts';
import { host, line } from '../types/text.ts';

const subject = 'Kubernetes';
const both = ['imds-agent', 'queue-processor'] as const;

/** Who this program is in the cluster, and how it reaches the API server. */
export const kubernetesRows = [
  defineSetting({
    name: 'NODE_NAME',
    type: line('the name of a Kubernetes node'),
    programs: both,
    required: ['imds-agent'],
    subject,
    description: 'The name of the node that this program runs on.',
  }),
  defineSetting({
    name: 'POD_NAME',
    type: line('the name of a pod'),
    programs: both,
    subject,
    description: 'The name of the pod that this program runs in; it is never evicted by this program.',
  }),
  defineSetting({
    name: 'NAMESPACE',
    flags: ['pod-namespace'],
    type: line('the name of a namespace'),
    programs: both,
    subject,
    description: 'The namespace of the pod that this program runs in.',
  }),
  defineSetting({
    name: 'KUBERNETES_SERVICE_HOST',
    type: host(),
    programs: both,
    defaultText: 'in-cluster',
    subject,
    description: 'The host of the API server.',
  }),
  defineSetting({
    name: 'KUBERNETES_SERVICE_PORT',
    type: integer({ min: 1, max: 65535 }),
    programs: both,
    defaultText: 'in-cluster',
    subject,
    description: 'The port of the API server.',
  }),
  defineSetting({
    name: 'KUBERNETES_SERVICE_ACCOUNT_DIRECTORY',
    type: line('the path of a folder'),
    default: '/var/run/secrets/kubernetes.io/serviceaccount',
    programs: both,
    subject,
    new: true,
    description: 'The folder that holds the token and the certificate (`token`, `ca.crt`) to log in with.',
  }),
  defineSetting({
    name: 'KUBECONFIG',
    type: line('the path of a file'),
    programs: both,
    subject,
    new: true,
    description: 'A kubeconfig file, for running outside a cluster.',
  }),
  defineSetting({
    name: 'KUBE_API_QPS',
    type: positiveNumber(),
    programs: both,
    defaultText: 'no limit',
    subject,
    description:
      'Requests a second that this program allows itself. Unset, it does not throttle itself; the answers by which the API server asks for patience are honoured always.',
  }),
  defineSetting({
    name: 'KUBE_API_BURST',
    type: integer({ min: 1, max: 100_000 }),
    programs: both,
    defaultText: 'no limit',
    subject,
    description: 'Requests that may go out at once above `KUBE_API_QPS`.',
  }),
  defineSetting({
    name: 'USE_APISERVER_CACHE',
    type: boolean(),
    default: false,
    programs: both,
    subject,
    description: 'List pods from the cache of the API server (`resourceVersion=0`) in place of a consistent read.',
  }),
  defineSetting({
    name: 'USE_PROVIDER_ID',
    type: boolean(),
    default: false,
    programs: ['queue-processor'],
    subject,
    description: 'Look for the node by `spec.providerID` first, not by its name.',
  }),
] as const;
