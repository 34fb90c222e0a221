/**
 * An instruction that is going to be displaced by a breakpoint: what moving it to another address would change.
 *
 * In: the bytes at an address (64-bit code). Out: a Displaced with its own copy of the bytes, or undefined where no
 * instruction begins. patch/methods.ts decides by it how the instruction is executed, patch/slot.ts moves it.
 */
import type * as Iced from 'iced-x86';
import { Decoder, type Flow, MAX_INSTRUCTION_BYTES } from './decode.ts';

export interface Displaced {
  readonly address: bigint;
  readonly bytes: Uint8Array;
  /** As objdump writes it. */
  readonly text: string;
  /** Intel's name in lower case, without sizes: `pushfq`, `jne`, `movsb`. */
  readonly mnemonic: string;
  readonly flow: Flow;
  /** Of near branches that name their target. */
  readonly branch:
    | { readonly target: bigint; readonly fieldOffset: number; readonly fieldBytes: number }
    | undefined;
  /** All of its operands are general registers, memory and immediate values. */
  readonly isGeneral: boolean;
  /** MOVS, CMPS, STOS, LODS, SCAS, INS, OUTS. */
  readonly isString: boolean;
  /** Leaves its code segment. */
  readonly isFar: boolean;
  /** String instruction with a REP prefix: traps and interrupts may come between its iterations, rip staying. */
  readonly repeats: boolean;
  /** Memory operand relative to rip: where its 32-bit displacement is, and what it names. */
  readonly ripOperand: { readonly fieldOffset: number; readonly address: bigint } | undefined;
  /** Loads SS: interrupts and single-step traps wait for one more instruction. */
  readonly loadsSs: boolean;
  /** 16-bit operands or 32-bit addresses where moving would have to care: branches, operands relative to rip. */
  readonly isOddlySized: boolean;
}

type IcedModule = typeof Iced;

export async function openDisplacedReader(): Promise<DisplacedReader> {
  const loaded = (await import('iced-x86')) as IcedModule & { readonly default?: IcedModule };
  return new DisplacedReader(loaded.default ?? loaded);
}

export class DisplacedReader {
  private readonly iced: IcedModule;
  /** For texts, and for walks from a function's start. */
  readonly decoder: Decoder;

  constructor(iced: IcedModule) {
    this.iced = iced;
    this.decoder = new Decoder(iced, 64);
  }

  read(code: Uint8Array, address: bigint): Displaced | undefined {
    const { iced } = this;
    const outline = this.decoder.decode(code, address);
    if (outline === undefined) return undefined;
    const decoder = new iced.Decoder(64, code.slice(0, MAX_INSTRUCTION_BYTES), iced.DecoderOptions.None);
    const instruction = new iced.Instruction();
    const offsets = decode();
    try {
      const bytes = code.slice(0, instruction.length);
      const isBranch = outline.target !== undefined;
      return {
        address,
        bytes,
        text: this.decoder.text(bytes, address),
        mnemonic: iced.Mnemonic[instruction.mnemonic]!.toLowerCase(),
        flow: outline.flow,
        branch: isBranch
          ? {
              target: outline.target,
              fieldOffset: offsets.immediateOffset,
              fieldBytes: offsets.immediateSize,
            }
          : undefined,
        isGeneral: this.isGeneral(instruction),
        isString: instruction.isStringInstruction,
        isFar: this.isFar(instruction),
        repeats: instruction.isStringInstruction && (instruction.hasRepPrefix || instruction.hasRepnePrefix),
        ripOperand: instruction.isIpRelMemoryOperand
          ? { fieldOffset: offsets.displacementOffset, address: instruction.ipRelMemoryAddress }
          : undefined,
        loadsSs: this.loadsSs(instruction),
        isOddlySized: this.isOddlySized(instruction, bytes),
      };
    } finally {
      offsets.free();
      instruction.free();
      decoder.free();
    }

    function decode(): Iced.ConstantOffsets {
      decoder.ip = BigInt.asUintN(64, address);
      decoder.decodeOut(instruction);
      return decoder.getConstantOffsets(instruction);
    }
  }

  private isFar(instruction: Iced.Instruction): boolean {
    const { Mnemonic } = this.iced;
    return (
      instruction.mnemonic === Mnemonic.Retf ||
      instruction.isJmpFar ||
      instruction.isCallFar ||
      instruction.isJmpFarIndirect ||
      instruction.isCallFarIndirect
    );
  }

  private isGeneral(instruction: Iced.Instruction): boolean {
    const { OpKind, RegisterExt } = this.iced;
    for (let operand = 0; operand < instruction.opCount; operand++) {
      if (instruction.opKind(operand) !== OpKind.Register) continue;
      if (!RegisterExt.isGPR(instruction.opRegister(operand))) return false;
    }
    return true;
  }

  private loadsSs(instruction: Iced.Instruction): boolean {
    const { Mnemonic, Register } = this.iced;
    const isLoad = instruction.mnemonic === Mnemonic.Mov || instruction.mnemonic === Mnemonic.Pop;
    return instruction.mnemonic === Mnemonic.Lss || (isLoad && instruction.op0Register === Register.SS);
  }

  private isOddlySized(instruction: Iced.Instruction, bytes: Uint8Array): boolean {
    const { OpKind, Register } = this.iced;
    if (instruction.isIpRelMemoryOperand) return instruction.memoryBase === Register.EIP;
    const isBranch = instruction.flowControl !== this.iced.FlowControl.Next;
    return isBranch && (instruction.op0Kind === OpKind.NearBranch16 || hasOperandSizePrefix(bytes));
  }
}

const OPERAND_SIZE_PREFIX = 0x66;
const LEGACY_PREFIXES: ReadonlySet<number> = new Set([
  ...[0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3],
]);

function hasOperandSizePrefix(bytes: Uint8Array): boolean {
  for (const byte of bytes) {
    if (byte === OPERAND_SIZE_PREFIX) return true;
    if (!LEGACY_PREFIXES.has(byte)) return false;
  }
  return false;
}
