/** Whether several files are the per-thread logs of one QEMU: told by the event numbers at their beginnings. */
import fs from 'node:fs';
import { openInput } from './input.ts';
import { newHeader, parseHeader } from './qemu-x86/header.ts';
import { MAX_LINE_BYTES } from './qemu-x86/int-log.ts';
import type { ReplayRequest } from './source.ts';
import { lineAfter } from './stream.ts';
import type { Window } from './window.ts';

/** Event numbers at the beginning of a file. */
export interface FileHead {
  readonly numbers: readonly number[];
}

/** Enough of a file to meet a few hundred records behind the noise of a boot. */
const SNIFF_BYTES = 4 << 20;
const SNIFF_NUMBERS = 512;

/** What a look at its beginning does not use up: a regular file. */
export function canBeReadTwice(path: string): boolean {
  try {
    return path !== '-' && fs.statSync(path).isFile();
  } catch {
    return false; // why it cannot be looked at, opening it will tell
  }
}

export async function sniff(
  path: string,
  request: ReplayRequest,
  window: Window,
): Promise<FileHead | undefined> {
  const input = await openInput(path, request.stdin);
  if ('tag' in input) return undefined;
  window.attach(input);
  const numbers: number[] = [];
  const header = newHeader();
  while (!window.ended && window.loadedBytes < SNIFF_BYTES && numbers.length < SNIFF_NUMBERS) {
    await window.refill(window.start);
    const { u8 } = request.memory;
    let at = window.start;
    for (let next = lineAfter(u8, at, window.end); next < window.end; next = lineAfter(u8, at, window.end)) {
      const end = parseHeader(u8, at, next, header);
      if (end > 0 && end <= next) numbers.push(header.seq);
      at = next;
    }
    // The last line may go on in the next window; a very long one is none of ours.
    window.start = window.end - at <= MAX_LINE_BYTES ? at : window.end;
  }
  input.close();
  return { numbers };
}

/** Whether the files are one run's: all their numbers differ. Files without numbers do not decide. */
export function isSet(heads: readonly (FileHead | undefined)[]): boolean {
  const numbered = heads.filter((head) => head !== undefined && head.numbers.length > 0);
  if (numbered.length < 2) return false;
  const seen = new Set<number>();
  for (const head of numbered) {
    for (const number of head!.numbers) {
      if (seen.has(number)) return false;
      seen.add(number);
    }
  }
  return true;
}
