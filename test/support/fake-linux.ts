/**
 * A Linux guest made of a few pages: real types (Debian's 6.1 BTF), a handful of symbols, and memory in which CPU 0 runs
 * bash (thread 4243 of process 4242) and CPU 1 its idle task. What D programs print about it comes back as text.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { LinearMemory } from '../../src/base/linear-memory.ts';
import type { Kernel } from '../../src/check/kernel.ts';
import { createConsumer } from '../../src/consumer/consumer.ts';
import { builtinName } from '../../src/dif/builtin-ids.ts';
import { createOptions } from '../../src/dif/options.ts';
import { createEngine } from '../../src/engine/engine.ts';
import { Firing } from '../../src/engine/firing.ts';
import { ProbeTable } from '../../src/engine/probes.ts';
import { EventBatch } from '../../src/machine/event-batch.ts';
import { REGISTERS } from '../../src/machine/registers.ts';
import type { MemoryReader } from '../../src/machine/target.ts';
import { openBtf } from '../../src/symbols/btf.ts';
import { BtfKernelTypes } from '../../src/symbols/kernel-types.ts';
import { linuxProcess } from '../../src/symbols/linux-task.ts';
import { TOP } from './cli.ts';
import { compiledD } from './compile-d.ts';
import { SIZES } from './program-run.ts';

const btf = openBtf(gunzipSync(readFileSync(`${TOP}/examples/symbols/linux-6.1.0-56-amd64.btf.gz`)));
if (typeof btf === 'string') throw new Error(btf);
export const KERNEL_TYPES = new BtfKernelTypes();
KERNEL_TYPES.add('vmlinux', btf);

/** Each CPU's own block; the GS base of its kernel. */
export const CPU_BASES = [0xffff88801f200000n, 0xffff88801f300000n] as const;
export const TASK = 0xffff888004567000n;
const PARENT = 0xffff888004500000n;
const CRED = 0xffff888004400000n;
const IDLE = 0xffff888004300000n;

const SYMBOLS: Readonly<Record<string, { address: bigint; sizeBytes: number; isFunction: boolean }>> = {
  current_task: { address: 0x1fb80n, sizeBytes: 0, isFunction: false },
  cpu_number: { address: 0x199e0n, sizeBytes: 0, isFunction: false },
  jiffies: { address: 0xffffffff82a079c0n, sizeBytes: 64, isFunction: false },
  init_task: { address: IDLE, sizeBytes: 0, isFunction: false },
  linux_banner: { address: 0xffffffff82161900n, sizeBytes: 0, isFunction: false },
  sixteen_bits: { address: 0xffffffff82a00010n, sizeBytes: 2, isFunction: false },
  a_table: { address: 0xffffffff82a00020n, sizeBytes: 24, isFunction: false },
  schedule: { address: 0xffffffff81a52dd0n, sizeBytes: 128, isFunction: true },
};

export const KERNEL: Kernel = { types: KERNEL_TYPES, symbols: { find: (name) => SYMBOLS[name] } };
export const LAYOUT = linuxProcess(KERNEL_TYPES, (name) => SYMBOLS[name]?.address)!;

/** Bytes by address; the rest of the address space cannot be read. */
class Pages implements MemoryReader {
  readonly reads: bigint[] = [];
  private readonly pages = new Map<bigint, Uint8Array>();

  write(address: bigint, value: string | bigint, sizeBytes = 8): void {
    const word = new DataView(new ArrayBuffer(8));
    if (typeof value === 'bigint') word.setBigUint64(0, BigInt.asUintN(64, value), true);
    const bytes =
      typeof value === 'bigint' ? new Uint8Array(word.buffer, 0, sizeBytes) : new TextEncoder().encode(value);
    bytes.forEach((byte, i) => {
      this.page(address + BigInt(i))[Number((address + BigInt(i)) & 4095n)] = byte;
    });
  }

  read(address: bigint, size: number, out: Uint8Array): number {
    this.reads.push(address);
    for (let i = 0; i < size; i++) {
      const at = address + BigInt(i);
      const page = this.pages.get(at >> 12n);
      if (page === undefined) return i;
      out[i] = page[Number(at & 4095n)]!;
    }
    return size;
  }

  private page(address: bigint): Uint8Array {
    const page = this.pages.get(address >> 12n) ?? new Uint8Array(4096);
    this.pages.set(address >> 12n, page);
    return page;
  }
}

/** Places are those of the kernel's own headers for this build, as numbers. */
export function linuxMemory(): Pages {
  const memory = new Pages();
  const task = (at: bigint, pid: bigint, tgid: bigint, comm: string, parent: bigint) => {
    memory.write(at + 24n, 1n, 4); // __state: TASK_INTERRUPTIBLE
    memory.write(at + 2344n, 0b100n, 4); // in_execve is bit 2 of this word
    memory.write(at + 2416n, pid, 4);
    memory.write(at + 2420n, tgid, 4);
    memory.write(at + 2432n, parent);
    memory.write(at + 2960n, CRED);
    memory.write(at + 2976n, `${comm}\0`);
  };
  memory.write(CPU_BASES[0] + 0x1fb80n, TASK);
  memory.write(CPU_BASES[1] + 0x1fb80n, IDLE);
  memory.write(CPU_BASES[0] + 0x199e0n, 0n, 4);
  memory.write(CPU_BASES[1] + 0x199e0n, 1n, 4);
  task(TASK, 4243n, 4242n, 'bash', PARENT);
  task(PARENT, 4000n, 4000n, 'login', IDLE);
  task(IDLE, 0n, 0n, 'swapper/1', IDLE);
  memory.write(CRED + 8n, 1000n, 4); // behind `usage`, a long
  memory.write(CRED + 12n, 0xfffffffen, 4);
  memory.write(0xffffffff82a079c0n, 4294937296n);
  memory.write(0xffffffff82161900n, 'Linux version 6.1.0-56-amd64\n\0');
  memory.write(0xffffffff82a00010n, 0xffffffff1234n);
  memory.write(0xffffffff82a00020n, 0x1122334455667788n);
  return memory;
}

export interface GuestRun {
  readonly memory?: Pages | undefined;
  readonly kernel?: Kernel;
  /** CPUs on which PROBE fires, in order, and the GS base that each event's registers show. */
  readonly events?: readonly { readonly cpu: number; readonly gsBase?: bigint }[];
  /** What a live source tells; nothing when absent. */
  readonly kernelGsBase?: (cpu: number) => bigint | undefined;
}

/** Standard output, then standard error, of a program on `BEGIN` and `vec:::`. */
export function runOnGuest(text: string, run: GuestRun = {}): string {
  const { kernel = KERNEL, events = [{ cpu: 0, gsBase: CPU_BASES[0] }], kernelGsBase } = run;
  const program = compiledD(text, kernel);
  const memory = new LinearMemory();
  const probes = new ProbeTable();
  for (const name of ['BEGIN', 'END', 'ERROR']) probes.create('dtrace', '', '', name);
  const { id } = probes.create('vec', 'exception', 'page_fault', '0x0e');
  const batch = new EventBatch(memory, 4);
  const firing = new Firing(memory, batch);
  const engine = createEngine({
    ...{ memory, probes, firing, sizes: SIZES, symbols: undefined, randomSeed: 1, destructive: false },
    identity: { tracerName: 'trapline', tracerPid: 77, sourceName: 'guest' },
    guestMemory: 'memory' in run ? run.memory : linuxMemory(),
    guestContext: kernelGsBase && { kernelGsBase },
    processLayout: kernel.types === undefined ? undefined : LAYOUT,
  });
  let output = '';
  const print = (more: string): void => {
    output += more;
  };
  const options = createOptions();
  options.set('quiet', undefined, 'command');
  const consumer = createConsumer({
    out: { write: (bytes) => print(new TextDecoder('latin1').decode(bytes)) },
    err: print,
    options,
    programs: [program],
    aggregations: engine.aggregations,
    variableName: builtinName,
    runShell: () => {},
    openFile: () => 'no files here',
  });
  for (const clause of program.clauses) {
    engine.enable(
      program,
      clause,
      clause.patterns.flatMap((pattern) => probes.match(pattern).map((probe) => probe.id)),
    );
  }
  const refused = engine.ready();
  if (refused !== undefined) throw new Error(refused);
  engine.begin();
  for (const { cpu, gsBase } of events) {
    firing.cpu = cpu;
    firing.row = 0;
    batch.count = 1;
    batch.registers = {
      read: (_row, register, out, at) => {
        if (register !== REGISTERS.gs_base.id || gsBase === undefined) return false;
        out.u64[at >>> 3] = gsBase;
        return true;
      },
    };
    engine.fire(id);
  }
  engine.drain(consumer);
  consumer.finish();
  return output.trim();
}
