/** The usual shape of a RISC-V trap's line, by its bytes; other shapes are read by the careful path (riscv-log.ts). */
import { REGISTERS } from '../../machine/registers.ts';
import type { LogEvent } from '../log-event.ts';
import { TextCursor, word } from '../text-cursor.ts';

/** A trap as read; the halves are int32. */
export interface Trap {
  end: number; // behind its line
  hart: number;
  isAsync: boolean;
  cause: number;
  epcLow: number;
  epcHigh: number;
  tvalLow: number;
  tvalHigh: number;
}

export const newTrap = (): Trap => ({
  ...{ end: 0, hart: 0, isAsync: false, cause: 0 },
  ...{ epcLow: 0, epcHigh: 0, tvalLow: 0, tvalHigh: 0 },
});

const WORDS = {
  hart: word('riscv_cpu_do_interrupt: hart:'),
  async: word(', async:'),
  cause: word(', cause:'),
  epc: word(', epc:0x'),
  tval: word(', tval:0x'),
  desc: word(', desc='),
} as const;

const FIRST = 0x72; // r
const LF = 0x0a;
/** QEMU's words for a cause are shorter. */
const MAX_WORDS = 64;

const cursor = new TextCursor();

/** The trap at `at`. False: its line is not whole or has another shape. */
export function readTrap(u8: Uint8Array, at: number, end: number, trap: Trap): boolean {
  if (u8[at] !== FIRST) return false;
  cursor.begin(u8, at);
  if (!cursor.word(WORDS.hart) || !cursor.decimal()) return false;
  trap.hart = cursor.low & 0xffff;
  if (!cursor.word(WORDS.async) || !cursor.digit()) return false;
  trap.isAsync = cursor.low !== 0;
  if (!cursor.word(WORDS.cause) || !cursor.hex() || cursor.high !== 0) return false;
  trap.cause = cursor.low & 0xff;
  if (!cursor.word(WORDS.epc) || !cursor.hex()) return false;
  trap.epcLow = cursor.low;
  trap.epcHigh = cursor.high;
  if (!cursor.word(WORDS.tval) || !cursor.hex()) return false;
  trap.tvalLow = cursor.low;
  trap.tvalHigh = cursor.high;
  if (!cursor.word(WORDS.desc)) return false;
  trap.end = wordEnd(u8, cursor.at);
  return u8[trap.end++] === LF && trap.end <= end;
}

/** Where the letters, digits and `_` from `at` on end. */
function wordEnd(u8: Uint8Array, at: number): number {
  let p = at;
  while (p < at + MAX_WORDS) {
    const byte = u8[p]! | 0x20;
    if (!((byte >= 0x61 && byte <= 0x7a) || u8[p] === 0x5f || (u8[p]! >= 0x30 && u8[p]! <= 0x39))) break;
    p++;
  }
  return p;
}

/** Registers of traps that were read here. */
export const RISCV_FACTS = {
  value(event: LogEvent, registerId: number): bigint | undefined {
    if (registerId === REGISTERS.cause.id) return BigInt(event.vector);
    if (registerId === REGISTERS.epc.id) return event.pc;
    return registerId === REGISTERS.tval.id ? event.errcode : undefined;
  },
};
