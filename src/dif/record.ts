/**
 * Records as they lie in a principal buffer.
 *
 *  0        4        8               16              24
 *  +--------+--------+---------------+---------------+---------------------------+
 *  | epid   | cpu    | order         | timestampNs   | payload, layout by EPID   |
 *  +--------+--------+---------------+---------------+---------------------------+
 *   u32      u32      f64             i64
 *
 * `order` numbers the records of a session in the order of their firings; merging the CPUs' buffers by it gives one
 * sequence. COMMITTED is set in `cpu` when the record comes from a speculation. The payload's size is fixed per EPID. EPID 0 marks a fault record, whose payload is FAULT_RECORD.
 */
export const RECORD_HEADER = { epid: 0, cpu: 4, order: 8, timestamp: 16, payload: 24 } as const;

/** Bit of `cpu`. */
export const COMMITTED = 0x8000_0000;

/** Payload of an EPID-0 record: offsets within it. All u32 but `value`. */
export const FAULT_RECORD = { epid: 0, action: 4, difOffset: 8, code: 12, value: 16, bytes: 24 } as const;
