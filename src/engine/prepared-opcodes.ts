/**
 * Opcodes of prepared code beyond those of DIF that are executed as they are. W[x] is the 64-bit value at word
 * index x; column cells are those of the firing's row, without which they fault NOVALUE with id b.
 */
export const PREPARED = {
  copy: 128, // W[c] := W[a]
  address: 129, // W[c] := address of engine offset a
  loadRef: 130, // W[c] := address of fixed variable `slots[a]`, 0 when it is marked NULL
  storeInt: 131, // W[a] := W[c] narrowed by b
  storeRef: 132, // fixed variable `slots[a]` := bytes at W[c]
  loadDynamic: 133, // W[c] := dynamic variable `slots[a]`; b: 1 with the tuple stack as key
  storeDynamic: 134, // dynamic variable `slots[a]` := W[c]
  column8: 135, // W[c] := u8 of the column at offset a
  column16: 136,
  column64: 137,
  columnF64: 138, // an integer kept as f64
  iflag: 139, // W[c] := IF of the flags column at a
  nmi: 140, // W[c] := vector column at a is 2
  ipl: 141, // W[c] := 1 when IF is known to be 0
  register: 142, // W[c] := register a of the event
  lowRegister: 143, // the same, low 32 bits
  argument: 144, // W[c] := argument number W[b]
  uregs: 145, // W[c] := register by R_ index W[b]
  noValue: 146, // fault NOVALUE with id b
  guest: 148, // W[c] := value a of guest-task.ts, or W[b] while the guest has no process
  siteArgument: 149, // W[c] := W[a], the argument whose variable is b, unless the event does not carry it
  stackDepth: 147, // W[c] := frames that stack() (b 0) or ustack() (b 1) gives
  caller: 150, // W[c] := where the kernel's (b 0) or the user's (b 1) function at the probe returns to, 0 when unknown
} as const;

/**
 * Opcodes that only the interpreter has (instructions.ts, link-steps.ts): several instructions made one, and what a
 * clause's steps do with the values of their DIFOs. Branches go to `a`.
 */
export const INTERPRETED = {
  branchZero: 151, // when W[c] is 0
  branchNonzero: 152,
  branchEqual: 153, // when W[b] = W[c]
  branchNotEqual: 154,
  branchNoBits: 155, // when W[b] & W[c] is 0
  branchUnlessColumn8: 156, // when the u8 of the column at offset b is not W[c]; d: the variable, where there is no row
  branchUnlessColumn16: 157,
  shiftLeftBy: 158, // W[c] := W[a] shifted by b, 1 to 31
  shiftRightBy: 159,
  shiftSignedBy: 160,
  maskBy: 161, // W[c] := W[a] & b, b unsigned
  loadScalar: 162, // W[c] := the integer `slots[a]`, a dynamic variable without keys
  storeScalar: 163,
  startKey: 164,
  keyInt: 165, // add W[c], narrowed by b, to the key
  aggregate: 166, // W[c], counted W[b] times, into the step's table under the key that was built
  aggregateAt: 167, // the same under the key of d bytes at offset a
  step: 168, // what the step does with W[c]
} as const;
