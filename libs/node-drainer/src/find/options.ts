/** Options of {@link findNode}. */
export interface FindNodeOptions {
  /** Look by instance id before the name. Default false: name first. */
  preferProviderId?: boolean;
  signal?: AbortSignal;
}

/** Options of {@link createNodeIndex}. */
export interface NodeIndexOptions {
  /** Look by instance id before the name. Default false: name first. */
  preferProviderId?: boolean;
  /** Annotations kept in the index, by prefix of their key. Default `['aws-node-termination-handler/']`. */
  annotationPrefixes?: readonly string[];
  /** Nodes per page of the list. Default 500. */
  pageSize?: number;
  /** Told when listing or watching failed; the index goes on by itself. */
  onTrouble?: (error: unknown) => void;
  /** Ends the index. */
  signal?: AbortSignal;
}
