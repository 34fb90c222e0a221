/** Hands a record of a principal buffer to the consumer, decoded as far as the engine knows it: which ECB, when, where. */
import { bug } from '../base/assert.ts';
import type { LinearMemory } from '../base/linear-memory.ts';
import type { EcbInfo, RecordSink } from '../dif/consumer-contract.ts';
import { COMMITTED, FAULT_RECORD, RECORD_HEADER } from '../dif/record.ts';
import { FAULT_RECORD_BYTES } from './record-buffers.ts';

/** Deliver the record at an offset; returns its size. `ecbs` and `sizes` are by EPID, from 1 and from 0. */
export function deliver(
  memory: LinearMemory,
  ecbs: readonly EcbInfo[],
  sizes: readonly number[],
  recordAt: number,
  sink: RecordSink,
): number {
  const epid = memory.u32[(recordAt + RECORD_HEADER.epid) >>> 2]!;
  const payload = recordAt + RECORD_HEADER.payload;
  if (epid === 0) {
    deliverFault(memory, ecbs, payload, sink);
    return FAULT_RECORD_BYTES;
  }
  const cpu = memory.u32[(recordAt + RECORD_HEADER.cpu) >>> 2]!;
  const committed = cpu >= COMMITTED;
  const time = recordAt + RECORD_HEADER.timestamp;
  sink.record(ecbOf(ecbs, epid), committed ? cpu - COMMITTED : cpu, time, memory, payload, committed);
  return sizes[epid]!;
}

function deliverFault(
  { u32, i32, i64 }: LinearMemory,
  ecbs: readonly EcbInfo[],
  payload: number,
  sink: RecordSink,
): void {
  sink.fault({
    ecb: ecbOf(ecbs, u32[(payload + FAULT_RECORD.epid) >>> 2]!),
    action: u32[(payload + FAULT_RECORD.action) >>> 2]!,
    difOffset: i32[(payload + FAULT_RECORD.difOffset) >>> 2]!,
    code: u32[(payload + FAULT_RECORD.code) >>> 2]!,
    value: i64[(payload + FAULT_RECORD.value) >>> 3]!,
  });
}

function ecbOf(ecbs: readonly EcbInfo[], epid: number): EcbInfo {
  return ecbs[epid - 1] ?? bug('engine', `record of unknown EPID ${epid}`);
}
