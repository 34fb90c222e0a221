/**
 * The symbol files of a session: those of --symbols, or the kernel that the guest boots where none are given. They are
 * read once, and only when somebody asks: the checker for the kernel's types and addresses, the printer for names, a
 * walk of the stack, disasm(), the providers of code probes.
 */
import type { Diagnostic } from '../diag/diagnostics.ts';
import type { Program } from '../dif/program.ts';
import type { StackWalker } from '../machine/target.ts';
import type { EventSource } from '../sources/source.ts';
import type { SymbolSet } from '../symbols/symbol-set.ts';
import type { TracedGuest } from './guest.ts';
import { type GuestKernel, openKernel } from './kernel.ts';
import type { SessionIo, SessionRequest } from './request.ts';
import { openStacks } from './stacks.ts';
import { type CodeImage, openSymbols, readSymbolFiles, type SymbolFiles } from './symbols.ts';

export class TracedSymbols {
  /** What the program knows of the guest's kernel, once opened. */
  kernel: GuestKernel | undefined;
  private readonly request: SessionRequest;
  private readonly io: SessionIo;
  private readonly guest: TracedGuest;
  private names: readonly string[]; // FILE[@BASE]
  private files: Promise<SymbolFiles | Diagnostic> | undefined;

  constructor(request: SessionRequest, io: SessionIo, guest: TracedGuest) {
    this.request = request;
    this.io = io;
    this.guest = guest;
    this.names = request.symbols;
  }

  /** Whether there are any files. */
  get areGiven(): boolean {
    return this.names.length > 0;
  }

  /** What is read of them; undefined when there are none. */
  async read(): Promise<SymbolFiles | Diagnostic | undefined> {
    return this.areGiven ? this.readFiles() : undefined;
  }

  private readFiles(): Promise<SymbolFiles | Diagnostic> {
    const { request, io } = this;
    const { attached, live } = this.guest;
    this.files ??= readSymbolFiles({
      files: this.names,
      traces: live ? [] : request.traces,
      ...(attached && { slideOf: (table) => attached.slideOf(table) }),
      err: request.options.flag('quiet') ? undefined : io.err,
      environment: io.environment,
    });
    return this.files;
  }

  /** Of a guest without --symbols, those of the kernel that it boots, if it has any. */
  async takeGuestKernel(): Promise<void> {
    const { kernel } = this.guest;
    if (kernel === undefined || this.areGiven) return;
    const files = await this.readGuestKernel(kernel);
    if ('tag' in files) return;
    this.names = [kernel];
    this.files = Promise.resolve(files);
  }

  private readGuestKernel(kernel: string): Promise<SymbolFiles | Diagnostic> {
    const { environment } = this.io;
    return readSymbolFiles({ files: [kernel], traces: [], err: undefined, environment });
  }

  /** Their code; where they are only a list, that of the guest that is traced. */
  async codeOf(files: SymbolFiles): Promise<readonly CodeImage[]> {
    const code = await files.openCode();
    const { kernel, attached } = this.guest;
    if (code.length === 0 && attached) return [await attached.code()];
    if (code.length > 0 || kernel === undefined) return code;
    const own = await this.readGuestKernel(kernel);
    return 'tag' in own ? code : own.openCode();
  }

  /** What the checker asks of the guest's kernel. */
  async openKernel(texts: readonly string[]): Promise<Diagnostic | undefined> {
    const kernel = this.areGiven ? await openKernel(texts, () => this.readFiles()) : undefined;
    if (kernel && 'tag' in kernel) return kernel;
    this.kernel = kernel;
    return undefined;
  }

  /** What addresses are called, where the programs print any. */
  openNames(programs: readonly Program[]): Promise<SymbolSet | Diagnostic | undefined> {
    return openSymbols({
      files: this.names,
      programs,
      demangles: this.request.options.text('demangle') === 'yes',
      read: () => this.readFiles(),
    });
  }

  /** What follows the guest's stacks, where the programs ask for any. */
  openStacks(
    programs: readonly Program[],
    source: EventSource | undefined,
  ): Promise<StackWalker | undefined> {
    return openStacks({
      programs,
      memory: source?.guestMemory,
      readSymbols: this.areGiven ? () => this.readFiles() : undefined,
      everywhere: this.guest.machine !== undefined,
    });
  }

  /** Opens the code that disasm() shows; undefined where there is none. */
  get imageOpener(): (() => Promise<readonly CodeImage[]>) | undefined {
    return this.areGiven ? () => this.openImages() : undefined;
  }

  private async openImages(): Promise<readonly CodeImage[]> {
    const files = await this.readFiles();
    return 'tag' in files ? [] : files.openCode();
  }
}
