/** The number of letters to add, drop, change or swap with a neighbour to make `a` into `b`. */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      const steps = [
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + (same ? 0 : 1),
        a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1] ? at(beforeLast, column - 2) + 1 : Infinity,
      ];
      current.push(Math.min(...steps));
    }
    beforeLast = last;
    last = current;
  }
  return at(last, b.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Infinity;
}

/** How many letters only one of the words has; an edit takes away two of them at most. */
function lettersApart(a: string, b: string): number {
  const counts = new Map<string, number>();
  for (const letter of a) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  for (const letter of b) counts.set(letter, (counts.get(letter) ?? 0) - 1);
  return counts.values().reduce((sum, count) => sum + Math.abs(count), 0);
}

/**
 * The known name that `name` was most likely meant to be, if there is one.
 *
 * Short names are told apart strictly, because other programs' variables are near them (`POD_IP`, `NODE_IP`).
 */
export function suggest(name: string, known: Iterable<string>): string | undefined {
  const tolerance = Math.min(3, Math.floor(name.length / 6));
  let best: { name: string; distance: number } | undefined;
  for (const candidate of known) {
    // Any other variable of the container is compared with every setting: letters are counted faster than edits, lengths faster still.
    if (Math.abs(name.length - candidate.length) > tolerance) continue;
    if (lettersApart(name, candidate) > 2 * tolerance) continue;
    const distance = editDistance(name, candidate);
    if (distance <= tolerance && distance < (best?.distance ?? Infinity)) best = { name: candidate, distance };
  }
  return best?.name;
}
