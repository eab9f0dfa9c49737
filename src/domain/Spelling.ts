/** Spelling: the known name that a misspelt one probably means. */

/**
 * Fewest insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b` (optimal string alignment),
 * in O(|a|·|b|).
 */
export const editDistance = (a: string, b: string): number => {
  let beforeLast = new Uint32Array(b.length + 1);
  let last = Uint32Array.from({ length: b.length + 1 }, (_, j) => j);
  let row = new Uint32Array(b.length + 1);
  for (let i = 1; i <= a.length; i++) {
    row[0] = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let least = Math.min(last[j - 1] + (same ? 0 : 1), last[j] + 1, row[j - 1] + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, beforeLast[j - 2] + 1);
      row[j] = least;
    }
    [beforeLast, last, row] = [last, row, beforeLast];
  }
  return last[b.length];
};

/** Most edits at which a name of this length is still taken for a misspelling: one in three letters, three at most. One in two, too. */
const mostEdits = (length: number): number => (length === 2 ? 1 : Math.min(3, Math.floor(length / 3)));

/** Names longer than this are no misspellings of ours; comparing them would cost their length. */
const longest = 64;

/** Case, and whether words are joined by `-` or `_`, is no difference. */
const plain = (name: string): string => name.toLowerCase().replaceAll("_", "-");

/** The nearest of `known`, the first of several, if it is within `most` edits. */
export const nearest = (
  name: string,
  known: Iterable<string>,
  most: number = mostEdits(name.length),
): string | undefined => {
  if (name.length > longest) return undefined;
  const wanted = plain(name);
  let found: string | undefined;
  let least = most + 1;
  for (const candidate of known) {
    if (Math.abs(candidate.length - name.length) >= least) continue;
    const distance = editDistance(wanted, plain(candidate));
    if (distance < least) {
      least = distance;
      found = candidate;
    }
  }
  return found;
};

/** Fewer letters than these begin too many names. */
const fewest = 3;

/** Of `known`, what a name of only some of its words means: the shortest that begins so; else the longest that it begins with. */
export const sharingBegin = (name: string, known: Iterable<string>): string | undefined => {
  if (name.length > longest) return undefined;
  const wanted = plain(name);
  let longer: string | undefined;
  let shorter: string | undefined;
  for (const candidate of known) {
    const own = plain(candidate);
    if (wanted.length >= fewest && own.startsWith(wanted)) {
      if (longer === undefined || candidate.length < longer.length) longer = candidate;
    } else if (wanted.startsWith(own) && /[-. ]/.test(wanted.charAt(own.length))) {
      if (shorter === undefined || candidate.length > shorter.length) shorter = candidate;
    }
  }
  return longer ?? shorter;
};
