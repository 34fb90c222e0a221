/**
 * How deep a tree is, measured without recursion: the parser's own depth is bounded, but operators in a row and
 * suffixes in a row are read by loops and still make deep trees for those who walk them.
 */
import type { Span } from '../diag/span.ts';
import { MAX_TREE_DEPTH } from './limits.ts';

/** The place of the first node deeper than the limit. Nodes are plain objects; spans and texts are not entered. */
export function findTooDeep(root: object): Span | undefined {
  const pending: { readonly node: object; readonly depth: number }[] = [{ node: root, depth: 1 }];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { node, depth } = next;
    const level = 'kind' in node ? depth + 1 : depth;
    if (level > MAX_TREE_DEPTH) return (node as { span?: Span }).span;
    for (const [key, child] of Object.entries(node)) {
      if (key !== 'span' && typeof child === 'object' && child !== null && !(child instanceof Uint8Array)) {
        pending.push({ node: child, depth: level });
      }
    }
  }
  return undefined;
}
