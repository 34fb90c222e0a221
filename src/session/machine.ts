/**
 * `--machine IMAGE`: the built-in machine as the session sees it.
 *
 *   prepare   before the program is compiled: the image can be started
 *   open      the enabled probes' places are watched; a source whose first batch begins the guest
 *
 * The guest's console is standard output, as it is of a guest of -c. It is written between batches, when what the program
 * recorded before it has been printed, so the two are always interleaved alike.
 */
import type { LinearMemory } from '../base/linear-memory.ts';
import { type Diagnostic, diagnostic } from '../diag/diagnostics.ts';
import { type Image, loadImage, readImage } from '../emulator/loader.ts';
import { Machine, type MachineEnd } from '../emulator/machine.ts';
import { MachineSource } from '../emulator/source.ts';
import type { SourceNeeds } from '../machine/needs.ts';
import type { EventSource } from '../sources/source.ts';
import { readWholeFile } from '../sources/whole-file.ts';
import { openTranslator, type Translator } from '../x86/translate.ts';
import { type PatchedSite, Patching } from './patching.ts';

export interface MachineRequest {
  readonly image: string; // path
  readonly cpus: number; // -x cpus
  readonly seed: number; // -x seed
  readonly append: string; // -x append
  readonly patches: boolean; // -x fbt=patch
  readonly inject: string | undefined; // -x inject
}

export interface MachineOpen {
  readonly sites: readonly PatchedSite[];
  readonly interrupts: boolean;
  readonly returns: boolean;
  readonly readsMemory: boolean;
  readonly needs: SourceNeeds;
  readonly memory: LinearMemory;
  /** The guest's console. */
  readonly print: (bytes: Uint8Array) => void;
  /** Safe mode is on at this moment. */
  readonly isSafe: () => boolean;
  readonly say: (text: string) => void;
}

export class MachineSession {
  readonly path: string;
  private readonly request: MachineRequest;
  private readonly image: Image;
  private translator: Translator | undefined;
  /** Once open, when places are patched. */
  patching: Patching | undefined;

  static async prepare(request: MachineRequest): Promise<MachineSession | Diagnostic> {
    const bytes = await readWholeFile(request.image);
    if (typeof bytes === 'string') return refuse(request.image, bytes);
    const image = readImage(bytes);
    return typeof image === 'string' ? refuse(request.image, image) : new MachineSession(request, image);
  }

  private constructor(request: MachineRequest, image: Image) {
    this.request = request;
    this.image = image;
    this.path = request.image;
  }

  get name(): string {
    return this.path.split('/').at(-1) ?? '';
  }

  async open(wanted: MachineOpen): Promise<EventSource | Diagnostic> {
    const machine = await this.load();
    if ('tag' in machine) return machine;
    const patching = await this.patch(machine, wanted.sites, wanted.isSafe);
    if (patching && 'tag' in patching) return patching;
    const source = new MachineSource({
      machine,
      name: this.name,
      needs: wanted.needs,
      sites: patching?.watched ?? wanted.sites.map(({ address }) => address),
      interrupts: wanted.interrupts,
      returns: wanted.returns,
      // Arguments beyond the sixth lie on the stack.
      readsMemory: wanted.readsMemory || (wanted.sites.length > 0 && wanted.needs.args),
      print: wanted.print,
      ...(patching && { uncover: (address, bytes) => patching.uncover(address, bytes) }),
      ended: (end) => {
        const text = endText(end);
        if (text !== undefined) wanted.say(`${this.name}: ${text}`);
      },
    });
    patching?.begin(source);
    return source;
  }

  /** The sites as they would be patched, of a machine that does not run. */
  async sitesOf(sites: readonly PatchedSite[]): Promise<string | Diagnostic> {
    const machine = await this.load();
    if ('tag' in machine) return machine;
    const patching = await this.patch(machine, sites, () => true);
    return patching === undefined || 'tag' in patching ? (patching ?? '') : patching.listing;
  }

  private async load(): Promise<Machine | Diagnostic> {
    const { cpus, seed, append } = this.request;
    this.translator = await openTranslator();
    const machine = new Machine({ cpus, seed, translator: this.translator });
    const reason = loadImage(machine, this.image, append);
    return reason === undefined ? machine : refuse(this.path, reason);
  }

  private async patch(
    machine: Machine,
    sites: readonly PatchedSite[],
    isSafe: () => boolean,
  ): Promise<Patching | Diagnostic | undefined> {
    const { patches, inject } = this.request;
    const { image, translator } = this;
    if (!patches || sites.length === 0 || translator === undefined) return undefined;
    const patching = await Patching.open({ machine, image, translator, sites, inject, isSafe });
    if (!('tag' in patching)) this.patching = patching;
    return patching;
  }
}

/** What is worth saying of a guest's end; switching itself off is not. */
function endText(end: MachineEnd): string | undefined {
  switch (end.kind) {
    case 'power-off':
      return undefined;
    case 'debug-exit':
      return `the guest left by the debug port with ${end.code}`;
    case 'reset':
      return 'the guest reset the machine';
    case 'triple-fault':
      return 'the guest ended in a triple fault';
    case 'dead':
      return 'all CPUs halt, and nothing will wake them';
  }
}

function refuse(image: string, reason: string): Diagnostic {
  return diagnostic('U_MACHINE', undefined, { image, reason });
}
