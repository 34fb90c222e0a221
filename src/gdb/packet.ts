/**
 * The packets of gdb's remote serial protocol: bytes → items, payloads → bytes. A payload is a string of which each
 * character is one byte; nearly all are ASCII.
 *
 *   $ payload # hh       hh = sum of the payload's bytes as sent, modulo 256, two hex digits
 *   } c                  the byte c ^ 0x20; written for # $ * }
 *   c * n                c and n - 29 more of c (run-length)
 *   + / -                the last packet arrived / please repeat it
 *
 * The decoder takes bytes torn anywhere. A `$` inside a packet starts a new one, for a `$` in a payload is escaped.
 */

export type WireItem =
  | { readonly kind: 'packet'; readonly payload: string }
  | { readonly kind: 'ack' }
  | { readonly kind: 'nack' }
  /** A packet that cannot be used; `reason` says why in a clause. */
  | { readonly kind: 'damaged'; readonly reason: string }
  | { readonly kind: 'noise'; readonly text: string };

/** QEMU's own packets have 8 KiB at most, other stubs' 16; what is longer is not gdb's protocol. */
export const MAX_PACKET_BYTES = 1 << 17;

export function encodePacket(payload: string): string {
  const escaped = payload.replace(/[#$*}]/g, (char) => `}${String.fromCharCode(char.charCodeAt(0) ^ 0x20)}`);
  return `$${escaped}#${checksum(escaped)}`;
}

function checksum(text: string): string {
  let sum = 0;
  for (let i = 0; i < text.length; i++) sum += text.charCodeAt(i);
  return (sum & 0xff).toString(16).padStart(2, '0');
}

export class PacketDecoder {
  private held = ''; // the start of a packet that has not ended yet

  push(chunk: Uint8Array): WireItem[] {
    const text = this.held + Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString('latin1');
    this.held = '';
    const items: WireItem[] = [];
    let at = 0;
    while (at < text.length)
      at = text[at] === '$' ? this.packetAt(text, at, items) : outsideAt(text, at, items);
    return items;
  }

  /** Returns where to go on; keeps an unfinished packet for the next chunk. */
  private packetAt(text: string, start: number, items: WireItem[]): number {
    const hash = text.indexOf('#', start);
    const restart = text.indexOf('$', start + 1);
    if (restart >= 0 && (hash < 0 || restart < hash)) {
      items.push({ kind: 'damaged', reason: 'a packet that ends without a checksum' });
      return restart;
    }
    if ((hash < 0 ? text.length : hash) - start > MAX_PACKET_BYTES) {
      items.push({ kind: 'damaged', reason: `a packet of more than ${MAX_PACKET_BYTES} bytes` });
      return hash < 0 ? text.length : hash + 3;
    }
    if (hash < 0 || hash + 3 > text.length) {
      this.held = text.slice(start);
      return text.length;
    }
    items.push(checkPacket(text.slice(start + 1, hash), text.slice(hash + 1, hash + 3)));
    return hash + 3;
  }
}

/** One acknowledgement, or everything up to the next thing that has a meaning. */
function outsideAt(text: string, start: number, items: WireItem[]): number {
  if (text[start] === '+') items.push({ kind: 'ack' });
  else if (text[start] === '-') items.push({ kind: 'nack' });
  else {
    const length = /^[^$+]+/.exec(text.slice(start))![0].length; // a '-' within a sentence is noise too
    items.push({ kind: 'noise', text: text.slice(start, start + length) });
    return start + length;
  }
  return start + 1;
}

function checkPacket(raw: string, sent: string): WireItem {
  const sum = checksum(raw);
  if (sent.toLowerCase() !== sum) {
    return { kind: 'damaged', reason: `a packet with checksum ${sent} that should have ${sum}` };
  }
  const payload = /[}*]/.test(raw) ? expand(raw) : raw;
  if (payload === undefined) return { kind: 'damaged', reason: 'a packet with a wrong escape or run length' };
  return { kind: 'packet', payload };
}

/** Undoes escapes and run lengths. */
function expand(raw: string): string | undefined {
  let out = '';
  for (let i = 0; i < raw.length; i++) {
    const char = raw[i]!;
    if (char === '}') {
      if (++i === raw.length) return undefined;
      out += String.fromCharCode(raw.charCodeAt(i) ^ 0x20);
    } else if (char === '*') {
      const repeat = ++i < raw.length ? raw.charCodeAt(i) - 29 : 0;
      if (repeat < 3 || out === '') return undefined; // shorter runs are sent as they are
      out += out.at(-1)!.repeat(repeat);
    } else out += char;
    if (out.length > MAX_PACKET_BYTES) return undefined;
  }
  return out;
}

export function hexOfText(text: string): string {
  return Buffer.from(text, 'utf8').toString('hex');
}

/** Bytes of an even number of hex digits; undefined for anything else. */
export function bytesOfHex(hex: string): Uint8Array | undefined {
  return hex.length % 2 === 0 && /^[0-9a-fA-F]*$/.test(hex) ? Buffer.from(hex, 'hex') : undefined;
}
