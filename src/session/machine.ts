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
import { openTranslator } from '../x86/translate.ts';

export interface MachineRequest {
  readonly image: string; // path
  readonly cpus: number; // -x cpus
  readonly seed: number; // -x seed
  readonly append: string; // -x append
}

export interface MachineOpen {
  readonly sites: readonly { readonly address: bigint }[];
  readonly interrupts: boolean;
  readonly returns: boolean;
  readonly readsMemory: boolean;
  readonly needs: SourceNeeds;
  readonly memory: LinearMemory;
  /** The guest's console. */
  readonly print: (bytes: Uint8Array) => void;
  readonly say: (text: string) => void;
}

export class MachineSession {
  readonly path: string;
  private readonly request: MachineRequest;
  private readonly image: Image;

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
    const { cpus, seed, append } = this.request;
    const machine = new Machine({ cpus, seed, translator: await openTranslator() });
    const reason = loadImage(machine, this.image, append);
    if (reason !== undefined) return refuse(this.path, reason);
    return new MachineSource({
      machine,
      name: this.name,
      needs: wanted.needs,
      sites: wanted.sites.map(({ address }) => address),
      interrupts: wanted.interrupts,
      returns: wanted.returns,
      // Arguments beyond the sixth lie on the stack.
      readsMemory: wanted.readsMemory || (wanted.sites.length > 0 && wanted.needs.args),
      print: wanted.print,
      ended: (end) => {
        const text = endText(end);
        if (text !== undefined) wanted.say(`${this.name}: ${text}`);
      },
    });
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
