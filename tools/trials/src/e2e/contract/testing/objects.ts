import { randomBytes } from 'node:crypto';
import { endsAfterAnnotation, startsAfterAnnotation } from '@node-termination-handler/sandbox';
import type { PodSetup } from './subject.ts';

/** A name nobody else uses. */
export function freshName(prefix: string): string {
  return `${prefix}-${randomBytes(5).toString('hex')}`;
}

/** A pod's manifest; how it starts and ends is told by annotations: the first ones kwok reads, the second ones the simulator. */
export function podManifest(namespace: string, setup: PodSetup): Record<string, unknown> {
  const annotations: Record<string, string> = {};
  const endsAfterSeconds = setup.endsAfterSeconds ?? setup.graceSeconds ?? 30;
  if (endsAfterSeconds === 'never') annotations['control-plane/hangs'] = 'true';
  else annotations['control-plane/terminates-after'] = `${endsAfterSeconds}s`;
  annotations[endsAfterAnnotation] = endsAfterSeconds === 'never' ? 'never' : String(endsAfterSeconds * 1000);
  if (setup.neverReady === true) {
    annotations['control-plane/starts-after'] = '1h';
    annotations[startsAfterAnnotation] = 'never';
  }
  if (setup.completes === true) annotations['control-plane/completes-after'] = '0s';
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: setup.name ?? freshName('pod'),
      namespace,
      annotations,
      labels: setup.labels ?? {},
      ...(setup.finalizers && { finalizers: setup.finalizers }),
    },
    spec: {
      // Without a node it stays without one: no scheduler of that name exists.
      ...(setup.node === undefined ? { schedulerName: 'nobody' } : { nodeName: setup.node }),
      terminationGracePeriodSeconds: setup.graceSeconds ?? 30,
      containers: [{ name: 'main', image: 'example.invalid/main:1' }],
    },
  };
}

/** A node's manifest. */
export function nodeManifest(labels: Record<string, string> = {}, taints: readonly unknown[] = []) {
  const name = freshName('node');
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } },
    spec: { providerID: `aws:///us-east-1a/i-${randomBytes(8).toString('hex')}`, ...(taints.length > 0 && { taints }) },
  };
}

/** A budget's manifest. */
export function budgetManifest(
  namespace: string,
  name: string,
  labels: Record<string, string>,
  spec: Record<string, unknown>,
) {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name, namespace },
    spec: { selector: { matchLabels: labels }, ...spec },
  };
}

/** An eviction's body. */
export function evictionManifest(namespace: string, name: string, deleteOptions?: Record<string, unknown>) {
  return {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name, namespace },
    ...(deleteOptions && { deleteOptions }),
  };
}

/** The start of a `Status` that says no. */
export function failure(code: number, reason: string) {
  return { apiVersion: 'v1', kind: 'Status', metadata: {}, status: 'Failure', reason, code };
}
