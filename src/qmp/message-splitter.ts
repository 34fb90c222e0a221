/**
 * Bytes of a QMP connection, torn anywhere → the text of each whole message. QEMU ends messages with a line break, but
 * with `pretty=on` one message has many lines, so the end is where the outermost brace closes.
 */

/** `info tlb` answers with 3 MB; what is larger than this would not be read by anybody. */
export const MAX_MESSAGE_BYTES = 1 << 26;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN = 0x7b;
const CLOSE = 0x7d;

export class MessageSplitter {
  private parts: Uint8Array[] = []; // the unfinished message
  private size = 0;
  private depth = 0;
  private inString = false;
  private escaped = false;

  /** Whole messages in order, or why this cannot be QMP, as a clause. */
  push(chunk: Uint8Array): { readonly messages: readonly string[]; readonly error?: string } {
    const messages: string[] = [];
    let start = 0;
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i]!;
      if (this.inString) this.takeStringByte(byte);
      else if (byte === QUOTE) this.inString = this.depth > 0;
      else if (byte === OPEN) this.depth++;
      else if (byte === CLOSE && this.depth > 0 && --this.depth === 0) {
        messages.push(this.finish(chunk.subarray(start, i + 1)));
        start = i + 1;
      } else if (this.depth === 0 && byte > 0x20) {
        return { messages, error: `it said ${quote(chunk.subarray(i, i + 60))}` };
      }
      if (this.depth === 0) start = i + 1; // white space between messages
    }
    this.parts.push(chunk.subarray(start));
    this.size += chunk.length - start;
    if (this.size > MAX_MESSAGE_BYTES)
      return { messages, error: `a message has more than ${MAX_MESSAGE_BYTES} bytes` };
    return { messages };
  }

  private takeStringByte(byte: number): void {
    if (this.escaped) this.escaped = false;
    else if (byte === BACKSLASH) this.escaped = true;
    else if (byte === QUOTE) this.inString = false;
  }

  private finish(last: Uint8Array): string {
    const text = Buffer.concat([...this.parts, last]).toString('utf8');
    this.parts = [];
    this.size = 0;
    return text;
  }
}

function quote(bytes: Uint8Array): string {
  return JSON.stringify(Buffer.from(bytes).toString('latin1'));
}
