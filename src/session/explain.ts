/** Names, source lines and code of the guest for `trapline explain`, from the files of --symbols. */
import type { Diagnostic } from '../diag/diagnostics.ts';
import type { Bits, CodeLine, CodeView, GuestCode } from '../report/explanation.ts';
import type { SourceLines } from '../symbols/source-lines.ts';
import type { SymbolSet } from '../symbols/symbol-set.ts';
import { type Decoder, MAX_INSTRUCTION_BYTES, openDecoder } from '../x86/decode.ts';
import type { SessionIo } from './request.ts';
import { type CodeImage, type ElfImage, readSymbolFiles } from './symbols.ts';

/** Instructions shown before and behind the one in question. */
const BEFORE = 5;
const AFTER = 3;
/** Functions are walked from their start to find where instructions begin; in longer ones only what follows is shown. */
const MAX_WALK_BYTES = 16 * 1024;

const NO_CODE: GuestCode = {
  name: () => undefined,
  line: () => undefined,
  around: () => undefined,
  objdump: () => undefined,
  hasImage: false,
  hasFiles: false,
};

type Decoders = Readonly<Record<Bits, Decoder>>;

export async function openGuestCode(
  files: readonly string[],
  traces: readonly string[],
  io: SessionIo,
): Promise<GuestCode | Diagnostic> {
  if (files.length === 0) return NO_CODE;
  const read = await readSymbolFiles({ files, traces, err: io.err, environment: io.environment });
  if ('tag' in read) return read;
  const { SymbolSet } = await import('../symbols/symbol-set.ts');
  const { demangle } = await import('../symbols/demangle.ts');
  const symbols = new SymbolSet(read.tables, demangle);
  const elves = await read.openElves();
  const images = await read.openCode();
  const lines = await openLines(elves);
  const decoders = images.length > 0 ? await openDecoders() : undefined;
  return {
    hasFiles: true,
    hasImage: images.length > 0,
    name: (address) => nameOf(symbols, address),
    line: (address) => lineOf(lines, address),
    around: (address, bits) => decoders && aroundIn(images, decoders[bits], symbols, address),
    objdump: await openObjdump(elves),
  };
}

async function openDecoders(): Promise<Decoders> {
  return { 16: await openDecoder(16), 32: await openDecoder(32), 64: await openDecoder(64) };
}

// ---------------------------------------------------------------------------------------------- names and lines

function nameOf(symbols: SymbolSet, address: bigint): string | undefined {
  const hit = symbols.lookup(address);
  if (hit === undefined || hit.name === '') return undefined;
  const offset = hit.offset === 0n ? '' : `+0x${hit.offset.toString(16)}`;
  return `${hit.module === '' ? '' : `${hit.module}\``}${hit.name}${offset}`;
}

async function openLines(elves: readonly ElfImage[]): Promise<readonly SourceLines[]> {
  const { openSourceLines } = await import('../symbols/source-lines.ts');
  const opened = await Promise.all(elves.map(({ bytes, slide }) => openSourceLines(bytes, slide)));
  return opened.filter((lines) => lines !== undefined);
}

function lineOf(lines: readonly SourceLines[], address: bigint): string | undefined {
  for (const file of lines) {
    const found = file.lookup(address);
    if (found) return `${found.file}:${found.line}`;
  }
  return undefined;
}

// ---------------------------------------------------------------------------------------------- code

function aroundIn(
  images: readonly CodeImage[],
  decoder: Decoder,
  symbols: SymbolSet,
  address: bigint,
): CodeView | undefined {
  const image = images.find(({ reader }) => (reader.readCode(address, 1)?.length ?? 0) > 0);
  return image && around(image, decoder, symbols.lookup(address)?.offset ?? 0n, address);
}

function around({ reader }: CodeImage, decoder: Decoder, offset: bigint, address: bigint): CodeView {
  const lead = offset <= MAX_WALK_BYTES ? Number(offset) : 0;
  const start = address - BigInt(lead);
  const bytes = reader.readCode(start, lead + (AFTER + 1) * MAX_INSTRUCTION_BYTES) ?? new Uint8Array(0);
  const starts: { readonly at: number; readonly length: number }[] = [];
  let behind = 0;
  decoder.walk(bytes, start, (instruction) => {
    const at = Number(instruction.address - start);
    starts.push({ at, length: instruction.length });
    if (at >= lead) behind++;
    return behind <= AFTER;
  });
  // A function whose start is not that of an instruction stream leaves pc between two instructions.
  if (lead > 0 && !starts.some(({ at }) => at === lead))
    return { ...around({ reader, bits: 64 }, decoder, 0n, address), isBoundary: false };
  const middle = starts.findIndex(({ at }) => at >= lead);
  const shown = middle < 0 ? [] : starts.slice(Math.max(0, middle - BEFORE), middle + 1 + AFTER);
  if (shown[0]?.at !== lead && !shown.some(({ at }) => at === lead)) shown.unshift({ at: lead, length: 1 });
  return { lines: shown.map((one) => codeLine(one, bytes, start, decoder)), isBoundary: true };
}

function codeLine(
  { at, length }: { readonly at: number; readonly length: number },
  bytes: Uint8Array,
  start: bigint,
  decoder: Decoder,
): CodeLine {
  const address = start + BigInt(at);
  return {
    address,
    bytes: Buffer.from(bytes.subarray(at, at + length)).toString('hex'),
    text: decoder.text(bytes.subarray(at), address),
  };
}

// ---------------------------------------------------------------------------------------------- other architectures

/** GNU's prefix of tools, by the machine in the ELF header. */
const TOOLS: Readonly<Record<number, string>> = {
  40: 'arm-linux-gnueabihf-',
  183: 'aarch64-linux-gnu-',
  243: 'riscv64-linux-gnu-',
};
const SHOWN_BYTES = 16n;

async function openObjdump(elves: readonly ElfImage[]): Promise<GuestCode['objdump']> {
  const { readElf, sectionAt } = await import('../symbols/elf.ts');
  const files = elves.flatMap(({ path, bytes, slide }) => {
    const elf = readElf(bytes);
    const tools = elf && TOOLS[elf.machine];
    return elf === undefined || tools === undefined ? [] : [{ path, slide, tools, elf }];
  });
  return (address) => {
    for (const { path, slide, tools, elf } of files) {
      const own = address - slide;
      if (!sectionAt(elf, own)) continue;
      const from = own > SHOWN_BYTES ? own - SHOWN_BYTES : 0n;
      return `${tools}objdump -dl --start-address=0x${from.toString(16)} --stop-address=0x${(own + SHOWN_BYTES).toString(16)} ${path}`;
    }
    return undefined;
  };
}
