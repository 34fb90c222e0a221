/** Records of a 64-bit `-d int` log, made to measure: a healthy event of a Linux-like kernel, with what a test changes. */
export interface MadeEvent {
  readonly v?: number;
  readonly e?: number;
  readonly soft?: boolean;
  readonly cpl?: number;
  readonly pc?: bigint;
  readonly sp?: bigint;
  readonly cr2?: bigint;
  readonly cr3?: bigint;
  readonly flags?: number;
  readonly gs?: bigint;
  readonly idt?: bigint;
  readonly gdt?: bigint;
  readonly tr?: number;
  readonly efer?: number;
  readonly cr4?: number;
  readonly registers?: Readonly<Record<string, bigint>>; // RAX …
}

export const KERNEL_PC = 0xffffffff81000000n;
export const KERNEL_SP = 0xffffc90000013d00n;
export const USER_PC = 0x401000n;
export const USER_SP = 0x7ffe00001000n;

const wide = (value: bigint): string => value.toString(16).padStart(16, '0');
const narrow = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

/** One event: the line before its header, the header, the dump. */
export function record(number: number, made: MadeEvent): string {
  const { v = 0xec, e = 0, soft = false, cpl = 0, tr = 0x40, cr2 = 0n, cr3 = 0x2000n, flags = 0x202 } = made;
  const pc = made.pc ?? (cpl === 3 ? USER_PC : KERNEL_PC);
  const sp = made.sp ?? (cpl === 3 ? USER_SP : KERNEL_SP);
  const gs = made.gs ?? (cpl === 3 ? 0n : 0xffff88801f000000n);
  const [cs, ss] = cpl === 3 ? ['0033', '002b'] : ['0010', '0018'];
  const before = soft
    ? ''
    : v < 0x20
      ? `check_exception old: 0xffffffff new 0x${v.toString(16)}\n`
      : `Servicing hardware INT=0x${narrow(v, 2)}\n`;
  const reg = (name: string): string => `${name.padEnd(3)}=${wide(made.registers?.[name] ?? 0n)}`;
  const tail = v === 14 ? ` CR2=${wide(cr2)}` : ` env->regs[R_EAX]=${wide(made.registers?.['RAX'] ?? 0n)}`;
  const head = `v=${narrow(v, 2)} e=${narrow(e, 4)} i=${soft ? 1 : 0} cpl=${cpl} IP=${cs}:${wide(pc)} pc=${wide(pc)} SP=${ss}:${wide(sp)}`;
  const segment = (name: string, base: bigint): string => `${name} =0000 ${wide(base)} 00000000 00000000\n`;
  return `${before}${String(number).padStart(6)}: ${head}${tail}
${['RAX', 'RBX', 'RCX', 'RDX'].map(reg).join(' ')}
${['RSI', 'RDI', 'RBP'].map(reg).join(' ')} RSP=${wide(sp)}
${['R8', 'R9', 'R10', 'R11'].map(reg).join(' ')}
${['R12', 'R13', 'R14', 'R15'].map(reg).join(' ')}
RIP=${wide(pc)} RFL=${narrow(flags, 8)} [-------] CPL=${cpl} II=0 A20=1 SMM=0 HLT=0
${segment('ES', 0n)}CS =${cs} ${wide(0n)} ffffffff 00af${cpl === 3 ? 'fb' : '9b'}00 DPL=${cpl} CS64 [-RA]
SS =${ss} ${wide(0n)} ffffffff 00cf${cpl === 3 ? 'f3' : '93'}00 DPL=${cpl} DS   [-WA]
${segment('DS', 0n)}${segment('FS', 0n)}${segment('GS', gs)}LDT=0000 ${wide(0n)} ffffffff 00c00000
TR =${narrow(tr, 4)} fffffe0000003000 00004087 00008b00 DPL=0 TSS64-busy
GDT=     ${wide(made.gdt ?? 0xfffffe0000001000n)} 0000007f
IDT=     ${wide(made.idt ?? 0xfffffe0000000000n)} 00000fff
CR0=80050033 CR2=${wide(cr2)} CR3=${wide(cr3)} CR4=${narrow(made.cr4 ?? 0x6f0, 8)}
DR0=${wide(0n)} DR1=${wide(0n)} DR2=${wide(0n)} DR3=${wide(0n)} 
DR6=00000000ffff0ff0 DR7=0000000000000400
EFER=${wide(BigInt(made.efer ?? 0xd01))}
`;
}

export function log(events: readonly MadeEvent[]): string {
  return events.map((event, i) => record(i, event)).join('');
}

export function times(count: number, event: (i: number) => MadeEvent): MadeEvent[] {
  return Array.from({ length: count }, (_, i) => event(i));
}
