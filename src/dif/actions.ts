/**
 * Actions, as the checker, the disassembler, help and tests see them. What a statement becomes is `Action` in program.ts.
 *
 * `records` says whether the clause then prints its row: data (a value in the record), library (executed by the
 * consumer when it meets the record), none. `destructive` needs -w.
 */
export interface ActionDef {
  readonly records: 'data' | 'library' | 'none';
  readonly destructive?: true;
  readonly doc: string;
  readonly example: string;
}

export const ACTIONS = {
  trace: { records: 'data', doc: 'record a value', example: 'trace(timestamp)' },
  tracemem: { records: 'data', doc: 'record bytes of memory', example: 'tracemem(alloca(16), 16)' },
  printf: { records: 'data', doc: 'formatted text', example: 'printf("%x\\n", arg0)' },
  printa: { records: 'library', doc: 'print aggregations', example: 'printa(@a)' },
  print: {
    records: 'data',
    doc: 'a value rendered by its type; print(regs): all registers of the event',
    example: 'print(arg0)',
  },
  printm: {
    records: 'data',
    doc: 'bytes of what memref() names, dumped as by tracemem()',
    example: 'printm(8, memref(alloca(8), 8))',
  },
  pcap: {
    records: 'data',
    doc: 'a network packet; faults, for no source carries packets',
    example: 'pcap((void *)arg0, 1)',
  },
  disasm: {
    records: 'data',
    doc: 'instructions at an address, with the symbols that they lead to',
    example: 'disasm(arg3, 3)',
  },
  stack: { records: 'data', doc: 'kernel stack', example: 'stack(5)' },
  ustack: { records: 'data', doc: 'user stack', example: 'ustack(5)' },
  jstack: { records: 'data', doc: 'user stack with language annotations', example: 'jstack()' },
  sym: { records: 'data', doc: 'kernel address as module`symbol', example: 'sym(arg3)' },
  func: { records: 'data', doc: 'kernel address as module`function', example: 'func(arg3)' },
  mod: { records: 'data', doc: 'module of a kernel address', example: 'mod(arg3)' },
  usym: { records: 'data', doc: 'user address as symbol', example: 'usym(arg3)' },
  ufunc: { records: 'data', doc: 'user address as function', example: 'ufunc(arg3)' },
  umod: { records: 'data', doc: 'module of a user address', example: 'umod(arg3)' },
  uaddr: { records: 'data', doc: 'user address as symbol and offset', example: 'uaddr(arg3)' },
  exit: { records: 'data', doc: 'end tracing with a status', example: 'exit(0)' },
  speculate: {
    records: 'none',
    doc: 'record the rest of the clause speculatively',
    example: 'speculate(self->spec)',
  },
  commit: { records: 'none', doc: 'make speculative records real', example: 'commit(self->spec)' },
  discard: { records: 'none', doc: 'throw speculative records away', example: 'discard(self->spec)' },
  clear: { records: 'library', doc: "set an aggregation's values to their identity", example: 'clear(@a)' },
  trunc: { records: 'library', doc: 'drop keys of an aggregation', example: 'trunc(@a, 10)' },
  normalize: { records: 'library', doc: 'divide printed values', example: 'normalize(@a, 1000)' },
  denormalize: { records: 'library', doc: 'undo normalize', example: 'denormalize(@a)' },
  setopt: { records: 'library', doc: 'set a dynamic option', example: 'setopt("quiet")' },
  ftruncate: { records: 'library', doc: 'empty the output file', example: 'ftruncate()' },
  freopen: {
    records: 'library',
    destructive: true,
    doc: 'redirect the output',
    example: 'freopen("/tmp/out")',
  },
  system: { records: 'library', destructive: true, doc: 'run a shell command', example: 'system("date")' },
  stop: { records: 'none', destructive: true, doc: 'stop the guest', example: 'stop()' },
  raise: { records: 'none', destructive: true, doc: 'signal the process', example: 'raise(9)' },
  chill: { records: 'none', destructive: true, doc: 'spin for nanoseconds', example: 'chill(1000)' },
  breakpoint: { records: 'none', destructive: true, doc: 'pause the guest', example: 'breakpoint()' },
  panic: { records: 'none', destructive: true, doc: 'panic the guest', example: 'panic()' },
} as const satisfies Record<string, ActionDef>;

export type ActionName = keyof typeof ACTIONS;
