/**
 * Shapes of lines: the texts of a line between its numbers. Lines of a shape that was met before are told by one call into
 * WebAssembly (shape-code.ts), which gives the places of their numbers, too.
 *
 *   [trace] seq=7 cpu=0 kind=mem_pf pid=1 …         '[trace] seq=' ─ number ─ ' cpu=' ─ number ┬ ' kind=mem_pf pid=' ─ …
 *   [trace] seq=8 cpu=1 kind=mem_map pid=1 …                                                   └ ' kind=mem_map pid=' ─ …
 *
 * Shapes that begin alike share their beginning: they are a tree, of a fixed size. When it is full no more are learned.
 */
import type { LinearMemory } from '../../base/linear-memory.ts';
import { type MatchShape, NODE, NUMBER, openMatch, SHAPE_KINDS } from './shape-code.ts';

/** A number of a line that a shape is made of; or a name, which differs, too. */
export interface ShapeNumber {
  readonly from: number;
  readonly to: number;
  readonly kind: number; // SHAPE_KINDS
}

interface Node {
  readonly at: number; // in memory
  readonly text: Uint8Array;
  readonly kind: number;
  readonly children: Node[];
  shape: number; // -1: the line goes on
}

export const MOST_NODES = 1024;
const TEXT_BYTES = 1 << 15;
/** Texts are compared by so many bytes. */
const STEP_BYTES = 8;
export const MOST_NUMBERS = 32;

/** Several trees in one place. Shapes of all of them are numbered together. */
export class ShapeTrees {
  private readonly memory: LinearMemory;
  private readonly nodesAt: number;
  private readonly textsAt: number;
  private readonly roots: Node[][] = [];
  private nodes = 0;
  private textBytes = 0;
  private shapes = 0;

  constructor(memory: LinearMemory) {
    this.memory = memory;
    this.nodesAt = memory.reserve(MOST_NODES * NODE.bytes);
    this.textsAt = memory.reserve(TEXT_BYTES + STEP_BYTES);
  }

  /** The number of a new tree. */
  plant(): number {
    return this.roots.push([]) - 1;
  }

  /** Where its first node stands; 0: it has none. */
  firstOf(tree: number): number {
    return this.roots[tree]![0]?.at ?? 0;
  }

  /** Number of the line's shape, which is made when it is new; -1: there is no room for it. */
  learn(tree: number, at: number, end: number, numbers: readonly ShapeNumber[]): number {
    if (numbers.length > MOST_NUMBERS) return -1;
    if (this.nodes + numbers.length + 1 > MOST_NODES || this.textBytes + (end - at) > TEXT_BYTES) return -1;
    const { u8 } = this.memory;
    let parent: Node | undefined;
    let from = at;
    for (const number of numbers) {
      parent = this.child(tree, parent, u8.slice(from, number.from), number.kind);
      from = number.to;
    }
    const leaf = this.child(tree, parent, u8.slice(from, end), SHAPE_KINDS.end);
    if (leaf.shape < 0) leaf.shape = this.shapes++;
    this.memory.u32[(leaf.at + NODE.shape) >> 2] = leaf.shape;
    return leaf.shape;
  }

  private child(tree: number, parent: Node | undefined, text: Uint8Array, kind: number): Node {
    const siblings = parent?.children ?? this.roots[tree]!;
    const known = siblings.find((node) => node.kind === kind && Buffer.compare(node.text, text) === 0);
    if (known !== undefined) return known;
    const { u8, u32 } = this.memory;
    const node = { at: this.nodesAt + this.nodes++ * NODE.bytes, text, kind, children: [], shape: -1 };
    const word = node.at >> 2;
    u8.set(text, this.textsAt + this.textBytes);
    u32[word + (NODE.text >> 2)] = this.textsAt + this.textBytes;
    u32[word + (NODE.size >> 2)] = text.length;
    u32[word + (NODE.kind >> 2)] = kind;
    this.textBytes += text.length;
    const before = siblings.at(-1);
    if (before !== undefined) u32[(before.at + NODE.next) >> 2] = node.at;
    else if (parent !== undefined) u32[(parent.at + NODE.child) >> 2] = node.at;
    siblings.push(node);
    return node;
  }
}

/** One tree, and what was found in it last. */
export class LineShapes {
  private readonly memory: LinearMemory;
  private readonly trees: ShapeTrees;
  private readonly tree: number;
  private readonly run: MatchShape | undefined;
  private readonly out: number;

  constructor(memory: LinearMemory) {
    this.memory = memory;
    this.trees = new ShapeTrees(memory);
    this.tree = this.trees.plant();
    this.run = openMatch(memory.memory);
    this.out = memory.reserve(MOST_NUMBERS * NUMBER.bytes);
  }

  /** Where the tree begins; 0: it is empty. */
  get first(): number {
    return this.trees.firstOf(this.tree);
  }

  /** Number of the shape that the line has; -1. */
  match(at: number, end: number): number {
    const { first } = this;
    return first === 0 ? -1 : this.run!(first, at, end, this.out);
  }

  // Of the line that was matched last.

  from(number: number): number {
    return this.memory.u32[(this.out + number * NUMBER.bytes + NUMBER.from) >> 2]!;
  }

  to(number: number): number {
    return this.memory.u32[(this.out + number * NUMBER.bytes + NUMBER.to) >> 2]!;
  }

  /** -1: it is no decimal, or has more digits than a double. */
  value(number: number): number {
    return this.memory.f64[(this.out + number * NUMBER.bytes + NUMBER.value) >> 3]!;
  }

  /** As that of ShapeTrees. */
  learn(at: number, end: number, numbers: readonly ShapeNumber[]): number {
    return this.run === undefined ? -1 : this.trees.learn(this.tree, at, end, numbers);
  }
}
