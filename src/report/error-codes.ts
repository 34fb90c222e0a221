/**
 * Error codes bit by bit (Intel SDM volume 3, 4.7 and 6.13), and what addresses are.
 *
 * In: a vector and the error code that its delivery pushed. Out: sentences.
 */
import { hasErrorCode, PAGE_FAULT, vectorTitle } from './vectors.ts';

/** Bits of a page fault's error code: what each says when it is set, and when not. */
const PAGE_FAULT_BITS: readonly (readonly [number, string, string | undefined])[] = [
  [0x1, 'P=1: the page is present, its protection forbids the access', 'P=0: no page is mapped there'],
  [0x2, 'W=1: a write', undefined],
  [0x4, 'U=1: by user code', 'U=0: by the kernel'],
  [0x8, 'RSVD=1: a reserved bit is set in a page-table entry', undefined],
  [0x10, 'I=1: an instruction fetch', undefined],
  [0x20, 'PK=1: a protection key forbids it', undefined],
  [0x40, 'SS=1: a shadow-stack access', undefined],
  [0x80, 'HLAT=1: in the hypervisor-managed translation', undefined],
  [0x8000, 'SGX=1: an access-control rule of SGX forbids it', undefined],
];
const WRITE_OR_FETCH = 0x12;

const CONTROL_PROTECTION = 21;
const CONTROL_CAUSES: Readonly<Record<number, string>> = {
  1: 'NEAR-RET: a return whose shadow-stack address differs',
  2: 'FAR-RET/IRET: a far return whose shadow-stack address differs',
  3: 'ENDBRANCH: an indirect jump or call to no ENDBR',
  4: 'RSTORSSP: no shadow-stack restore token',
  5: 'SETSSBSY: no supervisor shadow-stack token',
};

/** A selector error code: EXT, IDT, TI and the index of the descriptor. */
export interface SelectorError {
  readonly isExternal: boolean;
  readonly table: 'IDT' | 'GDT' | 'LDT';
  readonly index: number;
}

export function selectorError(code: number): SelectorError {
  const table = code & 2 ? 'IDT' : code & 4 ? 'LDT' : 'GDT';
  return { isExternal: (code & 1) !== 0, table, index: (code >>> 3) & 0x1fff };
}

export function explainErrorCode(vector: number, errorCode: bigint): string[] {
  const code = Number(errorCode & 0xffffffffn);
  if (!hasErrorCode(vector)) return [];
  if (vector === PAGE_FAULT) {
    const lines = PAGE_FAULT_BITS.flatMap(([bit, set, clear]) =>
      (code & bit) !== 0 ? [set] : clear ? [clear] : [],
    );
    return (code & WRITE_OR_FETCH) === 0 ? [...lines.slice(0, 1), 'W=0: a read', ...lines.slice(1)] : lines;
  }
  if (vector === CONTROL_PROTECTION) return [CONTROL_CAUSES[code & 0x7fff] ?? 'of unknown cause'];
  if (vector === 8 || vector === 17) return ['always 0'];
  if (code === 0) return ['0: no descriptor is to blame'];
  const { isExternal, table, index } = selectorError(code);
  const what =
    table === 'IDT'
      ? `IDT=1: entry ${index} of the IDT, the gate of ${vectorTitle(index)}`
      : `${table === 'LDT' ? 'TI=1' : 'TI=0'}: entry ${index} of the ${table}, selector 0x${(code & 0xfffc).toString(16)}`;
  return [
    what,
    ...(isExternal ? ['EXT=1: while an interrupt or an earlier exception was being delivered'] : []),
  ];
}

/** Bits 63 to 47 are all alike; of 32-bit addresses always. */
export function isCanonical(address: bigint): boolean {
  const top = address >> 47n;
  return top === 0n || top === 0x1ffffn;
}

const PAGE_BYTES = 4096n;

/** What an address looks like, in words; undefined when it looks like nothing in particular. */
export function addressKind(address: bigint): string | undefined {
  if (!isCanonical(address)) return 'not canonical: no address at all on a CPU with 48-bit addresses';
  if (address === 0n) return 'the null pointer';
  if (address < PAGE_BYTES)
    return `${address} bytes behind the null pointer: a field of a structure that is not there`;
  if (address >= (1n << 64n) - PAGE_BYTES)
    return `-${(1n << 64n) - address}: a negative error number or index used as a pointer`;
  if (address >> 63n === 1n) return 'in the upper half, where kernels lie';
  return undefined;
}
