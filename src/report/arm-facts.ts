/**
 * What the log says of one Arm exception: the syndrome in words, the fault address, where it was taken from and to, the
 * saved processor state. What the log of a version or a 32-bit CPU does not have is not told, or said to be missing.
 */
import { CAUSES } from '../machine/causes.ts';
import { shortFaultStatus } from './arm-faults.ts';
import { classTitle, readSyndrome } from './arm-syndrome.ts';
import { ARM_GENERAL } from './detail.ts';
import type { Explained } from './explain.ts';
import { type Fact, fact } from './explanation.ts';
import { guessText, holders, type Registers } from './operand.ts';
import { named } from './places.ts';
import { bits, hex, number, type Row, rowsOf, text } from './rows.ts';

const CLASS_COUNT = 64;
const HVC = 0x16;
const HVC_32 = 0x12;
const DATA_ABORTS: ReadonlySet<number> = new Set([0x24, 0x25]);

export function armTitle(row: Row): string {
  const vector = number(row, 'vector');
  if (vector < CLASS_COUNT) return classTitle(vector);
  const names: Readonly<Record<string, string>> = {
    irq: 'IRQ',
    fiq: 'FIQ',
    virtual_irq: 'virtual IRQ',
    virtual_fiq: 'virtual FIQ',
    nmi: 'NMI',
    virtual_nmi: 'virtual NMI',
    virtual_fiq_nmi: 'virtual FIQ NMI',
  };
  return names[text(row, 'name')] ?? text(row, 'name');
}

export function armFacts(given: Explained, row: Row, registers: Registers): Fact[] {
  const isSynchronous = isOfClass(number(row, 'vector'));
  return [
    ...(isSynchronous ? syndromeFacts(registers) : []),
    pcFact(given, row, registers),
    ...addressFacts(given, row, registers),
    ...deliveryFacts(given, row, registers),
    ...stateFacts(registers),
  ];
}

function isOfClass(vector: number): boolean {
  return vector < CLASS_COUNT && CAUSES.arm.some(({ number: own }) => own === vector);
}

function syndromeFacts(registers: Registers): Fact[] {
  const esr = registers.get('esr');
  if (esr === undefined) return [];
  const { means, lines } = readSyndrome(esr);
  // Taken to a 32-bit level, only class and length are QEMU's; the rest is in DFSR or IFSR.
  const [first, ...others] = registers.has('fsr') ? lines.slice(0, 2) : lines;
  return [
    ...(means === undefined ? [] : [fact('meaning', means)]),
    fact('syndrome', `ESR ${hex(esr)}: ${first}`, ...others),
    ...fsrFacts(registers),
  ];
}

const FSR_WRITE = 1n << 11n;

function fsrFacts(registers: Registers): Fact[] {
  const fsr = registers.get('fsr');
  if (fsr === undefined) return [];
  const isData = DATA_ABORTS.has(Number((registers.get('esr') ?? 0n) >> 26n));
  const write = isData ? [(fsr & FSR_WRITE) !== 0n ? 'WnR=1: a write' : 'WnR=0: a read'] : [];
  return [fact(isData ? 'DFSR' : 'IFSR', `${hex(fsr)}: ${shortFaultStatus(Number(fsr))}`, ...write)];
}

/** PSCI calls are answered by QEMU before there is anything to return to. */
function pcFact(given: Explained, row: Row, registers: Registers): Fact {
  const pc = registers.get('pc');
  if (pc !== undefined)
    return fact('pc', `${named(given, pc)}${goesOnBehind(row) ? ', behind the call' : ''}`);
  const vector = number(row, 'vector');
  if (vector === HVC || vector === HVC_32 || text(row, 'name') === 'smc') {
    return fact('pc', 'not in the log: QEMU answers PSCI calls itself, and logs no ELR', ...callLines(given));
  }
  const is64 = rowsOf(given.rows, 'place').length > 0 && !registers.has('fsr');
  return fact(
    'pc',
    is64
      ? 'not in the log: the record is cut'
      : 'not in the log: 32-bit exception levels log no address; -d int,exec,cpu -dfilter at the vectors does',
  );
}

/** What X0 held (CPU_ON, SYSTEM_OFF …) is not in the log, but where it stands is. */
function callLines({ event, report }: Explained): string[] {
  return event === report.lastEvent
    ? ['nothing follows it, so it probably was SYSTEM_OFF or SYSTEM_RESET: the guest ended itself']
    : ['early ones mostly are PSCI_VERSION, FEATURES and CPU_ON'];
}

/** SVC, HVC and SMC return to the instruction behind. */
function goesOnBehind(row: Row): boolean {
  return text(row, 'kind') === 'soft' && text(row, 'name') !== 'smc';
}

// ---------------------------------------------------------------------------------------------- the address

function addressFacts(given: Explained, row: Row, registers: Registers): Fact[] {
  const far = registers.get('far');
  const { isAbort, isFetch, hasAddress } = readSyndrome(registers.get('esr') ?? 0n);
  if (far === undefined || !isOfClass(number(row, 'vector'))) return [];
  if (!hasAddress) return isAbort ? [fact('address', `FAR ${hex(far)} does not hold`)] : [];
  const kind = armAddressKind(far, !registers.has('fsr'));
  const about = fact('address', `${named(given, far)}${kind === undefined ? '' : `, ${kind}`}`);
  if (!isAbort) return [about];
  if (isFetch) return [about, fetchFact(far, registers)];
  const known = ARM_GENERAL.filter((name) => registers.has(name));
  if (known.length === 0) return [about];
  const found = holders(far, registers, known, (name) => name.toUpperCase());
  return [about, fact('from', guessText(far, found))];
}

function fetchFact(far: bigint, registers: Registers): Fact {
  const isOwn = registers.get('pc') === far;
  return fact(
    'fetch',
    isOwn
      ? 'address and pc are the same: a branch or a return went there, or it is a handler that is not mapped'
      : 'the instruction itself could not be fetched',
  );
}

const TOP_BYTE = 56n;
const PAGE_BYTES = 4096n;

/** Bit 55 selects the half; the bits above must be like it, but for the top byte where TCR_ELx.TBI ignores it. */
export function armAddressKind(address: bigint, isWide: boolean): string | undefined {
  if (address === 0n) return 'the null pointer';
  if (address < PAGE_BYTES)
    return `${address} bytes behind the null pointer: a field of a structure that is not there`;
  if (!isWide) return undefined;
  if (address >= (1n << 64n) - PAGE_BYTES)
    return `-${(1n << 64n) - address}: a negative error number or index used as a pointer`;
  const top = address >> 48n;
  if (top === 0n) return 'in the lower half (TTBR0), where programs lie';
  if (top === 0xffffn) return 'in the upper half (TTBR1), where kernels lie';
  const inner = (address >> 48n) & 0xffn;
  const isTagged = inner === ((address >> 55n) & 1n ? 0xffn : 0n);
  return isTagged
    ? `its top byte, ${hex(address >> TOP_BYTE)}, is a tag, which only TCR_ELx.TBI makes valid`
    : 'not canonical: in neither half, so no address';
}

// ---------------------------------------------------------------------------------------------- from and to

const VECTOR_TABLE_BYTES = 0x800n;
const SLOTS = ['synchronous', 'IRQ', 'FIQ', 'SError'];
const SOURCES = [
  'the same level with SP_EL0',
  'the same level',
  'a lower level in AArch64',
  'a lower level in AArch32',
];

/** Entries of the vector table are 0x80 apart (Arm ARM, "Exception vectors"). */
function deliveryFacts({ code }: Explained, row: Row, registers: Registers): Fact[] {
  const [to, handler] = [registers.get('new_el'), registers.get('new_pc')];
  if (to === undefined) return [];
  const from = Number(BigInt.asIntN(64, bits(row, 'level')));
  const move = BigInt(from) === to ? `EL${to} to itself` : `EL${from} to EL${to}`;
  if (handler === undefined) return [fact('delivery', move)];
  const entry = handler & (VECTOR_TABLE_BYTES - 1n);
  const slot = `${SLOTS[Number((entry >> 7n) & 3n)]} from ${SOURCES[Number(entry >> 9n)]}`;
  const base = handler - entry;
  const unset = base === 0n ? ': VBAR is 0, so the vectors were never set' : '';
  return [
    fact(
      'delivery',
      `${move}, to ${named({ code }, handler)}: VBAR ${hex(base)} + ${hex(entry)}, ${slot}${unset}`,
    ),
  ];
}

const MODES_64 = ['t', 'h'];
const MODES_32: Readonly<Record<number, string>> = {
  16: 'User',
  17: 'FIQ',
  18: 'IRQ',
  19: 'Supervisor',
  22: 'Monitor',
  23: 'Abort',
  26: 'Hyp',
  27: 'Undefined',
  31: 'System',
};
const MASKS: readonly (readonly [bigint, string])[] = [
  [1n << 9n, 'D (debug)'],
  [1n << 8n, 'A (SError)'],
  [1n << 7n, 'I (IRQ)'],
  [1n << 6n, 'F (FIQ)'],
];
const MASKS_32 = MASKS.slice(1);
const IS_32 = 0x10n;
const THUMB = 1n << 5n;
const ILLEGAL = 1n << 20n;

/** The interrupted state: SPSR where QEMU logs it (9 and later), or what a dump has. */
function stateFacts(registers: Registers): Fact[] {
  const saved = registers.get('spsr');
  const value = saved ?? registers.get('pstate') ?? registers.get('cpsr');
  if (value === undefined) return [];
  const is32 = (value & IS_32) !== 0n || !(saved !== undefined || registers.has('pstate'));
  const mode = is32
    ? `AArch32 ${MODES_32[Number(value & 0x1fn)] ?? 'unknown'} mode${(value & THUMB) !== 0n ? ', Thumb' : ''}`
    : `EL${(value >> 2n) & 3n}${MODES_64[Number(value & 1n)]}`;
  const masked = (is32 ? MASKS_32 : MASKS).filter(([mask]) => (value & mask) !== 0n).map(([, name]) => name);
  const masks = masked.length === 0 ? 'nothing masked' : `masked ${masked.join(', ')}`;
  const illegal = (value & ILLEGAL) !== 0n && !is32 ? ', IL=1: an illegal state' : '';
  return [
    fact('state', `${saved === undefined ? 'PSTATE' : 'SPSR'} ${hex(value)}: ${mode}, ${masks}${illegal}`),
  ];
}
