/**
 * Addresses and stacks as text (d-language.md 8.7). Without symbols an address prints as `0x…`.
 */
import type { Symbolizer } from '../dif/consumer-contract.ts';
import { stackEndText } from '../symbols/stack-ends.ts';
import type { SpecialType } from '../types/type.ts';
import type { TextBuffer } from './text-buffer.ts';
import type { Field } from './values.ts';

/** ``module`symbol+0xoff``; the offset is omitted when 0. */
export function addressText(symbols: Symbolizer | undefined, address: bigint): string {
  const found = symbols?.lookup(address);
  if (!found) return `0x${address.toString(16)}`;
  if (found.name === '') return `${found.module}\`0x${address.toString(16)}`;
  const offset = found.offset === 0n ? '' : `+0x${found.offset.toString(16)}`;
  return `${found.module}\`${found.name}${offset}`;
}

/**
 * A frame that will be returned to. Behind a call that never returns (`do_exit`, a panic) a function may end, and then the
 * address is of no symbol: it is the caller's all the same.
 */
function returnText(symbols: Symbolizer | undefined, address: bigint): string {
  const found = symbols?.lookup(address);
  if (found && found.name === '') {
    const caller = symbols?.lookup(address - 1n);
    if (caller && caller.name !== '')
      return `${caller.module}\`${caller.name}+0x${(caller.offset + 1n).toString(16)}`;
  }
  return addressText(symbols, address);
}

/**
 * What sym() and its kin show: the symbol without an offset, mod() and umod() the module alone, umod() by the last part
 * of its path, uaddr() all of it.
 */
export function symbolText(
  symbols: Symbolizer | undefined,
  address: bigint,
  shows: SpecialType['shows'],
): string {
  const found = symbols?.lookup(address);
  if (!found || shows === 'uaddr') return addressText(symbols, address);
  if (shows === 'mod') return found.module;
  if (shows === 'umod') return found.module.slice(found.module.lastIndexOf('/') + 1);
  return found.name === '' ? addressText(symbols, address) : `${found.module}\`${found.name}`;
}

/** A newline, then one line per frame; the first zero ends the stack, or a mark that says why it is not known further. */
export function writeStack(
  out: TextBuffer,
  field: Field,
  symbols: Symbolizer | undefined,
  indent: number,
): void {
  out.byte(0x0a);
  const { u64 } = field.memory;
  for (let at = 0; at + 8 <= field.sizeBytes; at += 8) {
    const address = u64[(field.offset + at) >>> 3]!;
    if (address === 0n) return;
    out.blanks(indent);
    const end = stackEndText(address);
    const frameText = at === 0 ? addressText : returnText;
    out.text(end === undefined ? frameText(symbols, address) : `(${end})`);
    out.byte(0x0a);
  }
}
