/**
 * What QEMU logs of an Arm CPU (target/arm/helper.c), in its own words. One delivery is a block of lines, each a write:
 *
 *   Taking exception 4 [Data Abort] on CPU 0      QEMU's number and words
 *   ...from EL0 to EL1
 *   ...with ESR 0x24/0x92000007                   class / syndrome; of interrupts it is an old one
 *   ...with FAR 0xffff9e2b5010                    aborts only; 32-bit: `with DFSR 0x7 DFAR 0x1000`
 *   ...with SPSR 0x60001000                       QEMU 9 and later
 *   ...with ELR 0x465e8c                          absent of 32-bit exception levels
 *   ...to EL1 PC 0xffff800008010c00 PSTATE 0x3c5  the same; `...handled as PSCI call` ends a call that QEMU answers
 *
 * and `Exception return from AArch64 EL1 to AArch64 EL0 PC 0x465e8c`. Only the first line names the CPU. With several
 * CPUs blocks may interleave, so a line goes to the oldest open block that expects such a line (B1), else to any that may
 * still have it (B2); a line that no block can have is torn. A block that never ends is an event with what it has (B3).
 *
 * A return names no CPU and no delivery. It ends the latest delivery that came from the level it leads to and saved its
 * address (R1), of a CPU that is at the level it leaves; a thread that moved between CPUs takes its delivery along (R2). When
 * the address was changed (a signal, a new program) it ends the latest delivery from that level (R3). A return without any
 * starts something, and ends an unseen delivery (R4). 32-bit code logs `Exception return from AArch32 und to svc PC 0x…`,
 * and only where the mode changes; deliveries to it do not say where they return to, so the mode that is left tells (R5).
 */
import { ARM_INTERRUPTS, ARM_SERROR, isArmCall, UNSEEN_DELIVERY } from '../../machine/causes.ts';
import { EVENT_FLAGS, EVENT_KINDS } from '../../machine/event-batch.ts';
import { COLUMN_REGISTERS, REGISTERS, type RegisterName } from '../../machine/registers.ts';
import type { LineLog } from '../line-log.ts';
import {
  type FieldTaker,
  highOf,
  INTERRUPT_FLAGS,
  idOf,
  type LogEvent,
  lowOf,
  type Values,
} from '../log-event.ts';
import type { DumpLine, LogRules } from '../log-rules.ts';
import { ARM_FACTS, newArmBlock, readDelivery, readReturn, TOLD } from './arm-block.ts';
import { BlockRuns, type VectorFacts } from './block-run.ts';
import { Deliveries, type Delivery } from './deliveries.ts';

/** QEMU's exception numbers (target/arm/cpu.h) of what has no exception class. */
const QEMU_INTERRUPTS: ReadonlyMap<number, number> = new Map([
  [5, ARM_INTERRUPTS.irq],
  [6, ARM_INTERRUPTS.fiq],
  [14, ARM_INTERRUPTS.virtual_irq],
  [15, ARM_INTERRUPTS.virtual_fiq],
  [24, ARM_SERROR],
  [26, ARM_INTERRUPTS.nmi],
  [27, ARM_INTERRUPTS.virtual_nmi],
  [28, ARM_INTERRUPTS.virtual_fiq_nmi],
]);
/** The class of the others when the line with the syndrome is missing, as on M-profile CPUs. */
const QEMU_CLASSES: ReadonlyMap<number, number> = new Map([
  [2, 0x15],
  [3, 0x21],
  [4, 0x25],
  [7, 0x3c],
  [11, 0x16],
  [13, 0x17],
  [19, 0x2d],
]);
/** Classes of aborts: the low six bits of their syndrome are a fault status code, and FAR holds. */
const ABORTS: ReadonlySet<number> = new Set([0x20, 0x21, 0x24, 0x25, 0x34, 0x35]);

/** How far a block has come. */
const STAGES = { header: 0, from: 1, esr: 2, far: 3, spsr: 4, elr: 5 } as const;

interface Block {
  readonly event: LogEvent;
  readonly exception: number; // QEMU's number
  stage: number;
  fromLevel: number;
  toLevel: number;
  isShared: boolean; // another block was open at the same time
}

interface Form {
  readonly begins: string; // what the pattern begins with: most lines need one pattern
  readonly pattern: RegExp; // sticky in effect: anchored at the piece
  /** Stages from which a block expects the line (B1); a later stage can no longer have it (B2). */
  readonly expected: readonly number[];
  readonly stage: number; // of the block afterwards
  readonly apply: (rules: ArmRules, block: Block, fields: RegExpExecArray, log: LineLog) => void;
}

const number = (digits: string | undefined): bigint => BigInt(`0x${digits ?? '0'}`);

const DETAILS: readonly Form[] = [
  {
    begins: '...from EL',
    pattern: /^\.\.\.from EL(\d) to EL(\d)/,
    expected: [STAGES.header],
    stage: STAGES.from,
    apply: (_, block, [, from, to]) => {
      block.fromLevel = Number(from);
      block.toLevel = Number(to);
      block.event.level = Number(from);
      put(block.event, 'new_el', BigInt(to!));
    },
  },
  {
    begins: '...with ESR',
    pattern: /^\.\.\.with ESR 0x([0-9a-f]+)\/0x([0-9a-f]+)/,
    expected: [STAGES.from],
    stage: STAGES.esr,
    apply: (_, block, [, ec, esr]) => takeSyndrome(block, Number.parseInt(ec!, 16), number(esr)),
  },
  {
    begins: '...with ',
    pattern: /^\.\.\.with (?:H[DI])?FAR 0x([0-9a-f]+)/,
    expected: [STAGES.esr],
    stage: STAGES.far,
    apply: (_, { event }, [, far]) => {
      event.faddr = number(far);
      put(event, 'far', event.faddr);
    },
  },
  {
    begins: '...with ',
    pattern: /^\.\.\.with [DI]FSR 0x([0-9a-f]+) [DI]FAR 0x([0-9a-f]+)/,
    expected: [STAGES.esr],
    stage: STAGES.far,
    apply: (_, { event }, [, status, far]) => {
      event.faddr = number(far);
      put(event, 'far', event.faddr);
      put(event, 'fsr', number(status));
    },
  },
  {
    begins: '...with SPSR',
    pattern: /^\.\.\.with SPSR 0x([0-9a-f]+)/,
    expected: [STAGES.esr, STAGES.far],
    stage: STAGES.spsr,
    apply: (_, { event }, [, spsr]) => {
      put(event, 'spsr', number(spsr));
      event.flags |= EVENT_FLAGS.IF_KNOWN;
      if ((number(spsr) & PSTATE_I) === 0n) event.flags |= EVENT_FLAGS.IF;
    },
  },
  {
    begins: '...with EL',
    pattern: /^\.\.\.with ELR 0x([0-9a-f]+)/,
    expected: [STAGES.esr, STAGES.far, STAGES.spsr],
    stage: STAGES.elr,
    apply: (rules, { event }, [, elr]) => {
      rules.hasReturns = true;
      event.pc = number(elr);
      put(event, 'elr', event.pc);
    },
  },
  {
    begins: '...to EL',
    pattern: /^\.\.\.to EL(\d) PC 0x([0-9a-f]+) PSTATE 0x([0-9a-f]+)/,
    expected: [STAGES.elr],
    stage: STAGES.elr,
    apply: (rules, block, [, level, pc, pstate], log) => {
      const { event } = block;
      put(event, 'new_el', BigInt(level!));
      put(event, 'new_pc', number(pc));
      put(event, 'new_pstate', number(pstate));
      event.entryLow = lowOf(number(pc));
      event.entryHigh = highOf(number(pc));
      rules.complete(block, log);
      rules.deliveries.add(event, block.fromLevel, block.toLevel);
      log.awaitEntry(event, true);
    },
  },
  {
    begins: '...handled as ',
    pattern: /^\.\.\.handled as PSCI call/,
    expected: [STAGES.esr],
    stage: STAGES.esr,
    apply: (rules, block, _, log) => rules.complete(block, log),
  },
  {
    begins: '...handling as ',
    pattern: /^\.\.\.handling as semihosting call(?: 0x[0-9a-f]+)?/,
    expected: [STAGES.from, STAGES.esr],
    stage: STAGES.esr,
    apply: (rules, block, _, log) => rules.complete(block, log),
  },
  // What M-profile CPUs add, of which nothing is kept.
  { begins: '...', pattern: /^\.\.\.[a-z].*/, expected: [], stage: STAGES.header, apply: () => {} },
];

/** Before QEMU 7.0 without the CPU. */
const HEADER = /^Taking exception (\d+) \[([^\]]*)\](?: on CPU (\d+)|(?=\s*$))/;
const RETURN = /^Exception return from AArch64 EL(\d) to AArch(?:64|32) EL(\d) PC 0x([0-9a-f]+)/;
const RETURN_32 = /^Exception return from AArch32 (\w+) to (\w+) PC 0x([0-9a-f]+)/;
const M_RETURN = /^Exception return: magic PC ([0-9a-f]+) previous exception \d+/;
const DETAIL_WORDS = 'from EL|with |to EL|handled as |handling as |taking |successful |loading |loaded |as ';
const BEGINS = new RegExp(`Taking exception \\d|Exception return[ :]|\\.\\.\\.(?:${DETAIL_WORDS})`);

const PSTATE_I = 0x80n;
/** With which records begin. */
const TAKING = [0x54, 0x61] as const;
const EXCEPTION = 0x45;

export class ArmRules implements LogRules {
  readonly architecture = 'arm';
  readonly begins = BEGINS;
  readonly prefixes = ['Taking exception ', 'Exception return from AArch', '...'];
  /** Deliveries are logged with where they return to: they are of 64-bit exception levels. */
  hasReturns = false;
  readonly facts = ARM_FACTS;
  private readonly read = newArmBlock();
  private open: Block[] = [];
  readonly deliveries = new Deliveries();
  readonly runs = new BlockRuns(this);
  readonly unseenVector = UNSEEN_DELIVERY.number;

  /** For runs: no record is open. */
  get isReady(): boolean {
    return this.open.length === 0;
  }

  noteDelivery(): void {
    this.hasReturns = true;
  }

  factsOfNumber(exception: number): VectorFacts | undefined {
    const vector = QEMU_INTERRUPTS.get(exception);
    return vector === undefined ? undefined : interruptFacts(vector);
  }

  factsOfClass(exceptionClass: number): VectorFacts {
    return classFacts(exceptionClass);
  }

  takeFast(u8: Uint8Array, at: number, end: number, log: LineLog): number {
    if (this.open.length > 0) return 0;
    const first = u8[at];
    if (first === TAKING[0] && u8[at + 1] === TAKING[1]) return this.takeDelivery(u8, at, end, log);
    return first === EXCEPTION ? this.takeUsualReturn(u8, at, end, log) : 0;
  }

  private takeDelivery(u8: Uint8Array, at: number, end: number, log: LineLog): number {
    const { read } = this;
    if (!readDelivery(u8, at, end, read)) return 0;
    const interrupt = QEMU_INTERRUPTS.get(read.exception);
    const vector = interrupt ?? read.ecLow & 0x3f;
    if (read.hasFar !== hasFault(vector)) return 0;
    log.beginRecord();
    const event = log.newEvent(EVENT_KINDS.vec, read.cpu, true);
    event.vector = vector;
    event.level = read.fromLevel;
    event.told = TOLD.entry;
    if (interrupt !== undefined) event.flags = EVENT_FLAGS.HARDWARE;
    else this.fromSyndrome(event);
    this.fromAddresses(event);
    this.hasReturns = true;
    log.push(event);
    log.passLines(read.lines - 1);
    markIrq(event, read.fromLevel, read.toLevel);
    this.deliveries.add(event, read.fromLevel, read.toLevel);
    log.awaitEntry(event, true);
    return read.end;
  }

  private fromSyndrome(event: LogEvent): void {
    const { read } = this;
    if (isArmCall(event.vector)) event.flags = EVENT_FLAGS.SOFT;
    event.errLow = read.esrLow;
    event.errHigh = read.esrHigh;
    event.told |= ABORTS.has(event.vector) ? TOLD.esr | TOLD.fsc : TOLD.esr;
  }

  private fromAddresses(event: LogEvent): void {
    const { read } = this;
    if (read.hasFar) {
      event.faddrLow = read.farLow;
      event.faddrHigh = read.farHigh;
      event.told |= TOLD.far;
    }
    if (read.hasSpsr) {
      event.savedLow = read.spsrLow;
      event.savedHigh = read.spsrHigh;
      event.told |= TOLD.spsr;
      event.flags |= EVENT_FLAGS.IF_KNOWN;
      if ((read.spsrLow & Number(PSTATE_I)) === 0) event.flags |= EVENT_FLAGS.IF;
    }
    event.hasPc = true;
    event.pcLow = read.pcLow;
    event.pcHigh = read.pcHigh;
    event.toLevel = read.toLevel;
    event.entryLow = read.entryLow;
    event.entryHigh = read.entryHigh;
    event.stateLow = read.stateLow;
    event.stateHigh = read.stateHigh;
  }

  private takeUsualReturn(u8: Uint8Array, at: number, end: number, log: LineLog): number {
    const { read } = this;
    if (!readReturn(u8, at, end, read)) return 0;
    log.beginRecord();
    const { fromLevel, toLevel, pcLow, pcHigh } = read;
    const ended = this.deliveries.endedBy(fromLevel, toLevel, pcLow, pcHigh, log.cpus.latest);
    const event = log.newEvent(EVENT_KINDS.vec_return, ended.cpu, true);
    this.deliveries.levels[ended.cpu] = toLevel;
    event.hasPc = true;
    event.pcLow = pcLow;
    event.pcHigh = pcHigh;
    event.told = TOLD.return;
    this.describe(event, ended.delivery, toLevel);
    log.push(event);
    log.passLines(0);
    return read.end;
  }

  take(text: string, log: LineLog): number {
    const header = HEADER.exec(text);
    if (header) return this.takeHeader(header, log);
    if (text.startsWith('...')) return this.takeDetail(text, log);
    this.between(log);
    const back = RETURN.exec(text);
    if (back) return this.takeReturn(back, log);
    const back32 = RETURN_32.exec(text);
    if (back32) return this.takeReturn32(back32, log);
    const magic = M_RETURN.exec(text);
    return magic ? this.takeMagicReturn(magic, log) : 0;
  }

  private takeHeader([line, exception, , cpuText]: RegExpExecArray, log: LineLog): number {
    const cpu = Number(cpuText ?? 0) & 0xffff;
    for (const block of this.open.filter(({ event }) => event.cpu === cpu)) this.abandon(block, log);
    this.between(log);
    const event = log.newEvent(EVENT_KINDS.vec, cpu);
    const interrupt = QEMU_INTERRUPTS.get(Number(exception));
    event.vector = interrupt ?? QEMU_CLASSES.get(Number(exception)) ?? 0;
    if (interrupt !== undefined) event.flags = EVENT_FLAGS.HARDWARE;
    else if (isArmCall(event.vector)) event.flags = EVENT_FLAGS.SOFT;
    for (const block of this.open) block.isShared = true;
    this.open.push({
      event,
      exception: Number(exception),
      stage: STAGES.header,
      fromLevel: -1,
      toLevel: -1,
      isShared: this.open.length > 0,
    });
    log.push(event);
    return line!.length;
  }

  private takeDetail(text: string, log: LineLog): number {
    for (const form of DETAILS) {
      if (!text.startsWith(form.begins)) continue;
      const fields = form.pattern.exec(text);
      if (!fields) continue;
      const block = this.blockFor(form);
      if (block) {
        block.stage = Math.max(block.stage, form.stage);
        form.apply(this, block, fields, log);
      } else log.tear();
      return fields[0].length;
    }
    return 0;
  }

  /** B1, B2. */
  private blockFor({ expected, stage }: Form): Block | undefined {
    const fits = (block: Block): boolean => expected.includes(block.stage) && this.mayFault(block, stage);
    return this.open.find(fits) ?? this.open.find((block) => expected.length === 0 || block.stage < stage);
  }

  /** Only aborts have a fault address, and they do have one. */
  private mayFault({ event, stage: at }: Block, stage: number): boolean {
    const isAbort = hasFault(event.vector);
    return stage === STAGES.far ? isAbort : stage !== STAGES.elr || at !== STAGES.esr || !isAbort;
  }

  /** The block has come to its end. */
  complete(block: Block, log: LineLog): void {
    const { event } = block;
    this.open = this.open.filter((other) => other !== block);
    if (block.isShared) log.repaired();
    markIrq(event, block.fromLevel, block.toLevel);
    event.isWhole = true;
  }

  /** B3. */
  private abandon(block: Block, log: LineLog): void {
    const isTorn = block.stage < STAGES.esr || this.hasReturns;
    this.complete(block, log);
    if (isTorn) log.lose('torn', block.event.line);
  }

  /** Without addresses to return to, a block has no last line: it ends where another record begins. */
  between(log: LineLog): void {
    if (this.hasReturns || this.open.length === 0) return;
    for (const block of this.open.filter(({ stage }) => stage >= STAGES.esr)) {
      this.complete(block, log);
      this.deliveries.add(block.event, block.fromLevel, block.toLevel);
      log.awaitEntry(block.event, false);
    }
  }

  finish(log: LineLog): void {
    for (const block of [...this.open]) this.abandon(block, log);
  }

  private takeReturn([line, from, to, pcText]: RegExpExecArray, log: LineLog): number {
    const fromLevel = Number(from);
    const toLevel = Number(to);
    const pc = number(pcText);
    const ended = this.deliveries.endedBy(fromLevel, toLevel, lowOf(pc), highOf(pc), log.cpus.latest);
    const event = log.newEvent(EVENT_KINDS.vec_return, ended.cpu);
    this.deliveries.levels[ended.cpu] = toLevel;
    event.pc = pc;
    put(event, 'elr', pc);
    this.describe(event, ended.delivery, toLevel);
    log.push(event);
    return line!.length;
  }

  /** R5; a kernel may have left the mode of the delivery behind, then its level decides. */
  private takeReturn32([line, from, to, pcText]: RegExpExecArray, log: LineLog): number {
    const toLevel = levelOfMode(to!);
    const cpu = log.cpus.latest;
    const delivery = this.deliveries.endedIn(cpu, toLevel, ({ vector }) => handlerOf(vector).mode === from);
    const event = log.newEvent(EVENT_KINDS.vec_return, cpu);
    this.deliveries.levels[cpu] = toLevel;
    event.pc = number(pcText);
    put(event, 'elr', event.pc);
    this.describe(event, delivery, toLevel);
    log.push(event);
    return line!.length;
  }

  private describe(event: LogEvent, delivery: Delivery | undefined, level: number): void {
    event.isWhole = true;
    event.level = level;
    event.vector = delivery?.vector ?? UNSEEN_DELIVERY.number;
    if (!delivery) return;
    const sinceNs = event.timeNs - delivery.timeNs;
    if (sinceNs > 0) event.errcode = BigInt(Math.round(sinceNs));
    event.faddrLow = delivery.faddrLow;
    event.faddrHigh = delivery.faddrHigh;
    event.flags = delivery.flags;
  }

  private takeMagicReturn([line, pc]: RegExpExecArray, log: LineLog): number {
    const event = log.newEvent(EVENT_KINDS.vec_return, log.cpus.latest);
    put(event, 'elr', number(pc));
    event.isWhole = true;
    event.vector = UNSEEN_DELIVERY.number;
    log.push(event);
    return line!.length;
  }

  levelOf(): number {
    return 0xff; // the hidden flags of a block have another shape in every version; its dump tells
  }

  dumpLine(text: string): DumpLine | undefined {
    if (NO_DUMP.has(text.charCodeAt(0)) || !DUMP_LINE.test(text)) return undefined;
    const isFirst = text.startsWith(' PC=') || text.startsWith('R00=');
    return { isFirst, isLast: /^(?:PSTATE|X?PSR)=/.test(text), isJudged: true };
  }

  readFields(text: string, to: FieldTaker): void {
    FIELD.lastIndex = 0;
    for (let match = FIELD.exec(text); match !== null; match = FIELD.exec(text)) {
      const [, name, digits] = match;
      const id = DUMP_IDS.get(name!);
      const at = FIELD.lastIndex - digits!.length;
      if (id !== undefined) to.setDigits(id, digits!, at);
      if (name === 'R13') to.setDigits(COLUMN_REGISTERS.sp, digits!, at);
      if (name === 'R15') to.setDigits(COLUMN_REGISTERS.pc, digits!, at);
    }
  }

  /** Dumps do not name their CPU. */
  mayOwn(): boolean {
    return true;
  }

  fromDump(event: LogEvent, values: Values): void {
    const pstate = values.get(REGISTERS.pstate.id);
    const cpsr = values.get(REGISTERS.cpsr.id);
    const masks = pstate ?? cpsr;
    if (masks !== undefined) {
      event.flags |= EVENT_FLAGS.IF_KNOWN;
      if ((masks & PSTATE_I) === 0n) event.flags |= EVENT_FLAGS.IF;
    }
    if (pstate !== undefined) event.level = Number((pstate >> 2n) & 3n);
    else if (cpsr !== undefined) event.level = levelOfMode(MODES[Number(cpsr & 0xfn)] ?? 'svc');
    alias(values, 'x30', REGISTERS.lr.id);
    alias(values, 'r14', REGISTERS.lr.id);
  }

  /** Of 32-bit code r13 and r14 are banked, and r14 is where to return to. */
  private fromEntry32(event: LogEvent, values: Values): void {
    const { slot, ahead } = handlerOf(event.vector);
    const at = values.get(COLUMN_REGISTERS.pc) ?? 0n;
    if ((at & 0x1fn) !== slot) return;
    for (const first of [REGISTERS.r0.id, REGISTERS.r8.id]) {
      const count = first === REGISTERS.r0.id ? 8 : 5;
      for (let id = first; id < first + count; id++) event.ownValues()?.set(id, values.get(id) ?? 0n);
    }
    const link = values.get(REGISTERS.r14.id);
    if (link !== undefined && ahead !== undefined) event.pc ??= link - ahead;
  }

  /** General registers are not banked between the interrupted code and a 64-bit handler's first instruction. */
  fromEntry(event: LogEvent, values: Values): void {
    if (values.has(REGISTERS.r0.id)) this.fromEntry32(event, values);
    const own = event.ownValues();
    if (own === undefined || !values.has(REGISTERS.x0.id)) return;
    own.take(values, REGISTERS.x0.id, REGISTERS.x30.id);
    alias(own, 'x30', REGISTERS.lr.id);
  }
}

/** Modes of 32-bit code by the low four bits of the status register, in QEMU's words. */
const MODES = [
  ...['usr', 'fiq', 'irq', 'svc', undefined, undefined, 'mon', 'abt'],
  ...[undefined, undefined, 'hyp', 'und', undefined, undefined, undefined, 'sys'],
] as const;

function levelOfMode(mode: string): number {
  return mode === 'usr' ? 0 : mode === 'hyp' ? 2 : mode === 'mon' ? 3 : 1;
}

/** Where 32-bit deliveries go: the mode, the slot of the vector table, and how far the link register is ahead. */
interface Handler {
  readonly mode: string;
  readonly slot: bigint;
  readonly ahead: bigint | undefined; // differs between Arm and Thumb code where absent
}

const HANDLERS: ReadonlyMap<number, Handler> = new Map([
  [0x11, { mode: 'svc', slot: 0x08n, ahead: 0n }],
  [0x12, { mode: 'hyp', slot: 0x14n, ahead: undefined }],
  [0x13, { mode: 'mon', slot: 0x08n, ahead: 0n }],
  [0x20, { mode: 'abt', slot: 0x0cn, ahead: 4n }],
  [0x21, { mode: 'abt', slot: 0x0cn, ahead: 4n }],
  [0x24, { mode: 'abt', slot: 0x10n, ahead: 8n }],
  [0x25, { mode: 'abt', slot: 0x10n, ahead: 8n }],
  [0x38, { mode: 'abt', slot: 0x0cn, ahead: 4n }],
  [ARM_INTERRUPTS.irq, { mode: 'irq', slot: 0x18n, ahead: 4n }],
  [ARM_INTERRUPTS.fiq, { mode: 'fiq', slot: 0x1cn, ahead: 4n }],
]);
const UNDEFINED_HANDLER: Handler = { mode: 'und', slot: 0x04n, ahead: undefined };

function handlerOf(vector: number): Handler {
  return HANDLERS.get(vector) ?? UNDEFINED_HANDLER;
}

function hasFault(vector: number): boolean {
  return ABORTS.has(vector) || vector === 0x22;
}

function interruptFacts(vector: number): VectorFacts {
  return {
    ...{ vector, flags: EVENT_FLAGS.HARDWARE, told: 0 },
    ...{ hasFault: hasFault(vector), hasSyndrome: false, isIrq: isMaskedIrq(vector) },
  };
}

function classFacts(vector: number): VectorFacts {
  return {
    ...{ vector, flags: isArmCall(vector) ? EVENT_FLAGS.SOFT : 0 },
    ...{ told: ABORTS.has(vector) ? TOLD.esr | TOLD.fsc : TOLD.esr },
    ...{ hasFault: hasFault(vector), hasSyndrome: true, isIrq: isMaskedIrq(vector) },
  };
}

function isMaskedIrq(vector: number): boolean {
  return vector === ARM_INTERRUPTS.irq || vector === ARM_INTERRUPTS.virtual_irq;
}

function markIrq(event: LogEvent, fromLevel: number, toLevel: number): void {
  // An interrupt to EL1 or to the same level is taken only when PSTATE.I lets it; others have masks of their own.
  if (isMaskedIrq(event.vector) && (toLevel <= 1 || toLevel === fromLevel)) event.flags |= INTERRUPT_FLAGS;
}

function takeSyndrome({ event, exception }: Block, ec: number, esr: bigint): void {
  if (QEMU_INTERRUPTS.has(exception)) return;
  event.vector = ec & 0x3f;
  event.flags = isArmCall(event.vector) ? EVENT_FLAGS.SOFT : 0;
  event.errcode = esr;
  put(event, 'esr', esr);
  put(event, 'esr_ec', BigInt(event.vector));
  put(event, 'esr_iss', esr & 0x1ffffffn);
  if (ABORTS.has(event.vector)) put(event, 'esr_fsc', esr & 0x3fn);
}

function put(event: LogEvent, name: RegisterName, value: bigint): void {
  event.values?.set(idOf(name), value);
}

function alias(values: Values, name: RegisterName, id: number): void {
  if (values.has(id)) return;
  const value = values.get(idOf(name));
  if (value !== undefined) values.set(id, value);
}

/** T, E and `.`, with which records begin. */
const NO_DUMP: ReadonlySet<number> = new Set([0x54, 0x45, 0x2e]);
const DUMP_LINE =
  /^(?: PC=[0-9a-f]{16}|[XR]\d\d=[0-9a-f]{8}|PSTATE=|X?PSR=[0-9a-f]{8}| *FPCR=|FPSCR: |Q\d\d=|[PZ]\d\d=|s\d\d=)/;

/** `X00=…` and the like, by register id. */
const DUMP_IDS: ReadonlyMap<string, number> = new Map<string, number>([
  ...Array.from({ length: 31 }, (_, i): [string, number] => [`X${two(i)}`, REGISTERS.x0.id + i]),
  ...Array.from({ length: 8 }, (_, i): [string, number] => [`R${two(i)}`, REGISTERS.r0.id + i]),
  ...Array.from({ length: 8 }, (_, i): [string, number] => [`R${two(i + 8)}`, REGISTERS.r8.id + i]),
  ['PC', COLUMN_REGISTERS.pc],
  ['SP', COLUMN_REGISTERS.sp],
  ['PSTATE', REGISTERS.pstate.id],
  ['PSR', REGISTERS.cpsr.id],
  ['XPSR', REGISTERS.cpsr.id],
]);

function two(value: number): string {
  return String(value).padStart(2, '0');
}

const FIELD = /([A-Z]+\d*)=([0-9a-f]+)/g;
