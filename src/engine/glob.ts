/** Shell-like patterns of probe descriptions: `*`, `?`, `[abc]`, `[a-z]`, `[!abc]`, `\c` (d-language.md 2.6). */

/** Whether the whole of `text` matches. Time is proportional to pattern × text: backtracking only to the last `*`. */
export function globMatches(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let starPattern = -1;
  let starText = -1;
  while (t < text.length) {
    if (pattern[p] === '*') {
      starPattern = ++p;
      starText = t;
      continue;
    }
    const next = p < pattern.length ? matchOne(pattern, p, text.charCodeAt(t)) : -1;
    if (next >= 0) {
      p = next;
      t++;
    } else if (starPattern >= 0) {
      p = starPattern;
      t = ++starText;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}

/** Whether the pattern element at `p` matches the character; returns the index after the element, or -1. */
function matchOne(pattern: string, p: number, char: number): number {
  const element = pattern[p];
  if (element === '?') return p + 1;
  if (element === '[') {
    const end = pattern.indexOf(']', p + 2);
    if (end !== -1) return setHas(pattern.slice(p + 1, end), char) ? end + 1 : -1;
  }
  if (element === '\\' && p + 1 < pattern.length) return pattern.charCodeAt(p + 1) === char ? p + 2 : -1;
  return pattern.charCodeAt(p) === char ? p + 1 : -1;
}

function setHas(set: string, char: number): boolean {
  const negated = set.startsWith('!');
  for (let i = negated ? 1 : 0; i < set.length; i++) {
    const low = set.charCodeAt(i);
    const isRange = set[i + 1] === '-' && i + 2 < set.length;
    const high = isRange ? set.charCodeAt(i + 2) : low;
    if (low <= char && char <= high) return !negated;
    if (isRange) i += 2;
  }
  return negated;
}
