/**
 * One x86 instruction: its length, what it does to the flow of control, and its text.
 *
 * In: bytes and the address they lie at. Out: an Instruction, or undefined where no valid one begins. The decoding is
 * iced-x86's, a WebAssembly module that is loaded by `openDecoder` and not before. Its objects live outside JavaScript's
 * memory, so a Decoder keeps one of each and reuses them; nothing of it is held by what is handed out.
 */
import type * as Iced from 'iced-x86';

export type Flow =
  | 'next' // goes on behind it
  | 'ret' // RET, RETF
  | 'iret' // IRET, SYSRET, SYSEXIT
  | 'call'
  | 'indirect-call'
  | 'jmp'
  | 'indirect-jmp'
  | 'jcc' // conditional, LOOP and JRCXZ included
  | 'syscall' // SYSCALL, SYSENTER
  | 'int' // INT n, INT3, INT1, INTO
  | 'stop'; // UD2 and other exceptions on purpose

export interface Instruction {
  readonly address: bigint;
  readonly length: number; // bytes
  readonly flow: Flow;
  /** Of direct near calls and jumps. */
  readonly target: bigint | undefined;
}

type IcedModule = typeof Iced;
/** Longest instruction. */
export const MAX_INSTRUCTION_BYTES = 15;
export type Bitness = 16 | 32 | 64;

export async function openDecoder(bitness: Bitness = 64): Promise<Decoder> {
  // A CommonJS module: its names may hang on `default`, depending on who bundles.
  const loaded = (await import('iced-x86')) as IcedModule & { readonly default?: IcedModule };
  return new Decoder(loaded.default ?? loaded, bitness);
}

export class Decoder {
  readonly bitness: Bitness;
  private readonly iced: IcedModule;
  private readonly instruction: Iced.Instruction;
  private readonly formatter: Iced.Formatter;
  private readonly plain: ReadonlySet<Iced.Mnemonic>;

  constructor(iced: IcedModule, bitness: Bitness) {
    this.iced = iced;
    this.bitness = bitness;
    this.instruction = new iced.Instruction();
    this.formatter = new iced.Formatter(iced.FormatterSyntax.Gas);
    this.formatter.spaceAfterOperandSeparator = false;
    this.formatter.branchLeadingZeros = false;
    const { Mov, Lea, Cmp, Test, Add, Sub, And, Or } = iced.Mnemonic;
    this.plain = new Set([Mov, Lea, Cmp, Test, Add, Sub, And, Or]);
  }

  /** The instruction at the beginning of `bytes`. */
  decode(bytes: Uint8Array, address: bigint): Instruction | undefined {
    let found: Instruction | undefined;
    this.walk(bytes.subarray(0, MAX_INSTRUCTION_BYTES), address, (instruction) => {
      if (instruction.address === address) found = instruction;
      return false;
    });
    return found;
  }

  /** As objdump writes it (AT&T syntax); `.byte 0x..` where no instruction begins. */
  text(bytes: Uint8Array, address: bigint): string {
    let text = bytes.length === 0 ? '' : `.byte 0x${bytes[0]!.toString(16).padStart(2, '0')}`;
    this.walk(bytes.subarray(0, MAX_INSTRUCTION_BYTES), address, (instruction) => {
      if (instruction.address === address) text = this.formatter.format(this.instruction);
      return false;
    });
    return text;
  }

  /**
   * Each instruction in turn, while `take` returns true. Where none begins, one byte is passed over and `invalid` told.
   */
  walk(
    bytes: Uint8Array,
    address: bigint,
    take: (instruction: Instruction) => boolean,
    invalid: (address: bigint) => void = () => {},
  ): void {
    const { iced, instruction } = this;
    const decoder = new iced.Decoder(this.bitness, bytes, iced.DecoderOptions.None);
    try {
      decoder.ip = BigInt.asUintN(64, address);
      while (decoder.canDecode) {
        const at = decoder.position;
        decoder.decodeOut(instruction);
        if (instruction.isInvalid) {
          invalid(address + BigInt(at));
          decoder.position = at + 1;
          decoder.ip = BigInt.asUintN(64, address + BigInt(at + 1));
          continue;
        }
        if (!take(this.read(address + BigInt(at)))) return;
      }
    } finally {
      decoder.free();
    }
  }

  // The following are about the instruction that `walk` is at.

  /** Filler that compilers put between functions: any NOP, or INT3. */
  isFiller(): boolean {
    const { mnemonic } = this.instruction;
    return mnemonic === this.iced.Mnemonic.Nop || mnemonic === this.iced.Mnemonic.Int3;
  }

  /** Whether it is of the kinds that a running kernel neither patches nor jumps into. */
  isPlain(): boolean {
    const { iced, instruction, plain } = this;
    return plain.has(instruction.mnemonic) && instruction.segmentPrefix === iced.Register.None;
  }

  /** Whether it stores RAX (or EAX) at a displacement from a register. */
  storesResultAt(displacement: bigint): boolean {
    const { iced, instruction } = this;
    const isStore =
      instruction.code === iced.Code.Mov_rm64_r64 || instruction.code === iced.Code.Mov_rm32_r32;
    if (!isStore || instruction.op0Kind !== iced.OpKind.Memory || !this.isResult(instruction.op1Register)) {
      return false;
    }
    const { memoryBase, memoryIndex, segmentPrefix, memoryDisplacement } = instruction;
    const { None } = iced.Register;
    if (memoryBase === None || memoryIndex !== None || segmentPrefix !== None) return false;
    return memoryDisplacement === displacement;
  }

  /** Whether its first operand is RAX or a part of it, which it may write. */
  mayWriteResult(): boolean {
    const { iced, instruction } = this;
    return instruction.op0Kind === iced.OpKind.Register && this.isResult(instruction.op0Register);
  }

  private isResult(register: Iced.Register): boolean {
    const { RAX, EAX, AX, AL, AH } = this.iced.Register;
    return register === RAX || register === EAX || register === AX || register === AL || register === AH;
  }

  private read(address: bigint): Instruction {
    const { instruction } = this;
    const flow = this.flowOf();
    const isBranch = flow === 'call' || flow === 'jmp' || flow === 'jcc';
    const isDirect = isBranch && this.isNear(instruction.op0Kind);
    return {
      address,
      length: instruction.length,
      flow,
      target: isDirect ? instruction.nearBranchTarget : undefined,
    };
  }

  /** Far branches name a segment too, and lead who knows where. */
  private isNear(kind: Iced.OpKind): boolean {
    const { NearBranch16, NearBranch32, NearBranch64 } = this.iced.OpKind;
    return kind === NearBranch64 || kind === NearBranch32 || kind === NearBranch16;
  }

  private flowOf(): Flow {
    const { iced, instruction } = this;
    const { FlowControl, Mnemonic } = iced;
    switch (instruction.flowControl) {
      case FlowControl.Next:
        return 'next';
      case FlowControl.UnconditionalBranch:
        return 'jmp';
      case FlowControl.IndirectBranch:
        return 'indirect-jmp';
      case FlowControl.ConditionalBranch:
      case FlowControl.XbeginXabortXend:
        return 'jcc';
      case FlowControl.Return:
        return instruction.mnemonic === Mnemonic.Ret || instruction.mnemonic === Mnemonic.Retf
          ? 'ret'
          : 'iret';
      case FlowControl.Call:
        return isSystemCall(instruction.mnemonic, iced) ? 'syscall' : 'call';
      case FlowControl.IndirectCall:
        return 'indirect-call';
      case FlowControl.Interrupt:
        return 'int';
      default:
        return 'stop';
    }
  }
}

function isSystemCall(mnemonic: Iced.Mnemonic, { Mnemonic }: IcedModule): boolean {
  return mnemonic === Mnemonic.Syscall || mnemonic === Mnemonic.Sysenter || mnemonic === Mnemonic.Vmcall;
}
