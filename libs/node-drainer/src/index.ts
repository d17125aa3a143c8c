export { Deadline } from '@node-termination-handler/clock';
export { InvalidOptionsError } from './invalid-options-error.ts';
export { InvalidNameError, KubernetesApiError, KubernetesConnectionError } from './connection/errors.ts';
export type { AdmissionRefusal, StatusCause } from './connection/errors.ts';
export type {
  ApiCall,
  CallRecord,
  KubernetesClient,
  Query,
  ResourceRef,
  Verb,
  WatchCall,
  WatchEvent,
} from './connection/client.ts';
export { connect } from './connection/connect.ts';
export { followOne } from './connection/follow-one.ts';
export type { FollowOneOptions, ObjectChange } from './connection/follow-one.ts';
export type { ClusterAccess, ConnectOptions } from './connection/options.ts';
export { isOlderVersion } from './connection/wire.ts';
export type { ListPage, Node, ObjectMeta, Pod, Status, Taint, Wire } from './connection/wire.ts';
export { drainNode } from './drain/drain.ts';
export { lookAtPods } from './drain/look-at-pods.ts';
export type { LookOptions, PodsLook } from './drain/look-at-pods.ts';
export { isHeldByBudget } from './drain/eviction/answers.ts';
export { createBudgetWatch } from './drain/eviction/budget-watch.ts';
export type { BudgetRef, BudgetWatch, BudgetWatchOptions } from './drain/eviction/budget-watch.ts';
export { createEvictionQueue } from './drain/eviction/queue.ts';
export type { EvictionQueue, EvictionQueueOptions, EvictionTask, NextLook } from './drain/eviction/queue.ts';
export { createDrainMemory } from './drain/memory.ts';
export type { DrainMemory } from './drain/memory.ts';
export { nameOfHold } from './drain/hold.ts';
export type { GoesLast, PodGroup } from './drain/order.ts';
export type { PodSummary } from './drain/pods/pod-summary.ts';
export type { Hold } from './drain/hold.ts';
export type { OptionalRight } from './drain/optional-rights.ts';
export type { DrainOptions } from './drain/options.ts';
export { NONE_ENDED } from './drain/progress.ts';
export type {
  DrainFailure,
  DrainFinished,
  DrainProgress,
  DrainReport,
  LeftPod,
  NextTry,
  PlannedPod,
  PodEnding,
  PodRef,
} from './drain/progress.ts';
export { createNodeIndex } from './find/node-index.ts';
export { findNode, findNodes, getNode } from './find/find-node.ts';
export type { FindNodeOptions } from './find/find-node.ts';
export type { FoundNode, LifecycleState, NodeRef } from './find/found-node.ts';
export type { NodeIndex, NodeIndexChange, NodeIndexOptions } from './find/node-index.ts';
export { ChangeConflictError, changeNode } from './mark/change-node.ts';
export type { ChangeOptions, ChangeResult } from './mark/change-node.ts';
export { conditionWrites, isOwnCondition, showConditions } from './mark/conditions.ts';
export type { ConditionMark, ConditionWrite } from './mark/conditions.ts';
export { applied } from './mark/node-change.ts';
export type { NodeChange } from './mark/node-change.ts';
export { buildChangePatch } from './mark/patch.ts';
export type { JsonPatch, JsonPatchOperation } from './mark/patch.ts';
export type { LifecycleCondition, MarkTaint } from './mark/marks.ts';
export {
  LIFECYCLE_CONDITIONS,
  LOAD_BALANCER_LABEL,
  LOAD_BALANCER_VALUE,
  OUT_OF_SERVICE_TAINT,
  OWN_LABELS,
  OWN_PREFIX,
  OWN_REASON_PREFIX,
  OWN_TAINTS,
} from './mark/marks.ts';
