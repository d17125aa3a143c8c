import type { Value } from '../values/value.ts';

/** A member that a struct gives to its JSON object. */
export interface JsonField {
  readonly name: string;
  readonly value: Value;
}

interface Candidate extends JsonField {
  readonly depth: number;
  readonly isTagged: boolean;
}

/**
 * The members of a struct, in the order `encoding/json` writes them.
 *
 * Of several fields of one name the shallowest counts; of several as shallow the one with a name of its own; if that does not settle it, none.
 *
 * @see https://pkg.go.dev/encoding/json#Marshal
 */
export function jsonFields(struct: Value & { readonly tag: 'struct' }): readonly JsonField[] {
  const all = candidates(struct, 0);
  const byName = Map.groupBy(all, ({ name }) => name);
  return all.filter((candidate) => {
    const rivals = byName.get(candidate.name) ?? [];
    const shallowest = Math.min(...rivals.map(({ depth }) => depth));
    const nearest = rivals.filter(({ depth }) => depth === shallowest);
    const tagged = nearest.filter(({ isTagged }) => isTagged);
    const dominant = nearest.length === 1 ? nearest : tagged;
    return dominant.length === 1 && dominant[0] === candidate;
  });
}

function candidates({ type, values }: Value & { readonly tag: 'struct' }, depth: number): Candidate[] {
  return (type.fields ?? []).flatMap(({ name, jsonName, isEmbedded, isUnexported }, index) => {
    const value = values[index];
    if (value === undefined || isUnexported === true || jsonName === '-') return [];
    if (isEmbedded === true && value.tag === 'struct') return candidates(value, depth + 1);
    return [{ name: jsonName ?? name, value, depth, isTagged: jsonName !== undefined }];
  });
}
