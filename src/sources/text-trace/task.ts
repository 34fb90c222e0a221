/**
 * The process of a line that tells it (pid, thread, name), as the engine asks for processes: a kernel's memory in which
 * each CPU's own block points at one task. Nothing of it is the guest's; a line that tells no process has none.
 */
import type { GuestContext, MemoryReader, ProcessLayout } from '../../machine/target.ts';
import type { TextRows } from './rows.ts';

/** Where the pretended kernel keeps its task: below no address that a trace could mean. */
const BASE = 0xfffffeff00000000n;
const TASK = BASE + 0x100n;
const COMM_BYTES = 16;
const AT = { tgid: 0, pid: 4, comm: 8, end: 8 + COMM_BYTES } as const;

export const LINE_PROCESS: ProcessLayout = {
  currentTask: 0n,
  tgid: AT.tgid,
  pid: AT.pid,
  comm: { offset: AT.comm, sizeBytes: COMM_BYTES },
  realParent: undefined,
  cred: undefined,
  uid: undefined,
  gid: undefined,
};

export class LineProcess implements MemoryReader, GuestContext {
  private readonly rows: TextRows;
  private readonly task = new Uint8Array(AT.end);
  private readonly view = new DataView(this.task.buffer);
  private readonly encoder = new TextEncoder();

  constructor(rows: TextRows) {
    this.rows = rows;
  }

  kernelGsBase(): bigint {
    return BASE;
  }

  read(address: bigint, size: number, out: Uint8Array): number {
    if (address === BASE && size === 8) {
      const known = this.rows.recordAt(this.rows.selected)?.tid !== undefined;
      new DataView(out.buffer, out.byteOffset).setBigUint64(0, known ? TASK : 0n, true);
      return 8;
    }
    const offset = Number(address - TASK);
    if (offset < 0 || offset + size > AT.end) return 0;
    this.fill();
    out.set(this.task.subarray(offset, offset + size));
    return size;
  }

  private fill(): void {
    const record = this.rows.recordAt(this.rows.selected);
    this.task.fill(0);
    this.view.setInt32(AT.tgid, record?.pid ?? record?.tid ?? 0, true);
    this.view.setInt32(AT.pid, record?.tid ?? 0, true);
    this.encoder.encodeInto(record?.comm ?? '', this.task.subarray(AT.comm, AT.end - 1));
  }
}
