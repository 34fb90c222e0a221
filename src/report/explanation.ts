/** What `trapline explain` says of one event, as a value: explain.ts makes it, explain-text.ts and JSON show it. */

export interface Explanation {
  readonly place: string; // FILE:LINE
  readonly event: number;
  readonly cpu: number;
  readonly why: string; // this event and no other; empty when the user named it
  readonly title: string; // #PF page fault
  readonly level: string; // in the kernel (CPL 0)
  readonly facts: readonly Fact[];
  readonly code: CodeSection | undefined; // undefined: no file with code was given
  readonly registers: readonly NamedValue[] | undefined; // undefined: this architecture's logs have none as a rule
  /** What is remarkable at this event and those that followed from it. */
  readonly seen: readonly string[];
  /** What followed, a line each. */
  readonly cascade: readonly string[];
  readonly before: readonly { readonly cpu: number; readonly events: readonly string[] }[];
}

export interface Fact {
  readonly name: string; // error code
  readonly lines: readonly string[];
}

export interface NamedValue {
  readonly name: string;
  readonly value: bigint;
}

export interface CodeSection {
  readonly of: string; // `kernel`function+0x10 at main.c:12`; empty when unknown
  readonly lines: readonly CodeLine[];
  readonly pc: bigint;
  readonly notes: readonly string[]; // why there is none, or a warning
}

export interface CodeLine {
  readonly address: bigint;
  readonly bytes: string; // hex
  readonly text: string;
}

/** Code at an address, and what is around it. */
export interface CodeView {
  readonly lines: readonly CodeLine[];
  /** Whether the functions of the image, read from their starts, have an instruction there. */
  readonly isBoundary: boolean;
}

export type Bits = 16 | 32 | 64;

/** What is known of the guest's code. */
export interface GuestCode {
  /** `module`function+0x10` */
  readonly name: (address: bigint) => string | undefined;
  /** `mm/memory.c:123` */
  readonly line: (address: bigint) => string | undefined;
  /** Undefined without code there. */
  readonly around: (address: bigint, bits: Bits) => CodeView | undefined;
  /** A command that shows the code there, of architectures that are not disassembled here. */
  readonly objdump: (address: bigint) => string | undefined;
  readonly hasImage: boolean; // of x86 code
  readonly hasFiles: boolean; // any file was given
}

export function fact(name: string, ...lines: readonly string[]): Fact {
  return { name, lines };
}
