import type { FoundNode } from '../find/found-node.ts';

interface Claim {
  annotations?: Readonly<Record<string, string | null>>;
  expectAnnotations?: Readonly<Record<string, string | null>>;
}

/**
 * Whether what a claim expects of a node's annotations does not hold. A node that has the claim's own annotations
 * already is its own: the answer to an earlier try was lost.
 */
export function isClaimedByOther(node: FoundNode, claim: Claim): boolean {
  if (holds(node, claim.expectAnnotations)) return false;
  return claim.annotations === undefined || !holds(node, claim.annotations);
}

function holds(node: FoundNode, annotations: Readonly<Record<string, string | null>> = {}): boolean {
  return Object.entries(annotations).every(([key, value]) => (node.annotations[key] ?? null) === value);
}
