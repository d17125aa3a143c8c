import { sleep } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import { ApiError, forbidden, internalError } from '../status.ts';
import type { Status, StatusDetails } from '../status.ts';
import type { ResourceRequest } from './request.ts';

/** Who refuses a request when it is admitted, and how; see https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/. */
export type Admission =
  /** A webhook that says no. Without a code it is 400, without a message the reason is told, or that there is none. */
  | {
      readonly by: 'webhook';
      readonly name: string;
      readonly code?: number;
      readonly reason?: string;
      readonly message?: string;
      readonly details?: StatusDetails;
    }
  /** A webhook that does not answer: the server waits for its time limit, in milliseconds, and fails. */
  | { readonly by: 'webhook-that-hangs'; readonly name: string; readonly timeoutMs: number }
  /** A ValidatingAdmissionPolicy whose expression is false. */
  | { readonly by: 'policy'; readonly name: string; readonly message?: string };

/** The refusal in the words of the real server; one that hangs takes its time first. @throws the signal's reason */
export async function admissionRefusal(
  admission: Admission,
  { group, resource, name }: Pick<ResourceRequest, 'group' | 'resource' | 'name'>,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<ApiError> {
  switch (admission.by) {
    case 'webhook':
      return denied(admission);
    case 'webhook-that-hangs':
      await sleep(clock, admission.timeoutMs, signal, { keepsProcessAlive: false });
      return internalError(
        `failed calling webhook "${admission.name}": failed to call webhook: Post "https://${admission.name}/": context deadline exceeded`,
      );
    case 'policy': {
      const why = `ValidatingAdmissionPolicy '${admission.name}' with binding '${admission.name}' denied request: ${admission.message ?? 'failed expression: false'}`;
      const { status } = forbidden({ group, resource }, name, why);
      return new ApiError({ ...status, code: 422, reason: 'Invalid' });
    }
  }
}

function denied({ name, code = 400, reason, message, details }: Extract<Admission, { by: 'webhook' }>): ApiError {
  const by = `admission webhook "${name}" denied the request`;
  const why = message ?? reason;
  const status: Status & { readonly code: number } = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: why === undefined ? `${by} without explanation` : `${by}: ${why}`,
    ...(reason !== undefined && { reason }),
    ...(details !== undefined && { details }),
    code,
  };
  return new ApiError(status);
}
