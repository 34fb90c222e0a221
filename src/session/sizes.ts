/**
 * Sizes of buffers as they can be had: one larger than there is memory for is halved until it can, which is said, or is
 * an error with `-x bufresize=manual` (d-language.md 9.7).
 *
 * The principal buffer is halved again by the engine when its memory does not suffice, so it says what it has.
 */
import type { OptionName, Options } from '../dif/options.ts';
import { PREFIX } from './notices.ts';

/** Buffers are made of these: what is smaller holds nothing, not even the mark of a firing. */
const WORD_BYTES = 8;

/** Why tracing cannot begin, in the library's words; undefined when every size can be had or may be halved. */
export function refusedSize(options: Options): string | undefined {
  if (options.number('bufsize') < WORD_BYTES) return 'Enabling exceeds size of buffer';
  if (options.text('bufresize') !== 'manual') return undefined;
  const tooLarge = options
    .entries()
    .some(({ name, def, explicit }) => def.lowered && explicit && options.number(name) > def.lowered.most);
  return tooLarge ? 'Cannot allocate memory' : undefined;
}

/** The size that an option stands for: what was asked for, or what of it can be had. */
export function takenSize(options: Options, name: OptionName): number {
  const entry = options.entries().find((row) => row.name === name);
  const most = entry?.def.lowered?.most ?? Number.POSITIVE_INFINITY;
  let taken = options.number(name);
  while (taken > most) taken = Math.floor(taken / 16) * 8;
  return taken;
}

/** `buffer size lowered to 2m`, for every size that is not what was asked for. `bufferBytes` is the engine's. */
export function sizeNotices(options: Options, bufferBytes: number): string {
  const lines = options.entries().map(({ name, def, explicit }) => {
    if (!def.lowered || !explicit) return '';
    const taken = name === 'bufsize' ? bufferBytes : takenSize(options, name);
    const isLower = taken > 0 && taken < options.number(name) - UNALIGNED_BYTES;
    return isLower ? `${PREFIX}${def.lowered.called} lowered to ${sizeText(taken)}\n` : '';
  });
  return lines.join('');
}

/** A size is rounded down to whole words without a word. */
const UNALIGNED_BYTES = 7;

/** The largest unit that divides the size, as `-b` takes it. */
function sizeText(bytes: number): string {
  const power = ['', 'k', 'm', 'g'].findLastIndex((_letter, i) => bytes % 1024 ** i === 0);
  return power === 0 ? `${bytes} bytes` : `${bytes / 1024 ** power}${'kmg'[power - 1]}`;
}
