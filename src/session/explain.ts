/** Names and code of the guest for `trapline explain`, from the files of --symbols. */
import type { Diagnostic } from '../diag/diagnostics.ts';
import type { CodeLine, GuestCode } from '../report/explain.ts';
import type { SymbolSet } from '../symbols/symbol-set.ts';
import { type Decoder, MAX_INSTRUCTION_BYTES, openDecoder } from '../x86/decode.ts';
import type { SessionIo } from './request.ts';
import { type CodeImage, readSymbolFiles } from './symbols.ts';

/** Instructions shown before and behind the one in question. */
const BEFORE = 5;
const AFTER = 3;
/** Functions are walked from their start to find where instructions begin; in longer ones only what follows is shown. */
const MAX_WALK_BYTES = 16 * 1024;

export const NO_CODE: GuestCode = { name: () => undefined, around: () => undefined, hasImage: false };

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
  const images = await read.openCode();
  const decoders = await Promise.all(images.map(({ bits }) => openDecoder(bits)));
  return {
    hasImage: images.length > 0,
    name: (address) => nameOf(symbols, address),
    around: (address) => {
      const at = images.findIndex(({ reader }) => (reader.readCode(address, 1)?.length ?? 0) > 0);
      return at < 0 ? undefined : around(images[at]!, decoders[at]!, symbols, address);
    },
  };
}

function nameOf(symbols: SymbolSet, address: bigint): string | undefined {
  const hit = symbols.lookup(address);
  if (hit === undefined || hit.name === '') return undefined;
  const offset = hit.offset === 0n ? '' : `+0x${hit.offset.toString(16)}`;
  return `${hit.module === '' ? '' : `${hit.module}\``}${hit.name}${offset}`;
}

function around(image: CodeImage, decoder: Decoder, symbols: SymbolSet, address: bigint): CodeLine[] {
  const offset = symbols.lookup(address)?.offset ?? 0n;
  const lead = offset <= MAX_WALK_BYTES ? Number(offset) : 0;
  const start = address - BigInt(lead);
  const bytes = image.reader.readCode(start, lead + (AFTER + 1) * MAX_INSTRUCTION_BYTES) ?? new Uint8Array(0);
  const starts: { readonly at: number; readonly length: number }[] = [];
  decoder.walk(bytes, start, (instruction) => {
    starts.push({ at: Number(instruction.address - start), length: instruction.length });
    return starts.filter(({ at }) => at >= lead).length <= AFTER;
  });
  // A function whose start is not that of an instruction stream leaves pc between two instructions.
  if (lead > 0 && !starts.some(({ at }) => at === lead)) return around(image, decoder, NO_SYMBOLS, address);
  const middle = starts.findIndex(({ at }) => at >= lead);
  const shown = middle < 0 ? [] : starts.slice(Math.max(0, middle - BEFORE), middle + 1 + AFTER);
  if (shown.length === 0) shown.push({ at: lead, length: 1 });
  return shown.map(({ at, length }) => {
    const own = bytes.subarray(at, at + length);
    return {
      address: start + BigInt(at),
      bytes: Buffer.from(own).toString('hex'),
      text: decoder.text(bytes.subarray(at), start + BigInt(at)),
    };
  });
}

const NO_SYMBOLS = { lookup: () => undefined } as unknown as SymbolSet;
