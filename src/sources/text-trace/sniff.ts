/**
 * The beginning of a file that is no QEMU log. It is looked at before anything else of this folder is loaded: a QEMU log
 * is told by its first lines, and one-liners over such logs must start fast.
 */
import { LinearMemory } from '../../base/linear-memory.ts';
import { openInput } from '../input.ts';
import { LINES, lineKind } from '../qemu-x86/lines.ts';
import { canBeReadTwice } from '../set.ts';
import { targetIn } from '../target.ts';
import { Window } from '../window.ts';

/** As much of a file as is looked at to tell its format: a kernel may print much before its first record. */
const SNIFF_BYTES = 1 << 18;
/** A QEMU log is told by its first lines. */
const SNIFF_STEP_BYTES = 1 << 15;

/** Undefined when there is a record of a QEMU log, or nothing that could be looked at beforehand. */
export async function foreignBeginning(path: string, stdin: number): Promise<string | undefined> {
  if (!canBeReadTwice(path)) return undefined;
  const input = await openInput(path, stdin);
  if ('tag' in input) return undefined;
  const window = new Window(new LinearMemory(), SNIFF_STEP_BYTES);
  window.attach(input);
  let text = '';
  let isQemu = false;
  while (!isQemu && !window.ended && window.loadedBytes < SNIFF_BYTES) {
    window.start = window.end;
    await window.refill(window.start);
    const { u8 } = window.memory;
    const bytes = Buffer.from(u8.buffer, u8.byteOffset + window.start, window.end - window.start);
    isQemu = targetIn(window) !== undefined || hasQemuRecord(bytes);
    text += bytes.toString('latin1');
  }
  input.close();
  return isQemu || text === '' ? undefined : text;
}

/** Records that every target logs alike, and QEMU's trace events. */
function hasQemuRecord(text: Buffer): boolean {
  for (let at = 0; at < text.length; ) {
    const newline = text.indexOf(0x0a, at);
    const end = newline < 0 ? text.length : newline;
    if (end > at && lineKind(text, at, end) !== LINES.none) return true;
    at = end + 1;
  }
  return false;
}
