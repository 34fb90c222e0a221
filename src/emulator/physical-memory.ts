/**
 * The machine's RAM, and which of its pages hold code that was decoded.
 *
 * Blocks of operations are kept per physical page, so two mappings of a page share them, and a write through either drops
 * them. Pages with code are never entered into the CPUs' write look-aside buffers: each write to one comes by `noteWrite`,
 * which drops the page's blocks when a byte of theirs is hit.
 */
import type { Bitness, Operation } from '../x86/cpu.ts';

export const PAGE_BYTES = 4096;

export interface Block {
  readonly operations: readonly Operation[];
  /** A block of one operation that reaches into the next page, as that page was. */
  readonly crosses: CodePage | undefined;
  readonly crossesVersion: number;
  /** Somebody watches its first instruction. */
  readonly watched: boolean;
}

export class CodePage {
  readonly physical: number;
  /** Counts the times that blocks were dropped. */
  version = 0;
  private blocks16: (Block | undefined)[] | undefined;
  private blocks32: (Block | undefined)[] | undefined;
  private blocks64: (Block | undefined)[] | undefined;
  /** 1 for bytes that operations were made of. */
  private readonly covered = new Uint8Array(PAGE_BYTES);

  constructor(physical: number) {
    this.physical = physical;
  }

  /** Blocks by offset, for code of that size. */
  blocks(bitness: Bitness): (Block | undefined)[] {
    if (bitness === 64) {
      this.blocks64 ??= new Array(PAGE_BYTES);
      return this.blocks64;
    }
    if (bitness === 32) {
      this.blocks32 ??= new Array(PAGE_BYTES);
      return this.blocks32;
    }
    this.blocks16 ??= new Array(PAGE_BYTES);
    return this.blocks16;
  }

  cover(from: number, to: number): void {
    this.covered.fill(1, from, Math.min(to, PAGE_BYTES));
  }

  covers(from: number, size: number): boolean {
    for (let at = from; at < from + size && at < PAGE_BYTES; at++) if (this.covered[at] !== 0) return true;
    return false;
  }

  drop(): void {
    this.version++;
    this.blocks16 = undefined;
    this.blocks32 = undefined;
    this.blocks64 = undefined;
    this.covered.fill(0);
  }
}

export class PhysicalMemory {
  readonly size: number;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  private readonly codePages: (CodePage | undefined)[];
  /** Called when blocks were dropped, and when a page gets its first code. */
  onCodeDropped: () => void = () => {};
  onCodePage: () => void = () => {};
  /** Told of each write to a page with code, before onCodeDropped. */
  onCodeWrite: ((physical: number, size: number) => void) | undefined;

  constructor(size: number) {
    const buffer = new ArrayBuffer(size);
    this.size = size;
    this.bytes = new Uint8Array(buffer);
    this.view = new DataView(buffer);
    this.codePages = new Array(size / PAGE_BYTES);
  }

  hasCode(physical: number): boolean {
    return this.codePages[physical >>> 12] !== undefined;
  }

  codePage(physical: number): CodePage {
    const index = physical >>> 12;
    let page = this.codePages[index];
    if (page === undefined) {
      page = new CodePage(index * PAGE_BYTES);
      this.codePages[index] = page;
      this.onCodePage();
    }
    return page;
  }

  /** A write of `size` bytes within one page is about to happen, or has. */
  noteWrite(physical: number, size: number): void {
    const page = this.codePages[physical >>> 12];
    if (page !== undefined) this.onCodeWrite?.(physical, size);
    if (!page?.covers(physical & 0xfff, size)) return;
    page.drop();
    this.onCodeDropped();
  }

  dropAllCode(): void {
    for (const page of this.codePages) page?.drop();
    this.onCodeDropped();
  }

  /** Writes from outside the CPUs: a loader, a debugger. */
  write(physical: number, bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) {
      const at = physical + done;
      const size = Math.min(bytes.length - done, PAGE_BYTES - (at & 0xfff));
      this.noteWrite(at, size);
      this.bytes.set(bytes.subarray(done, done + size), at);
      done += size;
    }
  }
}
