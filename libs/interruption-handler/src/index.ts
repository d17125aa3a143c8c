export { CLAIM_ANNOTATION, judgeClaim, readClaim, writeClaim } from './claim.ts';
export type { ClaimRecord, ClaimVerdict } from './claim.ts';
export { watchBeats } from './cluster/beats.ts';
export type { BeatsOfRelease, BeatsOptions } from './cluster/beats.ts';
export type { Cluster, ClusterMark, ClusterMarked, ClusterNode, NodeTarget } from './cluster/cluster.ts';
export { createKubernetesCluster } from './cluster/kubernetes-cluster.ts';
export type { KubernetesClusterOptions } from './cluster/kubernetes-cluster.ts';
export type { CordonFirstOptions } from './handler/cordon-first.ts';
export { DEFAULT_HANDLER_OPTIONS } from './handler/engine.ts';
export type { InterruptionHandlerOptions } from './handler/engine.ts';
export { InterruptionHandler } from './handler/handler.ts';
export type { InterruptionProgress, ProgressBase, ProgressNode, ProgressStep } from './handler/progress.ts';
export type { Cancelled, Done, Failed, HandedBack, HandlingResult, Ignored, NodeNotFound } from './handler/result.ts';
export { isNodeInterruption, KINDS } from './kinds.ts';
export type { KindRules, NodeInterruption } from './kinds.ts';
export {
  ACTION_LABEL,
  ACTION_TIME_LABEL,
  CORDONED_FOR_ANNOTATION,
  EVENT_ID_LABEL,
  UNCORDON_AFTER_REBOOT,
} from './marks.ts';
export { decide, DEFAULT_POLICY } from './policy/decide.ts';
export type { Decision, Ignore, Policy, Release, TakeOut } from './policy/decide.ts';
export { holderName, incarnation } from './record/claims.ts';
export type { Beats, Claim, HolderName, Incarnation, MonotonicMs, Self } from './record/claims.ts';
