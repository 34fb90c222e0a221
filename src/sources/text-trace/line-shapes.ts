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

/** A number of a line that a shape is made of. */
export interface ShapeNumber {
  readonly from: number;
  readonly to: number;
  readonly isHex: boolean;
}

interface Node {
  readonly at: number; // in memory
  readonly text: Uint8Array;
  readonly kind: number;
  readonly children: Node[];
}

const MOST_NODES = 1024;
const TEXT_BYTES = 1 << 15;
/** Texts are compared by so many bytes. */
const STEP_BYTES = 8;
const MOST_NUMBERS = 32;

export class LineShapes {
  private readonly memory: LinearMemory;
  private readonly run: MatchShape | undefined;
  private readonly nodesAt: number;
  private readonly textsAt: number;
  private readonly out: number;
  private readonly first: Node[] = [];
  private nodes = 0;
  private textBytes = 0;
  private shapes = 0;

  constructor(memory: LinearMemory) {
    this.memory = memory;
    this.run = openMatch(memory.memory);
    this.nodesAt = memory.reserve(MOST_NODES * NODE.bytes);
    this.textsAt = memory.reserve(TEXT_BYTES + STEP_BYTES);
    this.out = memory.reserve(MOST_NUMBERS * NUMBER.bytes);
  }

  /** Number of the shape that the line has; -1. */
  match(at: number, end: number): number {
    if (this.first.length === 0) return -1;
    return this.run!(this.nodesAt, at, end, this.out);
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

  /** Number of the line's shape, which must be new; -1: there is no room for it. */
  learn(at: number, end: number, numbers: readonly ShapeNumber[]): number {
    if (this.run === undefined || numbers.length > MOST_NUMBERS) return -1;
    if (this.nodes + numbers.length + 1 > MOST_NODES || this.textBytes + (end - at) > TEXT_BYTES) return -1;
    const { u8 } = this.memory;
    let parent: Node | undefined;
    let from = at;
    for (const number of numbers) {
      const kind = number.isHex ? SHAPE_KINDS.hex : SHAPE_KINDS.int;
      parent = this.child(parent, u8.slice(from, number.from), kind);
      from = number.to;
    }
    const leaf = this.child(parent, u8.slice(from, end), SHAPE_KINDS.end);
    this.memory.u32[(leaf.at + NODE.shape) >> 2] = this.shapes;
    return this.shapes++;
  }

  private child(parent: Node | undefined, text: Uint8Array, kind: number): Node {
    const siblings = parent?.children ?? this.first;
    const known = siblings.find((node) => node.kind === kind && Buffer.compare(node.text, text) === 0);
    if (known !== undefined) return known;
    const { u8, u32 } = this.memory;
    const node = { at: this.nodesAt + this.nodes++ * NODE.bytes, text, kind, children: [] };
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
