/** Run-time faults: code (as dtrace numbers them), text, and whether the message shows the value in parentheses. */
export interface FaultDef {
  readonly code: number;
  readonly text: string;
  readonly showsValue: boolean;
}

export const FAULTS = {
  UNKNOWN: { code: 0, text: 'unknown fault', showsValue: false },
  BADADDR: { code: 1, text: 'invalid address', showsValue: true },
  BADALIGN: { code: 2, text: 'invalid alignment', showsValue: true },
  ILLOP: { code: 3, text: 'illegal operation', showsValue: false },
  DIVZERO: { code: 4, text: 'divide-by-zero', showsValue: false },
  NOSCRATCH: { code: 5, text: 'out of scratch space', showsValue: false },
  KPRIV: { code: 6, text: 'invalid kernel access', showsValue: false },
  UPRIV: { code: 7, text: 'invalid user access', showsValue: false },
  TUPOFLOW: { code: 8, text: 'tuple stack overflow', showsValue: false },
  BADSTACK: { code: 9, text: 'bad stack', showsValue: true },
  BADSIZE: { code: 10, text: 'invalid size', showsValue: true },
  BADINDEX: { code: 11, text: 'index out of bounds', showsValue: true },
  // trapline's own: a built-in that this event or source does not carry. The value is the variable's id
  // (or SUBROUTINE_FAULT_BASE + a subroutine's), shown by name.
  NOVALUE: { code: 100, text: 'not carried by this event', showsValue: false },
  // trapline's own: what only a guest that runs can do. The value is an index of LIVE_ONLY.
  NOGUEST: { code: 101, text: 'needs a live guest', showsValue: false },
  LIBRARY: { code: 1000, text: 'library-level fault', showsValue: false },
} as const satisfies Record<string, FaultDef>;

/** What a log cannot do; NOGUEST faults say which it was. */
export const LIVE_ONLY = ['stop', 'raise', 'breakpoint', 'panic', 'chill', 'pcap'] as const;

/** What is missing, where it is more than that the guest runs. */
export const NEEDS: Readonly<Record<string, string>> = {
  pcap: 'needs network packets, which no source carries',
};

export type FaultName = keyof typeof FAULTS;
