/**
 * The usual shapes of Arm's records, by their bytes: a delivery whose lines stand together, all there and in order, and a
 * return from AArch64. What has another shape is read by the careful path (arm-log.ts), which knows them all.
 */
import type { LogEvent } from '../log-event.ts';
import { idOf, joined } from '../log-event.ts';
import { TextCursor, type Word, word } from '../text-cursor.ts';

/** A record as read; the halves are int32. */
export interface ArmBlock {
  end: number; // behind its last line
  lines: number;
  exception: number; // QEMU's number
  cpu: number;
  fromLevel: number;
  toLevel: number;
  ecLow: number;
  hasFar: boolean;
  hasSpsr: boolean;
  esrLow: number;
  esrHigh: number;
  farLow: number;
  farHigh: number;
  spsrLow: number;
  spsrHigh: number;
  pcLow: number; // to return to, or returned to
  pcHigh: number;
  entryLow: number;
  entryHigh: number;
  stateLow: number;
  stateHigh: number;
}

export const newArmBlock = (): ArmBlock => ({
  ...{ end: 0, lines: 0, exception: 0, cpu: 0, fromLevel: 0, toLevel: 0, ecLow: 0 },
  ...{ hasFar: false, hasSpsr: false, esrLow: 0, esrHigh: 0, farLow: 0, farHigh: 0, spsrLow: 0, spsrHigh: 0 },
  ...{ pcLow: 0, pcHigh: 0, entryLow: 0, entryHigh: 0, stateLow: 0, stateHigh: 0 },
});

const WORDS = {
  taking: word('Taking exception '),
  onCpu: word('] on CPU '),
  from: word('\n...from EL'),
  to: word(' to EL'),
  esr: word('\n...with ESR 0x'),
  far: word('\n...with FAR 0x'),
  spsr: word('\n...with SPSR 0x'),
  elr: word('\n...with ELR 0x'),
  entry: word('\n...to EL'),
  pc: word(' PC 0x'),
  pstate: word(' PSTATE 0x'),
  back: word('Exception return from AArch64 EL'),
  backTo: word(' to AArch64 EL'),
  backTo32: word(' to AArch32 EL'),
} as const;

const BLANK = 0x20;
const BRACKET = 0x5b;
const CLOSING = 0x5d;
const LF = 0x0a;
/** QEMU's words for an exception are shorter. */
const MAX_WORDS = 64;
/** Of the lines of a block with a fault address or a saved state: where their names begin. */
const NAME_AT = '\n...with '.length;
const F = 0x46;
const S = 0x53;

const cursor = new TextCursor();

/** The delivery at `at`. False: it is not whole or has another shape. */
export function readDelivery(u8: Uint8Array, at: number, end: number, block: ArmBlock): boolean {
  cursor.begin(u8, at);
  return readHeader(block) && readDetails(block) && readEntry(block) && block.end <= end;
}

function readHeader(block: ArmBlock): boolean {
  if (!cursor.word(WORDS.taking) || !cursor.decimal()) return false;
  block.exception = cursor.low;
  const { u8 } = cursor;
  if (u8[cursor.at++] !== BLANK || u8[cursor.at++] !== BRACKET) return false;
  const stop = cursor.at + MAX_WORDS;
  let p = cursor.at;
  while (p < stop && u8[p] !== CLOSING && u8[p] !== LF) p++;
  cursor.at = p;
  if (!cursor.word(WORDS.onCpu) || !cursor.decimal()) return false;
  block.cpu = cursor.low & 0xffff;
  return true;
}

function readDetails(block: ArmBlock): boolean {
  if (!cursor.word(WORDS.from) || !cursor.digit()) return false;
  block.fromLevel = cursor.low;
  if (!cursor.word(WORDS.to) || !cursor.digit()) return false;
  block.toLevel = cursor.low;
  if (!cursor.word(WORDS.esr) || !cursor.hex()) return false;
  block.ecLow = cursor.low;
  if (cursor.high !== 0 || !cursor.slash0x() || !cursor.hex()) return false;
  block.esrLow = cursor.low;
  block.esrHigh = cursor.high;
  block.lines = 5;
  block.hasFar = cursor.u8[cursor.at + NAME_AT] === F;
  if (block.hasFar) {
    if (!readValue(WORDS.far)) return false;
    block.farLow = cursor.low;
    block.farHigh = cursor.high;
    block.lines++;
  }
  block.hasSpsr = cursor.u8[cursor.at + NAME_AT] === S;
  if (block.hasSpsr) {
    if (!readValue(WORDS.spsr)) return false;
    block.spsrLow = cursor.low;
    block.spsrHigh = cursor.high;
    block.lines++;
  }
  return true;
}

function readValue(words: Word): boolean {
  return cursor.word(words) && cursor.hex();
}

function readEntry(block: ArmBlock): boolean {
  if (!readValue(WORDS.elr)) return false;
  block.pcLow = cursor.low;
  block.pcHigh = cursor.high;
  if (!cursor.word(WORDS.entry) || !cursor.digit() || cursor.low !== block.toLevel) return false;
  if (!cursor.word(WORDS.pc) || !cursor.hex()) return false;
  block.entryLow = cursor.low;
  block.entryHigh = cursor.high;
  if (!readValue(WORDS.pstate) || !cursor.lineEnd()) return false;
  block.stateLow = cursor.low;
  block.stateHigh = cursor.high;
  block.end = cursor.at;
  return true;
}

/** The return at `at`. False: it is not whole or has another shape. */
export function readReturn(u8: Uint8Array, at: number, end: number, block: ArmBlock): boolean {
  cursor.begin(u8, at);
  if (!cursor.word(WORDS.back) || !cursor.digit()) return false;
  block.fromLevel = cursor.low;
  if ((!cursor.word(WORDS.backTo) && !cursor.word(WORDS.backTo32)) || !cursor.digit()) return false;
  block.toLevel = cursor.low;
  if (!readValue(WORDS.pc) || !cursor.lineEnd()) return false;
  block.pcLow = cursor.low;
  block.pcHigh = cursor.high;
  block.end = cursor.at;
  return block.end <= end;
}

/** Bits of LogEvent.told: what an event's record says. */
export const TOLD = { return: 1, esr: 2, fsc: 4, far: 8, spsr: 16, entry: 32 } as const;

const ISS = 0x1ffffffn;
const FSC = 0x3fn;

/** Registers of events that were read here, by id: of which part of the record they are, and their value. */
const FACTS: ReadonlyMap<number, readonly [told: number, value: (event: LogEvent) => bigint]> = new Map([
  [idOf('esr'), [TOLD.esr, (event) => event.errcode]],
  [idOf('esr_ec'), [TOLD.esr, (event) => BigInt(event.vector)]],
  [idOf('esr_iss'), [TOLD.esr, (event) => event.errcode & ISS]],
  [idOf('esr_fsc'), [TOLD.fsc, (event) => event.errcode & FSC]],
  [idOf('far'), [TOLD.far, (event) => event.faddr]],
  [idOf('elr'), [TOLD.entry | TOLD.return, (event) => joined(event.pcLow, event.pcHigh)]],
  [idOf('spsr'), [TOLD.spsr, (event) => joined(event.savedLow, event.savedHigh)]],
  [idOf('new_el'), [TOLD.entry, (event) => BigInt(event.toLevel)]],
  [idOf('new_pc'), [TOLD.entry, (event) => joined(event.entryLow, event.entryHigh)]],
  [idOf('new_pstate'), [TOLD.entry, (event) => joined(event.stateLow, event.stateHigh)]],
]);

export const ARM_FACTS = {
  value(event: LogEvent, registerId: number): bigint | undefined {
    const fact = FACTS.get(registerId);
    return fact !== undefined && (event.told & fact[0]) !== 0 ? fact[1](event) : undefined;
  },
};
