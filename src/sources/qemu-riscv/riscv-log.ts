/**
 * What QEMU logs of a RISC-V hart (target/riscv/cpu_helper.c), one line per trap:
 *
 *   riscv_cpu_do_interrupt: hart:0, async:1, cause:0000000000000007, epc:0x0000000080000078, tval:0x0, desc=m_timer
 *
 * Addresses have 8 digits on a 32-bit hart. The line does not say at which level the hart was: only an ECALL's cause does.
 * When the trap handler's first block is logged with its registers right behind it (-d int,exec,cpu), they are those of
 * the trapped code, and its status register says at which level that ran and whether interrupts were enabled there. Returns
 * are not logged.
 */
import { isEcall } from '../../machine/causes.ts';
import { EVENT_FLAGS, EVENT_KINDS, UNKNOWN_LEVEL } from '../../machine/event-batch.ts';
import { COLUMN_REGISTERS, REGISTERS, type RegisterName } from '../../machine/registers.ts';
import type { LineLog } from '../line-log.ts';
import {
  type Aliases,
  type FieldTaker,
  INTERRUPT_FLAGS,
  idOf,
  type LogEvent,
  type Values,
} from '../log-event.ts';
import type { DumpLine, LogRules } from '../log-rules.ts';
import { newTrap, RISCV_FACTS, readTrap } from './trap-line.ts';
import { type CauseFacts, TrapRuns } from './trap-run.ts';

const TRAP =
  /^riscv_cpu_do_interrupt: hart:(\d+), async:(\d), cause:(?:0x)?([0-9a-f]+), epc:0x([0-9a-f]+), tval:0x([0-9a-f]+), desc=(?:\((?:unknown|null)\)|\w*?)(?=riscv_cpu_do_interrupt: |\W|$)/;

/** Levels that ECALL causes name, from cause 8 on: user, supervisor, that of a guest, machine. */
const ECALL_LEVELS = [0, 1, 1, 3] as const;
const FIRST_ECALL = 8;

/** Causes whose trap value is an address. */
const ADDRESS_CAUSES: ReadonlySet<number> = new Set([0, 1, 3, 4, 5, 6, 7, 12, 13, 15, 20, 21, 23]);

const MSTATUS_SIE = 1n << 1n;
const MSTATUS_MIE = 1n << 3n;
/** Enables as they were before the trap to that level. */
const MSTATUS_SPIE = 1n << 5n;
const MSTATUS_MPIE = 1n << 7n;
const MSTATUS_SPP = 1n << 8n;
const MSTATUS_MPP_SHIFT = 11n;
/** D has no variable for it. */
const HSTATUS = -1;
const HSTATUS_SPV = 1n << 7n;
const BLANK = 0x20;
const USER = 0;
const SUPERVISOR = 1;
const MACHINE = 3;
/** Where trap handlers find what they interrupted, by their level. */
const HANDLERS = [
  { level: MACHINE, epc: REGISTERS.mepc.id, tvec: REGISTERS.mtvec.id },
  { level: SUPERVISOR, epc: REGISTERS.sepc.id, tvec: REGISTERS.stvec.id },
] as const;

export class RiscvRules implements LogRules {
  readonly architecture = 'riscv';
  readonly begins = /riscv_cpu_do_interrupt: /;
  readonly prefixes = ['riscv_cpu_do_interrupt: '];

  readonly facts = RISCV_FACTS;
  readonly runs = new TrapRuns(factsOf);
  private readonly read = newTrap();

  takeFast(u8: Uint8Array, at: number, end: number, log: LineLog): number {
    const { read } = this;
    if (!readTrap(u8, at, end, read)) return 0;
    log.beginRecord();
    const event = log.newEvent(EVENT_KINDS.vec, read.hart, true);
    const { cause } = read;
    event.vector = cause;
    event.hasPc = true;
    event.pcLow = read.epcLow;
    event.pcHigh = read.epcHigh;
    event.errLow = read.tvalLow;
    event.errHigh = read.tvalHigh;
    this.describe(event, read.isAsync);
    log.push(event);
    log.passLines(0);
    log.awaitEntry(event, false);
    return read.end;
  }

  /** What follows from the cause. */
  private describe(event: LogEvent, isAsync: boolean): void {
    const { flags, level, hasAddress } = factsOf(event.vector, isAsync);
    event.flags = flags;
    event.level = level;
    if (!hasAddress) return;
    event.faddrLow = event.errLow;
    event.faddrHigh = event.errHigh;
  }

  take(text: string, log: LineLog): number {
    const fields = TRAP.exec(text);
    if (!fields) return 0;
    const [line, hart, isAsync, causeText, epc, tval] = fields;
    const event = log.newEvent(EVENT_KINDS.vec, Number(hart) & 0xffff);
    const cause = Number.parseInt(causeText!, 16) & 0xff;
    event.vector = cause;
    event.pc = BigInt(`0x${epc}`);
    event.errcode = BigInt(`0x${tval}`);
    this.describe(event, isAsync !== '0');
    put(event, 'cause', BigInt(cause));
    put(event, 'epc', event.pc);
    put(event, 'tval', event.errcode);
    log.push(event);
    log.awaitEntry(event, false);
    return line.length;
  }

  between(): void {}

  finish(): void {}

  /** Of the hidden flags the low bits are the level. */
  levelOf(hiddenFlags: number): number {
    return hiddenFlags & 3;
  }

  dumpLine(text: string): DumpLine | undefined {
    if (text.charCodeAt(0) !== BLANK || !DUMP_LINE.test(text)) return undefined;
    const isFirst = text.startsWith(' V ') || text.startsWith(' pc ');
    return { isFirst, isLast: text.startsWith(' x28/'), isJudged: JUDGED.test(text) };
  }

  readonly aliases = ABI_ALIASES;

  readFields(text: string, to: FieldTaker): void {
    FIELD.lastIndex = 0;
    for (let match = FIELD.exec(text); match !== null; match = FIELD.exec(text)) {
      const id = idOfField(match[1]!);
      if (id !== undefined) to.setDigits(id, match[2]!, FIELD.lastIndex - match[2]!.length);
    }
  }

  mayOwn(event: LogEvent, values: Values): boolean {
    return (values.get(REGISTERS.mhartid.id) ?? BigInt(event.cpu)) === BigInt(event.cpu);
  }

  fromDump(event: LogEvent, values: Values): void {
    const mstatus = values.get(REGISTERS.mstatus.id);
    if (mstatus === undefined || event.kind !== EVENT_KINDS.tb) return;
    const enables = event.level === MACHINE ? MSTATUS_MIE : MSTATUS_SIE;
    event.flags |= EVENT_FLAGS.IF_KNOWN;
    // Below machine mode and the level that the interrupt goes to, interrupts cannot be disabled.
    if (event.level === USER || (mstatus & enables) !== 0n) event.flags |= EVENT_FLAGS.IF;
  }

  /** The handler's block is that of this trap when the hart has saved the same address. */
  fromEntry(event: LogEvent, values: Values): void {
    const at = values.get(COLUMN_REGISTERS.pc);
    const handler = HANDLERS.find(
      ({ epc, tvec }) => values.get(epc) === event.pc && isIn(values.get(tvec), at, event.vector),
    );
    if (!handler) return;
    interrupted(event, handler.level, values);
    event.sp = values.get(REGISTERS.x2.id);
    event.ownValues(this.aliases)?.take(values, REGISTERS.x0.id, REGISTERS.x31.id);
  }
}

/** An interrupt's or an exception's cause. */
function factsOf(cause: number, isAsync: boolean): CauseFacts {
  if (isAsync) return { flags: INTERRUPT_FLAGS, level: UNKNOWN_LEVEL, hasAddress: false };
  const isCall = isEcall(cause);
  return {
    flags: isCall ? EVENT_FLAGS.SOFT : 0,
    level: isCall ? ECALL_LEVELS[cause - FIRST_ECALL]! : UNKNOWN_LEVEL,
    hasAddress: ADDRESS_CAUSES.has(cause),
  };
}

/** Level and mask of the trapped code, from the status register of the handler at `level`. */
function interrupted(event: LogEvent, level: number, values: Values): void {
  const mstatus = values.get(REGISTERS.mstatus.id);
  if (mstatus === undefined) return;
  const toMachine = level === MACHINE;
  event.level = toMachine
    ? Number((mstatus >> MSTATUS_MPP_SHIFT) & 3n)
    : (mstatus & MSTATUS_SPP) === 0n
      ? USER
      : SUPERVISOR;
  const isInterrupt = (event.flags & EVENT_FLAGS.HARDWARE) !== 0; // taken, so it was enabled
  const isGuest = ((values.get(HSTATUS) ?? 0n) & HSTATUS_SPV) !== 0n; // whose mask is another
  if (isInterrupt || isGuest) return;
  const before = toMachine ? MSTATUS_MPIE : MSTATUS_SPIE;
  // A trap saves the enable of its own level; that of a lower one stays as it was.
  const enable = event.level === level ? before : MSTATUS_SIE;
  event.flags |= EVENT_FLAGS.IF_KNOWN;
  if (event.level === USER || (mstatus & enable) !== 0n) event.flags |= EVENT_FLAGS.IF;
}

/** Whether the trap vector leads there: its base, or with mode 1 the slot of an interrupt. */
function isIn(vector: bigint | undefined, at: bigint | undefined, cause: number): boolean {
  if (vector === undefined || at === undefined) return false;
  const base = vector & ~3n;
  return at === base || ((vector & 3n) === 1n && at === base + BigInt(4 * cause));
}

function put(event: LogEvent, name: RegisterName, value: bigint): void {
  event.values?.set(idOf(name), value);
}

/** The calling convention's names of x0 to x31; D has a type s8. */
const ABI_NAMES = [
  ...['zero', 'ra', 'sp', 'gp', 'tp', 't0', 't1', 't2', 's0', 's1'],
  ...['a0', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7'],
  ...['s2', 's3', 's4', 's5', 's6', 's7', undefined, 's9', 's10', 's11', 't3', 't4', 't5', 't6'],
] as const satisfies readonly (RegisterName | 'sp' | undefined)[];

const DUMP_LINE = /^ (?:V {6}= +\d|[a-z][\w/]* +[0-9a-f]{8}(?:[0-9a-f]{8})?(?: |$))/;

/** Lines that tell more than registers, x2 (the stack pointer) among them. */
const JUDGED = /^ (?:pc|mhartid|mstatus|hstatus|[ms]tvec|[ms]epc|x0\/\S*) /;
const FIELD = / ([a-z][\w/]*) +([0-9a-f]{8,16})/g;

/** The second name of each general register. */
const ABI_ALIASES: Aliases = new Map(
  ABI_NAMES.flatMap((name, number) => {
    if (name === undefined) return [];
    return [[name === 'sp' ? COLUMN_REGISTERS.sp : idOf(name), REGISTERS.x0.id + number] as const];
  }),
);

/** Names of fields by QEMU; a damaged log may have any number of others. */
const MAX_NAMES = 200;
const idsOfNames = new Map<string, number | undefined>();

function idOfField(name: string): number | undefined {
  const known = idsOfNames.get(name);
  if (known !== undefined || idsOfNames.has(name)) return known;
  const general = /^x(\d+)\//.exec(name)?.[1];
  const id =
    general !== undefined
      ? REGISTERS.x0.id + Number(general)
      : name === 'pc'
        ? COLUMN_REGISTERS.pc
        : name === 'hstatus'
          ? HSTATUS
          : Object.hasOwn(REGISTERS, name)
            ? idOf(name as RegisterName)
            : undefined;
  if (idsOfNames.size < MAX_NAMES) idsOfNames.set(name, id);
  return id;
}
