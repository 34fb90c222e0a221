/** One trace file on its way through the scanner: its input, its window, its state; and what to say when it is no log. */
import { type Diagnostic, diagnostic } from '../diag/diagnostics.ts';
import { Ledger } from '../machine/ledger.ts';
import type { ByteInput } from './byte-input.ts';
import { openInput, traceName } from './input.ts';
import { TraceEvents } from './qemu-events/events.ts';
import type { CpuTable } from './qemu-x86/cpus.ts';
import { openKernel } from './qemu-x86/kernel.ts';
import { DumpLayouts } from './qemu-x86/layouts.ts';
import { hasTimePrefix, traceEventTime } from './qemu-x86/lines.ts';
import type { LogScanner } from './scanner.ts';
import type { ReplayRequest } from './source.ts';
import { TargetScanner } from './target.ts';
import type { Window } from './window.ts';

/** One file being replayed. */
export interface Stream {
  readonly name: string;
  readonly input: ByteInput;
  readonly window: Window;
  readonly scanner: LogScanner;
}

/** What the files of one replay share. */
export interface Shared {
  readonly ledger: Ledger;
  readonly timeBase: { firstMicros: number };
  readonly layouts: DumpLayouts;
  /** Absent when nobody asks for trace events. */
  readonly traceEvents: TraceEvents | undefined;
}

export const newShared = ({ memory, needs, traceEvents }: ReplayRequest): Shared => ({
  ledger: new Ledger(),
  timeBase: { firstMicros: Number.NaN },
  layouts: new DumpLayouts(memory, openKernel(memory)),
  traceEvents: traceEvents && new TraceEvents(memory, traceEvents, needs),
});

export async function openStream(
  path: string,
  request: ReplayRequest,
  shared: Shared,
  window: Window,
  cpus: CpuTable,
): Promise<Stream | Diagnostic> {
  const input = await openInput(path, request.stdin, request.follow, request.isPrompt);
  if ('tag' in input) return input;
  window.attach(input);
  const { memory, needs, scan } = request;
  const name = request.name ?? traceName(path);
  return {
    name,
    input,
    window,
    scanner: new TargetScanner(name, { memory, window, needs, scan, cpus, ...shared }),
  };
}

/** What is left of a stream that has been read to its end. */
export interface ReadStream {
  readonly name: string;
  readonly input: Pick<ByteInput, 'damage'>;
  readonly window: Pick<Window, 'loadedBytes'>;
  readonly scanner: Pick<LogScanner, 'sightings'>;
}

/** What is wrong with a file that has been read to its end. */
export function troubleOf(
  { input, name, scanner, window }: ReadStream,
  ledger: Ledger,
  eventsBefore: number,
): Diagnostic | undefined {
  if (input.damage !== undefined) return input.damage;
  if (window.loadedBytes === 0) return diagnostic('U_TRACE_EMPTY', undefined, { path: name });
  // Other targets log CPU resets in the same words, without a dump that x86 would print.
  const { foreign, headers, servicing } = scanner.sightings;
  const hasEvents = ledger.events > eventsBefore || servicing > 0;
  if (hasEvents && (foreign === undefined || headers > 0)) return undefined;
  const { looks, ...hint } = looksOf(scanner, ledger);
  return diagnostic('U_TRACE_NO_RECORDS', undefined, { path: name, looks }, hint);
}

/** What a file without events is, in the user's words (empty when there is nothing to say), and what helps. */
function looksOf(
  scanner: ReadStream['scanner'],
  ledger: Ledger,
): { readonly looks: string; readonly hint?: string } {
  const { foreign, longBytes } = scanner.sightings;
  if (foreign !== undefined)
    return {
      looks: `: it is the log of ${foreign}, and only x86, Arm and RISC-V logs are replayed yet`,
      hint: '',
    };
  if (2 * longBytes > ledger.totalBytes) return { looks: ': its lines are too long for a QEMU log' };
  const unknown = ledger.losses.get('unknown')?.bytes ?? 0;
  return { looks: 2 * unknown > ledger.totalBytes ? ': it looks like binary data' : '' };
}

/** What times of lines end with or have in them (qemu-x86/lines.ts). */
const TIME_SIGNS = ['Z ', '@'] as const;

/** Whether the first window holds times. */
export function windowHasTime(window: Window): boolean {
  const { u8 } = window.memory;
  const bytes = Buffer.from(u8.buffer, u8.byteOffset + window.start, window.end - window.start);
  // Most logs have neither: then no line need be looked at.
  if (!TIME_SIGNS.some((sign) => bytes.includes(sign, 0, 'latin1'))) return false;
  for (let at = window.start; at < window.end; at = lineAfter(u8, at, window.end)) {
    if (hasTimePrefix(u8, at, window.end)) return true;
    if (u8[at]! >= 48 && u8[at]! <= 57 && traceEventTime(u8, at, window.end) >= 0) return true;
  }
  return false;
}

/** Start of the line after the one at `at`, at most `end`. */
export function lineAfter(u8: Uint8Array, at: number, end: number): number {
  const newline = u8.indexOf(0x0a, at);
  return newline < 0 || newline >= end ? end : newline + 1;
}
