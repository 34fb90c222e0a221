/**
 * The guest's memory at a stop, for the engine: synchronous reads through the gdb thread, kept until the guest runs on.
 *
 * Lines of LINE_BYTES are kept by CPU, since each may be in an address space of its own. A line is small because a byte
 * costs (qemu.md section 7: 64 bytes 36 µs, 2 KiB 366 µs) and what a clause reads lies far apart.
 */
import type { MemoryReader } from '../machine/target.ts';
import type { GdbThread } from './gdb-thread.ts';
import type { KernelTables } from './kernel-tables.ts';

const LINE_BYTES = 256;
const LINE_MASK = BigInt(LINE_BYTES - 1);
/** Kernels of 64-bit machines lie in the upper half of the address space. */
const UPPER_HALF = 1n << 63n;
const NOTHING = new Uint8Array(0);
const ADDRESS_MASK = (1n << 64n) - 1n;

/** What of the gdb thread reading needs. */
type GuestLink = Pick<GdbThread, 'readMemory' | 'readPhysical' | 'isGone'>;

export class StopMemory implements MemoryReader {
  /** The CPU whose firing reads. */
  cpu = 0;
  /** Called once a read has gone to the guest: it may have stopped it. */
  onRead: () => void = () => {};
  private readonly thread: GuestLink;
  private readonly kernel: KernelTables;
  /** A shorter line ends where memory does. */
  private readonly lines = new Map<string, Uint8Array>();

  /** `kernel`: where else the kernel's memory may be found. */
  constructor(thread: GuestLink, kernel: KernelTables) {
    this.thread = thread;
    this.kernel = kernel;
  }

  get isGone(): boolean {
    return this.thread.isGone;
  }

  /** The guest runs, so nothing is known any more. */
  forget(): void {
    this.lines.clear();
    this.kernel.forget();
  }

  read(address: bigint, size: number, out: Uint8Array): number {
    let done = 0;
    while (done < size) {
      const at = (address + BigInt(done)) & ADDRESS_MASK;
      if (done > 0 && at === 0n) break; // memory ends at the top
      const start = at & ~LINE_MASK;
      const skip = Number(at - start);
      const line = this.line(start);
      const length = Math.min(size - done, line.length - skip);
      if (length > 0) out.set(line.subarray(skip, skip + length), done);
      done += Math.max(length, 0);
      if (line.length < LINE_BYTES) break;
    }
    return done;
  }

  private line(start: bigint): Uint8Array {
    const key = `${this.cpu}:${start}`;
    const kept = this.lines.get(key);
    if (kept) return kept;
    const bytes = this.thread.readMemory(this.cpu, start, LINE_BYTES);
    this.onRead();
    const hasBytes = typeof bytes !== 'string' && bytes.length > 0;
    const line = hasBytes ? bytes : (this.kernelLine(start) ?? NOTHING);
    this.lines.set(key, line);
    return line;
  }

  /** A line lies in one page, so it is in one piece physically too. */
  private kernelLine(start: bigint): Uint8Array | undefined {
    const physical = start >= UPPER_HALF ? this.kernel.translate(this.cpu, start) : undefined;
    const bytes = physical === undefined ? '' : this.thread.readPhysical(physical, LINE_BYTES);
    return typeof bytes === 'string' ? undefined : bytes;
  }
}
