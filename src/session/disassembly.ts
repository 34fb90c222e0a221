/**
 * disasm(): the decoder, when a program asks for it, and code from the image where memory cannot be read.
 */
import type { Disassembler, InstructionText } from '../dif/consumer-contract.ts';
import type { Program } from '../dif/program.ts';
import type { Decoder } from '../x86/decode.ts';
import type { CodeImage } from './symbols.ts';

export interface DisassemblyRequest {
  readonly programs: readonly Program[];
  readonly openCode: (() => Promise<readonly CodeImage[]>) | undefined;
}

/** Undefined when no program asks. */
export async function openDisassembler(request: DisassemblyRequest): Promise<Disassembler | undefined> {
  const { programs, openCode } = request;
  const asks = programs.some(({ clauses }) =>
    clauses.some(({ actions }) => actions.some(({ kind }) => kind === 'disasm')),
  );
  if (!asks) return undefined;
  const { MAX_INSTRUCTION_BYTES, openDecoder } = await import('../x86/decode.ts');
  const images = (await openCode?.()) ?? [];
  const decoder = await openDecoder(images[0]?.bits ?? 64);
  const codeAt = (address: bigint, size: number): Uint8Array | undefined =>
    images.map(({ reader }) => reader.readCode(address, size)).find((bytes) => bytes !== undefined);
  return {
    instructions(address, read, count) {
      const image = read.length === 0 ? codeAt(address, count * MAX_INSTRUCTION_BYTES) : undefined;
      return instructionsOf(decoder, address, image ?? read, count, MAX_INSTRUCTION_BYTES);
    },
  };
}

function instructionsOf(
  decoder: Decoder,
  address: bigint,
  bytes: Uint8Array,
  count: number,
  longest: number,
): InstructionText[] {
  const found: InstructionText[] = [];
  for (let at = 0; found.length < count && at < bytes.length; ) {
    const here = address + BigInt(at);
    const rest = bytes.subarray(at);
    const instruction = decoder.decode(rest, here);
    // Where none begins one byte is shown, unless it may be that the rest of it could not be read.
    if (instruction === undefined && rest.length < longest) break;
    const sizeBytes = instruction?.length ?? 1;
    found.push({ address: here, sizeBytes, text: decoder.text(rest, here), target: instruction?.target });
    at += sizeBytes;
  }
  return found;
}
