/**
 * The guest's memory at a stop, for the engine: synchronous reads through the gdb thread, kept until the guest runs on.
 *
 * Lines of LINE_BYTES are kept by CPU, since each may be in an address space of its own. A line is small because a byte
 * costs (qemu.md section 7: 64 bytes 36 µs, 2 KiB 366 µs) and what a clause reads lies far apart.
 */
import type { MemoryReader } from '../machine/target.ts';
import type { GdbThread } from './gdb-thread.ts';

const LINE_BYTES = 256;
const LINE_MASK = BigInt(LINE_BYTES - 1);
const ADDRESS_MASK = (1n << 64n) - 1n;

export class StopMemory implements MemoryReader {
  /** The CPU whose firing reads. */
  cpu = 0;
  /** Called once a read has gone to the guest: it may have stopped it. */
  onRead: () => void = () => {};
  private readonly thread: Pick<GdbThread, 'readMemory'>;
  /** A shorter line ends where memory does. */
  private readonly lines = new Map<string, Uint8Array>();

  constructor(thread: Pick<GdbThread, 'readMemory'>) {
    this.thread = thread;
  }

  /** The guest runs, so nothing is known any more. */
  forget(): void {
    this.lines.clear();
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
    const line = typeof bytes === 'string' ? new Uint8Array(0) : bytes;
    this.lines.set(key, line);
    return line;
  }
}
