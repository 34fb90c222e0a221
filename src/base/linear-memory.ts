/**
 * The one memory of a session: a `WebAssembly.Memory` seen through typed views.
 *
 * Everything a firing touches lives here (strings, variables, dynamic variables, aggregations, record
 * buffers, scratch, the event batch and the source's text window), at byte offsets that both execution
 * tiers share. Space is reserved at enabling time by a bump allocator and never returned; the structures
 * that grow (keyed tables) recycle their own chunks.
 *
 * Growing detaches every view. So: no code keeps `memory.u8` (or any view) in a local across a call that
 * may reserve; it re-reads the field. Loops that cannot reserve may.
 *
 * Offset 0 is never handed out, so 0 can mean "none".
 */
const PAGE_BYTES = 65536;
/**
 * 16 MiB: what most runs need, since the first growth costs all of JavaScript that looks into memory a tenth to a sixth: from
 * then on each access asks whether its view was detached. Pages that nobody touches take no memory.
 */
const FIRST_PAGES = 256;
/** Kept free at the bottom, and zero, so that a stray small offset is recognisable, and 0 means none. */
export const FIRST_FREE = 64;
/** 65535 pages: 4 GiB less one page, so every offset and every end fits an unsigned 32-bit integer. */
const MAX_PAGES = 65535;

export class OutOfMemory extends Error {}

export class LinearMemory {
  readonly memory: WebAssembly.Memory;
  i8!: Int8Array;
  u8!: Uint8Array;
  i16!: Int16Array;
  u16!: Uint16Array;
  i32!: Int32Array;
  u32!: Uint32Array;
  i64!: BigInt64Array;
  u64!: BigUint64Array;
  f64!: Float64Array;
  private top = FIRST_FREE;

  constructor(initialPages = FIRST_PAGES) {
    this.memory = new WebAssembly.Memory({ initial: initialPages, maximum: MAX_PAGES });
    this.refresh();
  }

  /**
   * Reserve `sizeBytes` zeroed bytes aligned to `align` (a power of two, at least 8 in practice).
   * Returns the offset. Throws OutOfMemory when 4 GiB do not suffice.
   */
  reserve(sizeBytes: number, align = 8): number {
    const start = Math.ceil(this.top / align) * align;
    const end = start + sizeBytes;
    if (end > this.u8.length) this.grow(end);
    this.top = end;
    return start;
  }

  /** Bytes reserved so far. */
  get reservedBytes(): number {
    return this.top;
  }

  private grow(neededBytes: number): void {
    const pages = Math.ceil((neededBytes - this.u8.length) / PAGE_BYTES);
    const have = this.u8.length / PAGE_BYTES;
    // Growing by an eighth at least keeps the number of detaching growths logarithmic.
    const wanted = Math.min(Math.max(pages, have >> 3), MAX_PAGES - have);
    if (pages > wanted) throw new OutOfMemory(`need ${neededBytes} bytes`);
    try {
      this.memory.grow(wanted);
    } catch {
      throw new OutOfMemory(`need ${neededBytes} bytes`);
    }
    this.refresh();
  }

  private refresh(): void {
    const buffer = this.memory.buffer;
    this.i8 = new Int8Array(buffer);
    this.u8 = new Uint8Array(buffer);
    this.i16 = new Int16Array(buffer);
    this.u16 = new Uint16Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.i64 = new BigInt64Array(buffer);
    this.u64 = new BigUint64Array(buffer);
    this.f64 = new Float64Array(buffer);
  }
}
