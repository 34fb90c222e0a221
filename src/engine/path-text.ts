/** Paths as bytes: last component, directory, and the path without redundant components (POSIX rules). */

const SLASH = 0x2f;
const DOT = 0x2e;

/** Bytes [at, at + length); the functions below shrink it to the part they find. */
interface Span {
  at: number;
  length: number;
}

/** Narrows `path` to its last component, or returns what the result is instead. */
export function findBasename(u8: Uint8Array, path: Span): string | undefined {
  if (path.length === 0) return '.';
  dropTrailing(u8, path, SLASH);
  if (path.length === 0) return '/';
  const end = path.at + path.length;
  let start = end;
  while (start > path.at && u8[start - 1] !== SLASH) start--;
  path.at = start;
  path.length = end - start;
  return undefined;
}

/** Narrows `path` to what is before its last component, or returns what the result is instead. */
export function findDirname(u8: Uint8Array, path: Span): string | undefined {
  if (path.length === 0) return '.';
  dropTrailing(u8, path, SLASH);
  if (path.length === 0) return '/';
  while (path.length > 0 && u8[path.at + path.length - 1] !== SLASH) path.length--;
  if (path.length === 0) return '.';
  dropTrailing(u8, path, SLASH);
  return path.length === 0 ? '/' : undefined;
}

function dropTrailing(u8: Uint8Array, path: Span, byte: number): void {
  while (path.length > 0 && u8[path.at + path.length - 1] === byte) path.length--;
}

/**
 * Writes the path without empty, `.` and `..` components to `to`; returns its length, at most `length`, or 1 for a
 * relative path that leads nowhere. DIFFERS: like Linux's DTrace, and not illumos, it strips a trailing slash.
 */
export function cleanPath(u8: Uint8Array, from: number, length: number, to: number): number {
  if (length === 0) return 0;
  const end = from + length;
  const rooted = u8[from] === SLASH;
  let written = to;
  if (rooted) u8[written++] = SLASH;
  let floor = written; // `..` may not remove anything before this
  for (let at = from; at < end; ) {
    let next = at;
    while (next < end && u8[next] !== SLASH) next++;
    const size = next - at;
    if (size === 2 && u8[at] === DOT && u8[at + 1] === DOT) {
      if (written > floor) written = withoutLast(u8, floor, written);
      else if (!rooted) {
        written = append(u8, to, written, at, size);
        floor = written;
      }
    } else if (size > 0 && !(size === 1 && u8[at] === DOT)) written = append(u8, to, written, at, size);
    at = next + 1;
  }
  if (written === to) u8[written++] = DOT;
  return written - to;
}

function append(u8: Uint8Array, start: number, written: number, from: number, size: number): number {
  let to = written;
  if (to > start && u8[to - 1] !== SLASH) u8[to++] = SLASH;
  u8.copyWithin(to, from, from + size);
  return to + size;
}

/** End of the path once its last component, and the slash before it, are gone. */
function withoutLast(u8: Uint8Array, floor: number, written: number): number {
  let end = written;
  while (end > floor && u8[end - 1] !== SLASH) end--;
  return end > floor ? end - 1 : end;
}
