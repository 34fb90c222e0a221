/**
 * One instruction on a CPU's registers and memory, as if it stood at rip: what patching does with displaced instructions.
 *
 * In: a Cpu between instructions, and 64-bit code that need not be in its memory. Out: the Cpu behind the instruction, or
 * unchanged with a fault in faultVector and faultError. Operations are kept by their code's array, since a site's code is the
 * same array at each of its hits.
 */
import { goBehind } from './control.ts';
import { type Cpu, FLAG, type Operation, PAGE } from './cpu.ts';
import { FAULT } from './fault.ts';
import { undefinedOpcode } from './system.ts';
import type { Translator } from './translate.ts';

export type InPlaceOutcome = 'done' | 'trap-due' | 'faulted' | 'cannot';

const PAGE_MASK = 0xfff;
/** INT n is a delivery, which is the machine's business; so is what the core does not know. */
const NOT_IN_PLACE: ReadonlySet<string> = new Set(['Int', 'Int1', 'Int3', 'Into']);

export class InPlace {
  private readonly translator: Translator;
  private readonly operations = new WeakMap<Uint8Array, Operation>();

  constructor(translator: Translator) {
    this.translator = translator;
  }

  run(cpu: Cpu, code: Uint8Array): InPlaceOutcome {
    if (cpu.bitness !== 64) return 'cannot';
    const offset = cpu.ripLow & PAGE_MASK;
    const op = this.operation(code, offset);
    if (op === undefined || op.run === undefinedOpcode || NOT_IN_PLACE.has(op.mnemonic)) return 'cannot';
    const { ripLow, ripHigh } = cpu;
    const traps = (cpu.flags & FLAG.TF) !== 0;
    cpu.r[PAGE] = ripLow & ~PAGE_MASK;
    cpu.r[PAGE + 1] = ripHigh;
    try {
      op.run(cpu, op);
    } catch (thrown) {
      if (thrown !== FAULT) throw thrown;
      cpu.ripLow = ripLow;
      cpu.ripHigh = ripHigh;
      return 'faulted';
    }
    if (!op.setsRip) goBehind(cpu, op);
    return trapsBehind(cpu, op, traps) ? 'trap-due' : 'done';
  }

  private operation(code: Uint8Array, offset: number): Operation | undefined {
    const known = this.operations.get(code);
    if (known?.offset === offset) return known;
    const op = this.translator.block(code, offset, 64, undefined, 1)[0];
    if (op) this.operations.set(code, op);
    return op;
  }
}

/**
 * Whether the single-step trap follows an instruction that is complete; `began`: TF was set when it began. SYSCALL and SYSRET
 * ask TF when they end (SYSCALL's entry may have cleared it), and a load of SS puts the trap off by one instruction.
 */
export function trapsBehind(cpu: Cpu, { mnemonic }: Operation, began: boolean): boolean {
  if (mnemonic === 'Syscall' || mnemonic.startsWith('Sysret')) return (cpu.flags & FLAG.TF) !== 0;
  return began && (!cpu.shadow || mnemonic === 'Sti');
}
