export { KubernetesApiError } from './connection/api-error.ts';
export type { StatusCause } from './connection/api-error.ts';
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
export {
  buildMarkPatch,
  connect,
  createEvictionQueue,
  createNodeIndex,
  drainNode,
  findNode,
  markNode,
  unmarkNode,
} from './signatures.ts';
export { InvalidNameError, KubernetesConnectionError } from './connection/errors.ts';
export type { ClusterAccess, ConnectOptions } from './connection/options.ts';
export type { ListPage, Node, ObjectMeta, Pod, Status, Taint, Wire } from './connection/wire.ts';
export type { EvictionQueue, EvictionQueueOptions } from './drain/eviction/eviction-queue.ts';
export type { DrainOptions } from './drain/options.ts';
export type {
  DrainFailure,
  DrainFinished,
  DrainProgress,
  DrainStep,
  LeftPod,
  PlannedPod,
  PodRef,
} from './drain/progress.ts';
export type { FoundNode, NodeRef } from './find/found-node.ts';
export type { NodeIndex } from './find/node-index.ts';
export type { FindNodeOptions, NodeIndexOptions } from './find/options.ts';
export type { JsonPatch, JsonPatchOperation } from './mark/json-patch.ts';
export type { MarkOptions, MarkResult, MarkTaint, NodeMark, NodeUnmark, UnmarkResult } from './mark/node-mark.ts';
export { systemClock } from './time/clock.ts';
export type { Clock } from './time/clock.ts';
export { Deadline } from './time/deadline.ts';
