export { podDisruptionBudget } from './builders/budget.ts';
export type { BudgetOptions } from './builders/budget.ts';
export { instanceIdOf, node } from './builders/node.ts';
export type { NodeOptions, Taint } from './builders/node.ts';
export { controllerUid } from './builders/owner.ts';
export type { ControllerKind } from './builders/owner.ts';
export { pod } from './builders/pod.ts';
export type { PodOptions } from './builders/pod.ts';
export { volumeAttachment } from './builders/volume-attachment.ts';
export { workload } from './builders/workload.ts';
export type { WorkloadOptions } from './builders/workload.ts';
export type { PolicyRule } from './auth/rules.ts';
export type { TokenRequest } from './auth/tokens.ts';
export type {
  KubernetesFault,
  KubernetesFaultEffect,
  KubernetesFaultHandle,
  KubernetesRequestMatch,
} from './faults/fault.ts';
export type { KubernetesFaults } from './faults/faults.ts';
export type {
  KubernetesObject,
  KubernetesObjectInput,
  ObjectMetadata,
  OwnerReference,
} from './object/kubernetes-object.ts';
export type { KubernetesOptions } from './options.ts';
export { endsAfterAnnotation, startsAfterAnnotation } from './pods/behaviour.ts';
export type { PodBehaviour } from './pods/behaviour.ts';
export type { ObjectName, ObjectQuery } from './seeder.ts';
export type { RequestRecord } from './server/request-log.ts';
export { startKubernetes } from './simulator.ts';
export type { KubernetesSimulator } from './simulator.ts';
export type { Change } from './store/change.ts';
