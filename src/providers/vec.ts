/**
 * The `vec` provider: one probe per way an interrupt or exception is delivered, by the architecture's own numbers.
 *
 *   vec:exception:page_fault:0x0e    vectors 0–31, by their architectural meaning (NMI: vec:interrupt:nmi:0x02)
 *   vec:interrupt:irq:0x30           vectors 32–255 raised by a device
 *   vec:soft:int:0x80                vectors 32–255 raised by INT n
 *   vec:exception:data_abort:0x24    Arm's exception classes; vec:interrupt:irq:0x80 its interrupts
 *   vec:interrupt:m_timer:0x07       RISC-V's causes; vec:exception:fault_store:0x07 is another
 *   vec:KIND:MNEMONIC:return         the IRET that ends such a delivery, where the source sees it (the machine)
 *
 * Names are two lower-case hex digits; the decimal number and other hex spellings are aliases, so `vec:::14`,
 * `vec:::0xE` and `vec::page_fault:` are all `vec:::0x0e`. A vector below 32 has one probe whoever raised it (an INT3, or
 * a device on a PIC that was never remapped): `args[0]->soft` and `args[0]->hardware` tell.
 *
 * The probes of the trace's architecture exist from the beginning. Those of the others are made for descriptions that name
 * nothing on this one, so that a script for several architectures runs on each.
 *
 * arg0 vector, arg1 error code, arg2 fault address, arg3 pc, arg4 cpl before delivery (-1 where the trace does not tell),
 * arg5 1 if software interrupt. Arm: arg0 exception class, arg1 ESR, arg2 FAR, arg4 exception level. RISC-V: arg0 cause,
 * arg1 tval, arg2 tval where it is an address, arg4 mode.
 * `args[0]` points to a vecinfo_t (VECINFO_LIBRARY) that lies over these arguments. Of a return, arg1 is the time since the
 * delivery in nanoseconds, pc where the context goes on, and the others are the delivery's. Returns are made when a
 * description names them: `vec:::` means deliveries, so that a script means the same on sources that see no returns.
 */
import type { ProbePattern } from '../dif/program.ts';
import type { RowArgument } from '../engine/engine-contract.ts';
import { FIRING, type Firing } from '../engine/firing.ts';
import { fieldMatches, type ProbeProvider, type ProbeTable } from '../engine/probes.ts';
import {
  ARCHITECTURE_IDS,
  ARCHITECTURES,
  type Architecture,
  CAUSES,
  type Cause,
  UNSEEN_DELIVERY,
} from '../machine/causes.ts';
import { EVENT_FLAGS, type EventBatch, UNKNOWN_LEVEL } from '../machine/event-batch.ts';
import { FIRST_EXTERNAL_VECTOR, VECTOR_COUNT } from '../machine/vectors.ts';

/** D declaration of vecinfo_t: the firing's arguments by name, each 64 bits, in order. */
export const VECINFO_LIBRARY = `typedef struct vecinfo {
	int64_t vector; uint64_t errcode; uint64_t addr; uint64_t pc; int64_t cpl; int64_t soft; int64_t hardware;
} vecinfo_t;
`;

/** Numbers of one architecture: twice, for those that name one probe or another by the flags. */
const BANK_COUNT = 2 * VECTOR_COUNT;
export const VEC_PROBE_COUNT = ARCHITECTURES.length * BANK_COUNT;
/** By architecture: the flag that chooses the second bank. Arm's numbers name one probe each. */
const BANK_FLAGS: readonly number[] = [EVENT_FLAGS.SOFT, 0, EVENT_FLAGS.HARDWARE];

const ARGUMENT_TYPES: readonly string[] = ['vecinfo_t *'];

/** What setArgs sets, for runs over rows. */
export const VEC_ARGUMENTS: readonly RowArgument[] = [
  { column: 'vector' },
  { column: 'errcode' },
  { column: 'faddr' },
  { column: 'pc' },
  { column: 'cpl' },
  { flag: EVENT_FLAGS.SOFT },
  { flag: EVENT_FLAGS.HARDWARE },
];

export class VecProvider implements ProbeProvider {
  readonly name = 'vec';
  /** Probe ids by vecProbeIndex; 0 for probes that nobody asked for. */
  readonly probeIds = new Int32Array(VEC_PROBE_COUNT);
  private readonly own = new Set<Architecture>();
  /** Some probes were made because they were asked for. */
  private hasProvided = false;

  /** Makes the probes of these architectures, and waits to be asked for those of the others. */
  constructor(probes: ProbeTable, architectures: readonly Architecture[] = ['x86']) {
    for (const architecture of architectures) this.show(probes, architecture);
    probes.addProvider(this);
  }

  /** Make all probes of an architecture. */
  show(probes: ProbeTable, architecture: Architecture): void {
    if (this.own.has(architecture)) return;
    const make = this.own.size === 0 && !this.hasProvided ? 'add' : 'create';
    this.own.add(architecture);
    for (const cause of CAUSES[architecture]) this.make(make, probes, architecture, cause);
  }

  provide(pattern: ProbePattern, probes: ProbeTable): void {
    if (pattern.id !== undefined || !fieldMatches(pattern.provider, 'vec')) return;
    if (pattern.function === '' && (pattern.name === '' || pattern.provider === '')) return;
    const matches = (cause: Cause): boolean => causeMatches(cause, pattern);
    for (const architecture of this.own) if (CAUSES[architecture].some(matches)) return;
    this.hasProvided = true;
    for (const architecture of ARCHITECTURES) {
      for (const cause of CAUSES[architecture].filter(matches)) {
        this.make('create', probes, architecture, cause);
      }
    }
  }

  private make(how: 'add' | 'create', probes: ProbeTable, architecture: Architecture, cause: Cause): void {
    const { number, kind, mnemonic } = cause;
    const more = { isAlias: (name: string) => isAlias(name, number), argumentTypes: ARGUMENT_TYPES };
    putProbe(this.probeIds, architecture, cause, probes[how]('vec', kind, mnemonic, nameOf(number), more).id);
  }

  setArgs(firing: Firing, batch: EventBatch, row: number): void {
    const { memory, at } = batch;
    const { i64, u8, u16 } = memory;
    const args = (firing.at + FIRING.args) >> 3;
    const flags = u8[at.flags + row]!;
    i64[args] = BigInt(u16[(at.vector >> 1) + row]!);
    i64[args + 1] = i64[(at.errcode >> 3) + row]!;
    i64[args + 2] = i64[(at.faddr >> 3) + row]!;
    i64[args + 3] = i64[(at.pc >> 3) + row]!;
    const level = u8[at.cpl + row]!;
    i64[args + 4] = level === UNKNOWN_LEVEL ? -1n : BigInt(level);
    i64[args + 5] = flags & EVENT_FLAGS.SOFT ? 1n : 0n;
    i64[args + 6] = flags & EVENT_FLAGS.HARDWARE ? 1n : 0n;
    i64[args + 7] = 0n;
    i64[args + 8] = 0n;
    i64[args + 9] = 0n;
  }
}

/** Makes the probes of returns. */
export class VecReturns implements ProbeProvider {
  readonly name = 'vec';
  /** Probe ids by vecProbeIndex. */
  readonly probeIds = new Int32Array(VEC_PROBE_COUNT);

  private readonly own: ReadonlySet<Architecture>;

  constructor(architectures: readonly Architecture[] = ['x86']) {
    this.own = new Set(architectures);
  }

  provide(pattern: ProbePattern, probes: ProbeTable): void {
    if (pattern.name !== 'return' || !fieldMatches(pattern.provider, 'vec')) return;
    for (const architecture of this.own) {
      for (const cause of [...CAUSES[architecture], UNSEEN_DELIVERY]) {
        if (cause === UNSEEN_DELIVERY && architecture !== 'arm') continue;
        const { kind, mnemonic } = cause;
        if (!fieldMatches(pattern.module, kind) || !fieldMatches(pattern.function, mnemonic)) continue;
        const more = { argumentTypes: ARGUMENT_TYPES, onlyByName: true };
        putProbe(this.probeIds, architecture, cause, probes.create('vec', kind, mnemonic, 'return', more).id);
      }
    }
  }
}

/** Index of a delivery in `probeIds`: the vector, in the bank that the flags choose, of the architecture. */
export function vecProbeIndex(vector: number, flags: number, architecture = 0): number {
  const bank = flags & BANK_FLAGS[architecture]! ? VECTOR_COUNT : 0;
  return architecture * BANK_COUNT + bank + (vector & 0xff);
}

/**
 * The part of a list by vecProbeIndex that is of one architecture: both banks, and the flag that chooses the second.
 */
export function vecBanks(
  byIndex: Int32Array,
  architecture: number,
): { readonly vectors: Int32Array; readonly bankFlag: number } {
  const first = architecture * BANK_COUNT;
  return { vectors: byIndex.slice(first, first + BANK_COUNT), bankFlag: BANK_FLAGS[architecture]! };
}

/** x86 exceptions have one probe whoever raised them, and on Arm every number has. */
function putProbe(
  ids: Int32Array,
  architecture: Architecture,
  { number, kind }: Pick<Cause, 'number' | 'kind'>,
  id: number,
): void {
  const first = ARCHITECTURE_IDS[architecture] * BANK_COUNT + number;
  const isShared = architecture === 'arm' || (architecture === 'x86' && number < FIRST_EXTERNAL_VECTOR);
  const isSecond = kind === (architecture === 'x86' ? 'soft' : 'interrupt');
  if (isShared || !isSecond) ids[first] = id;
  if (isShared || isSecond) ids[first + VECTOR_COUNT] = id;
}

function causeMatches({ kind, mnemonic, number }: Cause, pattern: ProbePattern): boolean {
  if (!fieldMatches(pattern.module, kind) || !fieldMatches(pattern.function, mnemonic)) return false;
  return fieldMatches(pattern.name, nameOf(number)) || isAlias(pattern.name, number);
}

function nameOf(number: number): string {
  return `0x${number.toString(16).padStart(2, '0')}`;
}

/** The number in decimal, and in hex with or without a leading zero, of small letters or capitals. */
function isAlias(name: string, number: number): boolean {
  if (Number(name) !== number) return false;
  const hex = number.toString(16);
  const digits = [hex, hex.padStart(2, '0')].flatMap((text) => [text, text.toUpperCase()]);
  return name === String(number) || digits.some((text) => name === `0x${text}`);
}
