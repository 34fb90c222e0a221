/**
 * Code probes of a session: symbol files → providers of `fbt` and `syscall` → the places to watch for what is enabled.
 *
 * In: what was read of the symbol files, and of `-x syscalls=FILE`. Out: GuestSites, which makes probes as patterns ask for
 * them, tells the places of the enabled ones, and what a live guest must do for them to be seen. Code is decoded only for
 * enabled functions and the pages they lie in. Everything here is loaded only when a program may name such a probe.
 */
import type { ProbeTable } from '../engine/probes.ts';
import type { Architecture } from '../machine/causes.ts';
import type { CodeReader, CodeSite } from '../machine/sites.ts';
import type { WatchedSites } from '../providers/enabled-sites.ts';
import { type FbtAccount, FbtProvider, type FunctionTypes } from '../providers/fbt.ts';
import type { GuestCode } from '../providers/sites.ts';
import { type SyscallAccount, SyscallProvider } from '../providers/syscall.ts';
import { linuxPersonalities, otherPersonalities, type Personality } from '../providers/syscalls/abi.ts';
import type { SymbolTable } from '../symbols/symbol-table.ts';
import {
  analyseFunction,
  type FunctionBounds,
  markerAddress,
  pageOf,
  reachedWithinPage,
  resultSites,
  returnThunks,
} from '../x86/analyse.ts';
import { type Decoder, openDecoder } from '../x86/decode.ts';
import type { LiveOpen } from './live.ts';
import type { CodeImage, SymbolFiles } from './symbols.ts';

export interface GuestSitesRequest {
  readonly files: SymbolFiles | undefined;
  /** Of `-x syscalls`; takes the place of Linux'. */
  readonly personality: Personality | undefined;
  /** Whose system calls there may be. */
  readonly architectures: readonly Architecture[];
}

export interface SiteAccounts {
  readonly functions: readonly FbtAccount[];
  readonly calls: readonly SyscallAccount[];
}

export async function openGuestSites({
  files,
  personality,
  architectures,
}: GuestSitesRequest): Promise<GuestSites> {
  const tables = files?.tables ?? [];
  const images = (await files?.openCode()) ?? [];
  const code =
    images.length > 0 ? new DecodedCode(tables, images, await openDecoder(images[0]!.bits)) : undefined;
  const { BtfKernelTypes } = await import('../symbols/kernel-types.ts');
  let types: FunctionTypes | undefined;
  const openTypes = (): FunctionTypes => {
    const kernel = new BtfKernelTypes();
    for (const { module, btf } of files?.types ?? []) kernel.add(module, btf);
    types = kernel;
    return kernel;
  };
  return new GuestSites(
    new FbtProvider({ tables, code, types: () => types ?? openTypes() }),
    new SyscallProvider(personality ? [personality] : architectures.flatMap(personalitiesOf), {
      function: (name) => functionNamed(tables, name),
      code,
    }),
    code,
  );
}

function personalitiesOf(architecture: Architecture): readonly Personality[] {
  return architecture === 'x86' ? linuxPersonalities() : otherPersonalities(architecture);
}

function functionNamed(tables: readonly SymbolTable[], name: string): FunctionBounds | undefined {
  for (const table of tables) {
    const row = table.byName(name)[0];
    if (row) return { start: row.address, end: row.address + BigInt(row.size) };
  }
  return undefined;
}

export class GuestSites {
  private readonly fbt: FbtProvider;
  private readonly syscall: SyscallProvider;
  private readonly code: DecodedCode | undefined;

  constructor(fbt: FbtProvider, syscall: SyscallProvider, code: DecodedCode | undefined) {
    this.fbt = fbt;
    this.syscall = syscall;
    this.code = code;
  }

  addTo(probes: ProbeTable): void {
    probes.addProvider(this.fbt);
    probes.addProvider(this.syscall);
  }

  /** Asked once, when it is known what is enabled. */
  watched(isEnabled: (probeId: number) => boolean): WatchedSites {
    return {
      sites: [...this.fbt.sites(isEnabled), ...this.syscall.sites(isEnabled)],
      traps: this.syscall.traps(isEnabled),
    };
  }

  /** What the code tells about seeing places in a log of blocks. */
  get pages(): LiveOpen['code'] {
    const { code } = this;
    return {
      needsMarker: (site) => (site.midBlock ?? false) || code === undefined || code.isReachedWithinPage(site),
      markerIn: (page) => code?.markerIn(page),
    };
  }

  accounts(): SiteAccounts {
    return { functions: this.fbt.accounts(), calls: this.syscall.accounts() };
  }
}

class DecodedCode implements GuestCode {
  private readonly tables: readonly SymbolTable[];
  private readonly reader: CodeReader;
  private readonly decoder: Decoder;
  private readonly returnThunks: ReadonlySet<bigint>;
  private functions: readonly FunctionBounds[] | undefined; // of all tables, when a page was asked for

  constructor(tables: readonly SymbolTable[], images: readonly CodeImage[], decoder: Decoder) {
    this.tables = tables;
    this.decoder = decoder;
    this.reader = { readCode: (address, size) => readFirst(images, address, size) };
    this.returnThunks = returnThunks((name) => tables.flatMap((table) => table.byName(name)));
  }

  has(address: bigint): boolean {
    return this.reader.readCode(address, 1) !== undefined;
  }

  returnsOf(start: bigint, end: bigint): readonly bigint[] {
    const { decoder, reader, returnThunks } = this;
    const found = analyseFunction(decoder, reader, { start, end }, { returnThunks });
    return found.returns.map(({ address }) => address);
  }

  resultSites(start: bigint, end: bigint): readonly bigint[] {
    return resultSites(this.decoder, this.reader, { start, end });
  }

  isReachedWithinPage({ address }: CodeSite): boolean {
    return reachedWithinPage(this.decoder, this.reader, this.functionsIn(pageOf(address)), address);
  }

  markerIn(page: bigint): bigint | undefined {
    return markerAddress(this.decoder, this.reader, this.functionsIn(page), page);
  }

  private functionsIn(page: bigint): readonly FunctionBounds[] {
    this.functions ??= this.tables.flatMap(boundsOfAll);
    return this.functions.filter(({ start, end }) => start < page + 4096n && end > page);
  }
}

function boundsOfAll(table: SymbolTable): FunctionBounds[] {
  const bounds = new Map<bigint, FunctionBounds>(); // a function may have several names
  for (const row of table.functions(() => true)) {
    const { address, size } = table.row(row);
    bounds.set(address, { start: address, end: address + BigInt(size) });
  }
  return [...bounds.values()];
}

function readFirst(images: readonly CodeImage[], address: bigint, size: number): Uint8Array | undefined {
  for (const { reader } of images) {
    const bytes = reader.readCode(address, size);
    if (bytes !== undefined) return bytes;
  }
  return undefined;
}
