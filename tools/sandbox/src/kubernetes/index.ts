export { podDisruptionBudget } from './builders.ts';
export type { BudgetOptions } from './builders.ts';
export { instanceIdOf, node } from './builders.ts';
export type { NodeOptions, Taint } from './builders.ts';
export { controllerUid } from './builders.ts';
export type { ControllerKind } from './builders.ts';
export { pod } from './builders.ts';
export type { PodOptions } from './builders.ts';
export { volumeAttachment } from './builders.ts';
export { workload } from './builders.ts';
export type { WorkloadOptions } from './builders.ts';
export type { PolicyRule } from './access/access.ts';
export type { TokenRequest } from './access/access.ts';
export type {
  KubernetesFault,
  KubernetesFaultEffect,
  KubernetesFaultHandle,
  KubernetesRequestMatch,
} from './faults.ts';
export type { KubernetesFaults } from './faults.ts';
export type { KubernetesObject, KubernetesObjectInput, ObjectMetadata, OwnerReference } from './object/object.ts';
export type { KubernetesOptions } from './options.ts';
export { endsAfterAnnotation, startsAfterAnnotation } from './object/pod.ts';
export type { PodBehaviour } from './object/pod.ts';
export type { ObjectName, ObjectQuery } from './seeder.ts';
export type { RequestRecord } from './server/handle.ts';
export { startKubernetes } from './simulator.ts';
export type { KubernetesSimulator } from './simulator.ts';
export type { Change } from './store/store.ts';
