export { watchBeats } from './cluster/beats.ts';
export type { BeatsOfRelease, BeatsOptions } from './cluster/beats.ts';
export type { Changed, Cluster, ClusterNode, DrainOrder, NodeTarget } from './cluster/cluster.ts';
export { createKubernetesCluster } from './cluster/kubernetes-cluster.ts';
export type { ConditionsTold, KubernetesClusterOptions, RecordWrite } from './cluster/kubernetes-cluster.ts';
export { isNodeInterruption, KINDS } from './kinds.ts';
export type { KindRules, NodeInterruption } from './kinds.ts';
export { decide, DEFAULT_POLICY } from './policy/decide.ts';
export type { Decision, Ignore, Notify, Policy, Release, TakeOut } from './policy/decide.ts';
export type { HookFacts } from './policy/end.ts';
export { DEFAULT_MARK_POLICY, keyOf } from './policy/notice.ts';
export type { MarkPolicy } from './policy/notice.ts';
export { RECORD_ANNOTATION } from './record/annotation.ts';
export { CLAIM_ANNOTATION, holderName } from './record/claims.ts';
export type { Beats, Claim, HolderName, Self } from './record/claims.ts';
export type { Cause, EntryKey, Source } from './record/entry.ts';
export { longestActionMs } from './record/ends.ts';
export type { PodsLook } from './record/transitions.ts';
export type { AboutEvent, ListedEvents } from './work/about-event.ts';
export type { CordonFirstOptions } from './work/cordon-first.ts';
export { DEFAULT_HANDLER_OPTIONS } from './work/engine.ts';
export type { ClaimResult, InterruptionHandlerOptions, SeenBeats } from './work/engine.ts';
export { InterruptionHandler } from './work/handler.ts';
export type { PodCounts, PodOutcome, PodWithOutcome } from './work/pod-outcomes.ts';
export type { DrainFailureCause } from './work/drain-failure.ts';
export type { InterruptionProgress, OfNode, ProgressBase, ProgressNode, ProgressStep } from './work/progress.ts';
export type {
  Cancelled,
  Carried,
  Done,
  Failed,
  HandedBack,
  HandlingResult,
  Ignored,
  NodeNotFound,
} from './work/result.ts';
