/**
 * Kernel memory of a CPU that has the user's page tables: Linux with page-table isolation (PTI) enters the kernel on
 * tables that map hardly any of it, and a probe at the entry of system calls is met before it changes to its own.
 *
 * The kernel's top table lies in the page below the user's (bit 12 of CR3 chooses, arch/x86/mm/pti.c), and its lower half
 * names the same tables. Only where that holds is it believed; then it is walked through physical memory.
 */

/** What is asked of the stub. */
export interface TableReader {
  /** CR3 of a stopped CPU. */
  cr3(cpu: number): bigint | undefined;
  physical(address: bigint, size: number): Uint8Array | undefined;
}

const USER_TABLE = 0x1000n;
const TABLE_ADDRESS = 0x000f_ffff_ffff_f000n;
const PRESENT = 1n;
const LARGE = 0x80n;
const ENTRY_BYTES = 8;
/** Half of a top table. */
const LOWER_HALF_BYTES = 2048;
/** Bits of an address below what each level chooses, from the top table on. */
const LEVEL_SHIFTS = [39n, 30n, 21n, 12n];

export class KernelTables {
  private readonly reader: TableReader;
  /** By CPU: its kernel's top table; undefined where it has the kernel's already, or there is none. */
  private readonly tops = new Map<number, bigint | undefined>();

  constructor(reader: TableReader) {
    this.reader = reader;
  }

  /** The guest runs. */
  forget(): void {
    this.tops.clear();
  }

  /** The physical address, where the kernel's own tables have the page. */
  translate(cpu: number, address: bigint): bigint | undefined {
    if (!this.tops.has(cpu)) this.tops.set(cpu, this.topOf(cpu));
    let table = this.tops.get(cpu);
    for (const shift of LEVEL_SHIFTS) {
      if (table === undefined) return undefined;
      const entry = this.entry(table + ((address >> shift) & 511n) * BigInt(ENTRY_BYTES));
      if ((entry & PRESENT) === 0n) return undefined;
      const inside = (1n << shift) - 1n;
      if (shift === 12n || (shift < 39n && (entry & LARGE) !== 0n))
        return (entry & TABLE_ADDRESS & ~inside) | (address & inside);
      table = entry & TABLE_ADDRESS;
    }
    return undefined;
  }

  private topOf(cpu: number): bigint | undefined {
    const cr3 = this.reader.cr3(cpu) ?? 0n;
    const users = cr3 & TABLE_ADDRESS;
    if ((users & USER_TABLE) === 0n) return undefined;
    const kernels = users & ~USER_TABLE;
    const [mine, other] = [users, kernels].map((table) => this.reader.physical(table, LOWER_HALF_BYTES));
    return mine && other && nameTheSame(mine, other) ? kernels : undefined;
  }

  private entry(address: bigint): bigint {
    const bytes = this.reader.physical(address, ENTRY_BYTES);
    return bytes ? entryOf(bytes, 0) : 0n;
  }
}

/** The kernel forbids itself to execute what is the user's, so flags differ. */
function nameTheSame(one: Uint8Array, other: Uint8Array): boolean {
  let named = 0;
  for (let at = 0; at < LOWER_HALF_BYTES; at += ENTRY_BYTES) {
    const [a, b] = [entryOf(one, at), entryOf(other, at)];
    if ((a & (TABLE_ADDRESS | PRESENT)) !== (b & (TABLE_ADDRESS | PRESENT))) return false;
    if ((a & PRESENT) !== 0n) named++;
  }
  return named > 0;
}

function entryOf(bytes: Uint8Array, at: number): bigint {
  if (at + ENTRY_BYTES > bytes.length) return 0n;
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(at, true);
}
