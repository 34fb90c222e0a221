/**
 * Whose log a trace is, told by its first line that only one target writes, and the scanner that reads it.
 *
 * A log that is being written may begin with a guest's console only. Then nothing is scanned until such a line has come,
 * until UNDECIDED_BYTES are there, or until the log falls silent; from then on it counts as an x86 log, unless another
 * target shows before the first event.
 */
import fs from 'node:fs';
import type { LinearMemory } from '../base/linear-memory.ts';
import type { Architecture } from '../machine/causes.ts';
import { ARCHITECTURE_IDS } from '../machine/causes.ts';
import type { EventBatch, RegisterReader } from '../machine/event-batch.ts';
import { openInput } from './input.ts';
import { LineLog } from './line-log.ts';
import { ArmRules } from './qemu-arm/arm-log.ts';
import { RiscvRules } from './qemu-riscv/riscv-log.ts';
import type { CpuTable } from './qemu-x86/cpus.ts';
import { IntLogScanner, type IntLogSetup } from './qemu-x86/int-log.ts';
import { type LogScanner, NO_NUMBER, type Sightings } from './scanner.ts';
import { Window } from './window.ts';

/** So much console text may come before the first line that tells. */
const UNDECIDED_BYTES = 64 * 1024;
/** A file is looked at so far beforehand. */
const SNIFF_BYTES = 4 << 20;
const SNIFF_WINDOW_BYTES = 128 * 1024;
const FIRST_BYTES = 4096;

const X86 =
  '^ *\\d+: v=[0-9a-f]{2} e=|check_exception old: |Servicing hardware INT=|^[RE]AX=[0-9a-f]{8}|^SMM: |^Triple fault';
const ARM =
  'Taking exception \\d+ \\[|Exception return from AArch|^ PC=[0-9a-f]{16} X00=|^R00=[0-9a-f]{8} R01=';
const RISCV = 'riscv_cpu_do_interrupt: |^ x0/zero +0|^ mhartid +[0-9a-f]{8}';
const TELLING = new RegExp(`(${X86})|(${ARM})|(${RISCV})`, 'm');
/** Each match of TELLING has one of these in it. To look for them is fast, since no log is full of their first bytes. */
const SIGNS = [
  ...[': v=', '_exception old: ', 'Servicing', 'AX=', 'SMM: ', 'iple fault'],
  ...['king exception ', 'Exception return from AArch', 'PC=', 'R00='],
  ...['_cpu_do_interrupt: ', 'zero ', 'mhartid '],
] as const;
/** Events that every target logs alike. */
const EVENTFUL = /^(?:Trace |Invalid (?:read|write|access) at addr )/m;
const ORDER: readonly Architecture[] = ['x86', 'arm', 'riscv'];

/** The target that the text in the window tells; undefined when it does not. */
export function targetIn(window: Window): Architecture | undefined {
  const bytes = bytesOf(window);
  if (!SIGNS.some((sign) => bytes.includes(sign, 0, 'latin1'))) return undefined;
  // Nearly always the first lines tell.
  const found =
    TELLING.exec(bytes.toString('latin1', 0, FIRST_BYTES)) ??
    (bytes.length > FIRST_BYTES ? TELLING.exec(bytes.toString('latin1')) : undefined);
  const group = found?.slice(1).findIndex((part) => part !== undefined);
  return group === undefined ? undefined : ORDER[group];
}

function bytesOf({ memory: { u8 }, start, end }: Window): Buffer {
  return Buffer.from(u8.buffer, u8.byteOffset + start, end - start);
}

/** The target of a file that can be read twice; undefined when its beginning does not tell. */
export async function targetOf(
  path: string,
  memory: LinearMemory,
  window = new Window(memory, SNIFF_WINDOW_BYTES),
): Promise<Architecture | undefined> {
  const input = await openInput(path, -1);
  if ('tag' in input) return undefined;
  window.attach(input);
  let target: Architecture | undefined;
  while (target === undefined && !window.ended && window.loadedBytes < SNIFF_BYTES) {
    window.start = Math.max(window.start, window.end - MAX_TELLING_BYTES);
    await window.refill(window.start);
    target = targetIn(window);
  }
  input.close();
  return target;
}

/**
 * Whether the file is read as an x86 log from its first line on. That is one that tells so, and one that tells nothing and begins
 * with a record of -d exec, which is an event.
 */
export function isX86Log(path: string, target: Architecture | undefined): boolean {
  if (target !== undefined) return target === 'x86';
  const head = Buffer.alloc(UNDECIDED_BYTES);
  try {
    if (!fs.statSync(path).isFile()) return false; // opening a FIFO would wait for its writer
    const fd = fs.openSync(path, 'r');
    try {
      const length = fs.readSync(fd, head, 0, head.length, 0);
      return EXEC_RECORD.test(head.toString('latin1', 0, length));
    } finally {
      fs.closeSync(fd);
    }
  } catch {
    return false;
  }
}

const EXEC_RECORD = /^Trace \d+: 0x[0-9a-f]+ \[[0-9a-f/]+\]/;

/** A telling text that is cut by the window's end is whole in the next one. */
const MAX_TELLING_BYTES = 256;

/** The scanner of whatever target the log turns out to be of. */
export class TargetScanner implements LogScanner {
  private readonly name: string;
  private readonly setup: IntLogSetup;
  private chosen: LogScanner;
  private readonly x86: IntLogScanner;
  private readonly eventsBefore: number;
  private settledEnd = 0; // of the window, when its text last fell silent
  private state: 'undecided' | 'assumed' | 'told' = 'undecided';

  constructor(name: string, setup: IntLogSetup) {
    this.name = name;
    this.setup = setup;
    this.x86 = new IntLogScanner(name, setup);
    this.chosen = this.x86;
    this.eventsBefore = setup.ledger.events;
  }

  get texts(): RegisterReader {
    return this.chosen.texts;
  }

  get sightings(): Sightings {
    return this.chosen.sightings;
  }

  get done(): boolean {
    return this.chosen.done;
  }

  get cpus(): CpuTable {
    return this.chosen.cpus;
  }

  get lastNumber(): number {
    return this.chosen === this.x86 ? this.chosen.lastNumber : NO_NUMBER - 1; // no file goes on where it ended
  }

  get keepFrom(): number {
    return this.state === 'undecided' ? this.setup.window.start : this.chosen.keepFrom;
  }

  get holds(): boolean {
    const { window } = this.setup;
    return this.state === 'undecided' ? window.end !== this.settledEnd : this.chosen.holds;
  }

  /** Text without any event need not leave; an event that does not tell its target must. */
  settle(): void {
    const { window } = this.setup;
    this.settledEnd = window.end;
    if (this.state === 'undecided' && EVENTFUL.test(bytesOf(window).toString('latin1')))
      this.state = 'assumed';
    this.chosen.settle();
  }

  scan(batch: EventBatch): void {
    if (this.state !== 'told') this.decide();
    if (this.state === 'undecided') return;
    batch.registers = this.chosen.texts;
    if (this.chosen === this.x86) batch.architecture = ARCHITECTURE_IDS.x86;
    this.chosen.scan(batch);
  }

  private decide(): void {
    const { window, ledger } = this.setup;
    if (this.state === 'assumed' && ledger.events > this.eventsBefore) {
      this.state = 'told';
      return;
    }
    const target = targetIn(window);
    if (target === undefined) {
      if (window.ended || window.end - window.start > UNDECIDED_BYTES) this.state = 'assumed';
      return;
    }
    this.state = 'told';
    if (target === 'x86') return;
    const rules = target === 'arm' ? new ArmRules() : new RiscvRules();
    this.chosen = new LineLog(this.name, this.setup, rules, this.x86.nextLine);
  }
}
