/**
 * Where a plain log is cut into pieces: behind the last line of a register dump near each multiple of the piece's size, or in
 * front of a `Trace` line where there are no dumps. There nothing of a record before is still to come (qemu-x86/scan-state.ts),
 * also no `Stopped execution`, which would take back a record of the piece before.
 *
 * A cut depends on the file alone, so whoever looks finds the same. Where no such place is near, there is no cut.
 */
import fs from 'node:fs';
import { HELD_LINES } from '../qemu-x86/scan-state.ts';

/** So much is looked at for a place: a few records, or else more, where there are many lines without one. */
const LOOKS_BYTES = [12 * 1024, 64 * 1024, 512 * 1024];
/** A file that grows or shrinks does so at its end, which therefore is nobody's piece but the reader's who meets it. */
const TAIL_BYTES = 1 << 20;

/** Behind a dump's last line; or, of a log without dumps, in front of a record of -d exec. */
const DUMP_END = /\nEFER=[0-9a-f]{16}\r?\n/g;
const TRACE = /\n(?=Trace \d)/g;

export class Cuts {
  /** Piece n is from cut n to cut n + 1; the last one has no end. */
  readonly pieces: number;
  private readonly fd: number;
  private readonly pieceBytes: number;
  private readonly sizeBytes: number;
  private readonly known = new Map<number, number | undefined>();

  /** Tests cut small files into small pieces. */
  constructor(fd: number, sizeBytes: number, pieceBytes: number) {
    this.fd = fd;
    this.sizeBytes = sizeBytes;
    this.pieceBytes = pieceBytes;
    const tail = Math.min(TAIL_BYTES, pieceBytes);
    this.pieces = Math.max(1, Math.ceil((sizeBytes - tail) / pieceBytes) + 1);
  }

  /** The byte where piece `n` begins; undefined where no place is near. */
  at(n: number): number | undefined {
    if (n === 0) return 0;
    if (!this.known.has(n)) this.known.set(n, this.find(this.nominal(n)));
    return this.known.get(n);
  }

  /** A place that a piece may be entered from, `bytes` before its beginning, to learn what the lines there tell. */
  before(n: number, bytes: number): number | undefined {
    const nominal = this.nominal(n) - bytes;
    return nominal <= 0 ? 0 : this.find(nominal);
  }

  private nominal(n: number): number {
    const tail = Math.min(TAIL_BYTES, this.pieceBytes);
    return n === this.pieces - 1 ? Math.max(1, this.sizeBytes - tail) : n * this.pieceBytes;
  }

  private find(from: number): number | undefined {
    for (const bytes of LOOKS_BYTES) {
      const text = this.textAt(from, bytes);
      const place = placeIn(text, DUMP_END) ?? placeIn(text, TRACE);
      if (place !== undefined) return from + place;
    }
    return undefined;
  }

  /** Nothing where the file cannot be read: whoever reads there says so. */
  private textAt(from: number, size: number): string {
    const bytes = Buffer.allocUnsafe(size);
    try {
      return bytes.toString('latin1', 0, fs.readSync(this.fd, bytes, 0, size, from));
    } catch {
      return '';
    }
  }
}

/** Behind the first match with enough lines behind it, none of which takes a record back. */
function placeIn(text: string, pattern: RegExp): number | undefined {
  for (const match of text.matchAll(pattern)) {
    const place = match.index + match[0].length;
    const lines = text.slice(place).split('\n', HELD_LINES + 1);
    if (lines.length > HELD_LINES && !lines.some((line) => line.startsWith('Stopped execution')))
      return place;
  }
  return undefined;
}
