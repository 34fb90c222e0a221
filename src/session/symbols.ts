/**
 * --symbols FILE[@BASE]: when a program prints addresses as names, the files are read and the session gets a SymbolSet.
 *
 * In: the arguments as given, the compiled programs, the traces. Out: the set, undefined when nobody asks for names, or
 * the first trouble. Files are looked at only to see that they can be read until a program needs them. Where a kernel's
 * file says nothing about its base, the first events of the trace are asked whether the kernel moved (symbols/kaslr.ts).
 */
import { LinearMemory } from '../base/linear-memory.ts';
import { type Diagnostic, diagnostic } from '../diag/diagnostics.ts';
import { conversionNamed } from '../dif/conversions.ts';
import type { Action, Program, ValueShape } from '../dif/program.ts';
import { EVENT_KINDS, EventBatch } from '../machine/event-batch.ts';
import { NO_NEEDS } from '../machine/needs.ts';
import type { CodeReader } from '../machine/sites.ts';
import { openReplay } from '../sources/replay.ts';
import { readWholeFile, whyUnreadable } from '../sources/whole-file.ts';
import type { Btf } from '../symbols/btf.ts';
import type { KernelPcs } from '../symbols/kaslr.ts';
import type { KernelImage } from '../symbols/kernel-image.ts';
import type { LoadedSymbols } from '../symbols/load.ts';
import type { SymbolSet } from '../symbols/symbol-set.ts';
import type { SymbolTable } from '../symbols/symbol-table.ts';
import { PREFIX } from './notices.ts';

export interface FileRequest {
  readonly files: readonly string[]; // FILE[@BASE]
  readonly traces: readonly string[];
  /** How far a live guest's kernel was moved; absent: the trace is asked. */
  readonly slideOf?: (table: SymbolTable) => Promise<bigint | undefined>;
  readonly err: ((text: string) => void) | undefined; // for what is guessed; absent when quiet
  /** Tells where what was unpacked is kept for the next run; absent: nowhere. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
}

export interface SymbolRequest {
  readonly files: readonly string[];
  readonly programs: readonly Program[];
  readonly demangles: boolean;
  /** readSymbolFiles, once for all who ask. */
  readonly read: () => Promise<SymbolFiles | Diagnostic>;
}

/** The room is loaded only here, so that those who name no file do not pay for it. */
export async function openSymbols(request: SymbolRequest): Promise<SymbolSet | Diagnostic | undefined> {
  const { files, programs } = request;
  if (files.length === 0) return undefined;
  const { parseSymbolsArgument } = await import('../symbols/load.ts');
  const parsed = files.map(parseSymbolsArgument);
  for (const { path } of parsed) {
    const reason = whyUnreadable(path);
    if (reason !== undefined) return trouble(path, reason, path.includes('@') ? BASE_HINT : '');
  }
  if (!programs.some(printsSymbols)) return undefined;
  const read = await request.read();
  if ('tag' in read) return read;
  const { SymbolSet } = await import('../symbols/symbol-set.ts');
  return new SymbolSet(
    read.tables,
    request.demangles ? (await import('../symbols/demangle.ts')).demangle : sameName,
  );
}

/** What the files hold: symbol tables, and the types of the kernel and its modules, the kernel's first. */
export interface SymbolFiles {
  readonly tables: readonly SymbolTable[];
  readonly types: readonly { readonly module: string; readonly btf: Btf }[];
  /** Code of the ELF files among them, where it was when it ran. To have a boot image's, it may have to be unpacked. */
  readonly openCode: () => Promise<readonly CodeImage[]>;
  /** The ELF files themselves, of any architecture. */
  readonly openElves: () => Promise<readonly ElfImage[]>;
}

export interface ElfImage {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly slide: bigint; // how far it was moved
}

export interface CodeImage {
  readonly reader: CodeReader;
  readonly bits: 32 | 64;
}

/** Reads all the files, or says which one is of no use. */
export async function readSymbolFiles(request: FileRequest): Promise<SymbolFiles | Diagnostic> {
  const { loadSymbols, parseSymbolsArgument } = await import('../symbols/load.ts');
  const tables: SymbolTable[] = [];
  const elves: (() => Promise<ElfImage | undefined>)[] = [];
  const images: { readonly path: string; readonly raw: Uint8Array }[] = [];
  for (const { path, base } of request.files.map(parseSymbolsArgument)) {
    const file = await openFile(path, cacheFolder(request.environment));
    if (typeof file === 'string')
      return trouble(path, file, whyUnreadable(path) && path.includes('@') ? BASE_HINT : '');
    const raw = file.types;
    if (raw !== undefined) images.push({ path, raw });
    const loaded = loadSymbols(file.symbols, path, base);
    if (loaded.kind === 'refused' && raw === undefined) return trouble(path, loaded.reason, loaded.hint);
    const table =
      loaded.kind === 'symbols' && loaded.mayMove
        ? await moved(loaded.table, path, base.kind === 'auto', request)
        : undefined;
    if (loaded.kind === 'symbols') tables.push(table ?? loaded.table);
    const slide = slideOf(loaded, table);
    elves.push(() => openElf(path, file, slide));
  }
  const types = await openImages(images);
  if ('tag' in types) return types;
  let opened: Promise<readonly ElfImage[]> | undefined;
  const openElves = (): Promise<readonly ElfImage[]> => {
    opened ??= Promise.all(elves.map((open) => open())).then(present);
    return opened;
  };
  const openCodes = async () => present(await Promise.all((await openElves()).map(openCode)));
  return { tables, types: types.images, openCode: openCodes, openElves };
}

function present<T>(list: readonly (T | undefined)[]): T[] {
  return list.filter((one) => one !== undefined);
}

async function openElf(path: string, file: KernelImage, slide: bigint): Promise<ElfImage | undefined> {
  const bytes = await file.elf();
  const { isElf } = await import('../symbols/elf.ts');
  return typeof bytes === 'string' || !isElf(bytes) ? undefined : { path, bytes, slide };
}

/** How far a file's addresses were moved, to its own base or to where the trace shows it. */
function slideOf(loaded: LoadedSymbols, table: SymbolTable | undefined): bigint {
  if (loaded.kind !== 'symbols') return 0n;
  return table === undefined ? loaded.slide : table.address(0) - loaded.table.address(0);
}

/** The code of an x86 ELF file. */
async function openCode({ bytes, slide }: ElfImage): Promise<CodeImage | undefined> {
  const { readElf } = await import('../symbols/elf.ts');
  const { elfCode } = await import('../symbols/elf-code.ts');
  const machine = readElf(bytes)?.machine;
  const reader = machine === EM_386 || machine === EM_X86_64 ? elfCode(bytes, slide) : undefined;
  return reader && { reader, bits: machine === EM_386 ? 32 : 64 };
}

const EM_386 = 3;
const EM_X86_64 = 62;

/** What is read of a file; of a Linux boot image, what the kernel inside says. */
async function openFile(path: string, folder: string | undefined): Promise<KernelImage | string> {
  const { readElfWithHoles } = await import('../symbols/elf-with-holes.ts');
  const bytes = readElfWithHoles(path) ?? (await readWholeFile(path));
  if (typeof bytes === 'string') return bytes;
  const { isLinuxImage } = await import('../symbols/linux-image.ts');
  if (isLinuxImage(bytes)) return (await import('../symbols/kernel-image.ts')).openKernelImage(bytes, folder);
  const { btfOf } = await import('../symbols/btf.ts');
  return { symbols: bytes, types: btfOf(bytes), elf: () => Promise.resolve(bytes) };
}

/** Where programs of this user keep what they can make again; undefined when the environment does not tell. */
function cacheFolder(environment: FileRequest['environment']): string | undefined {
  const { XDG_CACHE_HOME: cache, HOME: home } = environment ?? {};
  if (cache?.startsWith('/')) return `${cache}/trapline/kernels`;
  return home?.startsWith('/') ? `${home}/.cache/trapline/kernels` : undefined;
}

/** BTF of modules needs the kernel's, whatever the order of the files. */
async function openImages(
  files: readonly { readonly path: string; readonly raw: Uint8Array }[],
): Promise<{ readonly images: SymbolFiles['types'] } | Diagnostic> {
  const { isSplitBtf, openBtf } = await import('../symbols/btf.ts');
  const images: { module: string; btf: Btf }[] = [];
  const split = files.filter(({ raw }) => isSplitBtf(raw));
  for (const { path, raw } of [...files.filter((file) => !split.includes(file)), ...split]) {
    const isSplit = split.some((file) => file.raw === raw);
    const base = isSplit ? images[0]?.btf : undefined;
    const hint = "add the kernel's, which is /sys/kernel/btf/vmlinux in the guest";
    if (isSplit && base === undefined)
      return trouble(path, "it is a module's BTF, which goes on from the kernel's", hint);
    const btf = openBtf(raw, base);
    if (typeof btf === 'string') return trouble(path, btf, '');
    images.push({ module: isSplit ? moduleName(path) : 'vmlinux', btf });
  }
  return { images };
}

/** `/lib/…/ext4.ko.xz` → ext4 */
function moduleName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).replace(/\..*$/, '');
}

const BASE_HINT = 'FILE@0xADDR, FILE@+0xOFFSET and FILE@auto say where its symbols really are';

function trouble(path: string, reason: string, hint: string): Diagnostic {
  return diagnostic('U_SYMBOLS', undefined, { path, reason }, { hint });
}

function sameName(name: string): string {
  return name;
}

// ---------------------------------------------------------------------------------------------- who asks for names

/** Whether anything a program prints may be an address by name. */
function printsSymbols(program: Program): boolean {
  const keys = program.aggregations.flatMap((aggregation) => aggregation.keys);
  return keys.some(isSymbolic) || program.clauses.some(({ actions }) => actions.some(printsAddress));
}

const SYMBOLIC_SHAPES: readonly ValueShape['kind'][] = ['symaddr', 'usymaddr', 'stack'];
const SYMBOLIC_CONVERSIONS = ['address', 'userAddress', 'stack'];

function isSymbolic({ kind }: ValueShape): boolean {
  return SYMBOLIC_SHAPES.includes(kind);
}

function printsAddress(action: Action): boolean {
  switch (action.kind) {
    case 'stack':
    case 'ustack':
    case 'jstack':
    case 'registers':
    case 'disasm':
      return true;
    case 'trace':
    case 'print':
      return isSymbolic(action.value.field.shape) || action.value.field.shape.type.kind === 'pointer';
    case 'printf':
    case 'printa':
    case 'system':
    case 'freopen':
      return (
        action.format?.pieces.some((piece) => piece.kind === 'conversion' && rendersAddress(piece.letters)) ??
        false
      );
    default:
      return false;
  }
}

function rendersAddress(letters: string): boolean {
  return SYMBOLIC_CONVERSIONS.includes(conversionNamed(letters)?.renders ?? '');
}

// ---------------------------------------------------------------------------------------------- where the kernel is

/** The table where the trace shows it to be, or as it is. */
async function moved(
  table: SymbolTable,
  path: string,
  wasAsked: boolean,
  { traces, slideOf, err }: FileRequest,
): Promise<SymbolTable> {
  const { guessSlide } = await import('../symbols/kaslr.ts');
  const slide = slideOf ? await slideOf(table) : guessSlide(await firstKernelPcs(traces), table);
  const result = slide === undefined ? undefined : table.slid(slide);
  const witness = slideOf ? 'the guest' : 'the trace';
  if (result === undefined) {
    if (wasAsked || slideOf)
      err?.(`${PREFIX}${path}: ${witness} does not tell where the kernel was; its own addresses are taken\n`);
    return table;
  }
  if (slide !== 0n)
    err?.(`${PREFIX}${path}: the kernel was moved by ${slideText(slide ?? 0n)}, as ${witness} shows\n`);
  return result;
}

function slideText(slide: bigint): string {
  return slide < 0n ? `-0x${(-slide).toString(16)}` : `+0x${slide.toString(16)}`;
}

/** Enough to tell one slide from all others. */
const ENOUGH_PCS = 1024;
/** A log may have a firmware's events first; more than these events are not worth the wait. */
const MAX_EVENTS = 16_384;
const EVENTS_AT_ONCE = 1024;
/** Where kernels of 64-bit machines lie; firmware lies below. */
const UPPER_HALF = 1n << 63n;
const PAGE_FAULT = 0x0e;

/** Kernel-mode pcs of the first trace's beginning; none when it can be read only once. */
async function firstKernelPcs(traces: readonly string[]): Promise<KernelPcs> {
  const pcs = { pageFaults: [] as bigint[], interrupts: [] as bigint[] };
  const [path] = traces;
  if (path === undefined || whyUnreadable(path) !== undefined) return pcs;
  const memory = new LinearMemory();
  const needs = { ...NO_NEEDS, pc: true, cpl: true };
  const source = await openReplay({ paths: [path], needs, memory, stdin: 0, scan: 'fast' });
  if ('tag' in source) return pcs;
  const batch = new EventBatch(memory, EVENTS_AT_ONCE);
  for (let events = 0; events < MAX_EVENTS; events += EVENTS_AT_ONCE) {
    if (pcs.pageFaults.length + pcs.interrupts.length >= ENOUGH_PCS) break;
    const filled = await source.fill(batch);
    if (typeof filled !== 'number' || filled === 0) break;
    for (let row = 0; row < filled; row++) takePc(batch, row, pcs);
  }
  await source.close();
  return pcs;
}

function takePc(
  { memory, at }: EventBatch,
  row: number,
  pcs: { pageFaults: bigint[]; interrupts: bigint[] },
): void {
  if (memory.u8[at.kind + row] !== EVENT_KINDS.vec || memory.u8[at.cpl + row] !== 0) return;
  const pc = memory.u64[(at.pc >>> 3) + row]!;
  if (pc < UPPER_HALF) return;
  const isFault = memory.u16[(at.vector >>> 1) + row] === PAGE_FAULT;
  (isFault ? pcs.pageFaults : pcs.interrupts).push(pc);
}
