/**
 * Records on their way into the principal buffers: headers, the records of faults, copies of what was built aside.
 *
 * In: the payload of a clause that has run, a fault, a record of a speculation that is committed. Out: the record in the
 * buffer of the firing's CPU (layouts: dif/record.ts). Where there is no room, `lost` is called and the record is none.
 */
import { COMMITTED, FAULT_RECORD, RECORD_HEADER } from '../dif/record.ts';
import { FIRING } from './firing.ts';
import type { MachineState } from './machine-state.ts';
import { FAULT_RECORD_BYTES, type PrincipalBuffer, type RecordBuffers } from './record-buffers.ts';

export class RecordWriter {
  private readonly m: MachineState;
  private readonly buffers: RecordBuffers;
  private readonly recordBytesOfEpid: readonly number[];
  private readonly lost: () => void;
  /** Since the last look at how full the buffer is. */
  private hasWritten = false;

  constructor(
    m: MachineState,
    buffers: RecordBuffers,
    recordBytesOfEpid: readonly number[],
    lost: () => void,
  ) {
    this.m = m;
    this.buffers = buffers;
    this.recordBytesOfEpid = recordBytesOfEpid;
    this.lost = lost;
  }

  /** Bytes of the record there. */
  bytesAt(recordAt: number): number {
    const epid = this.m.memory.u32[(recordAt + RECORD_HEADER.epid) >>> 2]!;
    return epid === 0 ? FAULT_RECORD_BYTES : this.recordBytesOfEpid[epid]!;
  }

  /** Others have written, too. */
  noteWritten(): void {
    this.hasWritten = true;
  }

  /** After a firing: whether the consumer should come soon. */
  isFilling(): boolean {
    if (!this.hasWritten) return false;
    this.hasWritten = false;
    const buffer = this.buffers.of(this.m.firing.cpu);
    return buffer.used > buffer.drainBeyond;
  }

  writeHeader(recordAt: number, epid: number): void {
    this.hasWritten = true;
    const { firing, memory } = this.m;
    const { u32, i32, f64 } = memory;
    const at = recordAt >>> 2;
    const time = (firing.at + FIRING.timestamp) >>> 2;
    u32[at] = epid;
    u32[at + 1] = firing.cpu;
    f64[(recordAt + RECORD_HEADER.order) >>> 3] = this.buffers.nextOrder();
    i32[at + (RECORD_HEADER.timestamp >>> 2)] = i32[time]!;
    i32[at + (RECORD_HEADER.timestamp >>> 2) + 1] = i32[time + 1]!;
  }

  /** A complete record that was built elsewhere. */
  copy(buffer: PrincipalBuffer, from: number, sizeBytes: number): boolean {
    const to = buffer.room(sizeBytes);
    if (to === 0) {
      this.lost();
      return false;
    }
    this.m.memory.u8.copyWithin(to, from, from + sizeBytes);
    buffer.keep(sizeBytes);
    this.hasWritten = true;
    return true;
  }

  /** One record of a speculation, here and now; it keeps its CPU and time. Returns its bytes. */
  commit(recordAt: number): number {
    const { u32, f64 } = this.m.memory;
    const sizeBytes = this.bytesAt(recordAt);
    u32[(recordAt + RECORD_HEADER.cpu) >>> 2]! |= COMMITTED;
    f64[(recordAt + RECORD_HEADER.order) >>> 3] = this.buffers.nextOrder();
    this.copy(this.buffers.of(this.m.firing.cpu), recordAt, sizeBytes);
    return sizeBytes;
  }

  /** The machine's fault, in that action of the ECB. */
  fault(epid: number, action: number): void {
    const { m } = this;
    const buffer = this.buffers.of(m.firing.cpu);
    const at = buffer.room(FAULT_RECORD_BYTES);
    if (at === 0) {
      this.lost();
      return;
    }
    const { i32, i64 } = m.memory;
    const payload = (at + RECORD_HEADER.payload) >>> 2;
    this.writeHeader(at, 0);
    i32[payload + (FAULT_RECORD.epid >>> 2)] = epid;
    i32[payload + (FAULT_RECORD.action >>> 2)] = action;
    i32[payload + (FAULT_RECORD.difOffset >>> 2)] = m.faultOffset;
    i32[payload + (FAULT_RECORD.code >>> 2)] = m.faultCode;
    i64[(payload + (FAULT_RECORD.value >>> 2)) >>> 1] = i64[m.faultValueAt >>> 3]!;
    buffer.keep(FAULT_RECORD_BYTES);
  }
}
