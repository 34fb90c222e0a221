/** Kernels on the built-in machine: the example kernel, or a few bytes of code that a test wraps as an image. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Image, loadImage, readImage } from '../../src/emulator/loader.ts';
import { Machine, type MachineWatcher } from '../../src/emulator/machine.ts';
import { openTranslator, type Translator } from '../../src/x86/translate.ts';
import { TOP } from './cli.ts';

export const EXAMPLE_KERNEL = `${TOP}examples/guest/kernel.elf`;
/** Enough for every run of these tests, several times over. */
const MOST_INSTRUCTIONS = 200_000_000;

let translator: Translator | undefined;

export interface GuestRun {
  readonly machine: Machine;
  readonly console: string;
  /** `guest: NAME VALUE` of the example kernel, all CPUs. */
  readonly counts: Readonly<Record<string, number>>;
  /** Of all memory at the end. */
  readonly memory: string;
}

export interface GuestOptions {
  readonly cpus?: number;
  readonly seed?: number;
  readonly append?: string;
  readonly image?: Image;
  /** Of the watcher that is installed besides the console's. */
  readonly watcher?: (machine: Machine) => MachineWatcher;
  /** Code addresses to be reported. */
  readonly watched?: readonly bigint[];
  /** Instructions of each call of `run`, in turn. */
  readonly slices?: readonly number[];
}

export async function newMachine(cpus = 1, seed = 1): Promise<Machine> {
  translator ??= await openTranslator();
  return new Machine({ cpus, seed, memoryBytes: 16 << 20, translator });
}

export function exampleImage(): Image {
  const image = readImage(readFileSync(EXAMPLE_KERNEL));
  if (typeof image === 'string') throw new Error(image);
  return image;
}

export async function runGuest(options: GuestOptions = {}): Promise<GuestRun> {
  const machine = await newMachine(options.cpus, options.seed);
  const refused = loadImage(machine, options.image ?? exampleImage(), options.append ?? '');
  if (refused !== undefined) throw new Error(refused);
  let console = '';
  if (options.watched) machine.watch(options.watched);
  machine.watcher = {
    print: (byte) => {
      console += String.fromCharCode(byte);
    },
    ...options.watcher?.(machine),
  };
  const slices = options.slices ?? [1_000_000];
  for (let i = 0; !machine.end && machine.executed < MOST_INSTRUCTIONS; i++)
    machine.run(slices[i % slices.length]!);
  return { machine, console, counts: countsOf(console), memory: memoryHash(machine) };
}

export function countsOf(text: string): Record<string, number> {
  const rows = [...text.matchAll(/^guest: ((?!cpu )[a-z0-9 ]+) (\d+)\r?$/gm)];
  return Object.fromEntries(rows.map(([, name, value]) => [name!, Number(value)]));
}

export function memoryHash(machine: Machine): string {
  return createHash('sha1').update(machine.memory.bytes).digest('hex');
}

/** Code that starts as a PVH guest does, in 32-bit protected mode, at 1 MiB. */
export function codeImage(hex: string): Image {
  const bytes = Buffer.from(hex.replace(/\s/g, ''), 'hex');
  return {
    entry: 0x100000,
    segments: [{ physical: 0x100000, virtual: 0x100000n, bytes, size: bytes.length }],
  };
}
