/**
 * Built-in variables: one row each. Ids are dtrace's where it has one (d-language.md 12.3); the event's own variables
 * start at 0x180 and registers at 0x200 + register id (machine/registers.ts; `lowBits` aliases at 0x400 + id). User variables start at 0x500, with a
 * separate id space per scope.
 *
 * `type` is D text, resolved by the checker with the type table. `from` says who supplies the value:
 *   engine    the engine itself (timestamps, epid, ids…)
 *   args      the firing's arguments, set by the provider
 *   event     a column of the event batch, named by `column`
 *   register  a register of the event (table REGISTERS)
 *   probe     a string of the firing probe
 *   guest     the guest's operating system, where symbols and memory tell (else `absent` is the constant)
 */
import type { ColumnName } from '../machine/event-batch.ts';
import { REGISTERS, type RegisterName } from '../machine/registers.ts';

export interface VariableDef {
  readonly id: number;
  readonly type: string;
  readonly from: 'engine' | 'args' | 'event' | 'register' | 'probe' | 'guest';
  readonly column?: ColumnName;
  readonly absent?: bigint;
  readonly array?: true; // indexed: name[n]
  readonly doc: string;
  readonly example: string;
}

export const BUILTIN_VARIABLES = {
  args: {
    id: 0x00,
    type: 'int64_t',
    from: 'args',
    array: true,
    doc: 'typed arguments of the probe',
    example: 'trace(args[0])',
  },
  uregs: {
    id: 0x02,
    type: 'uint64_t',
    from: 'register',
    array: true,
    doc: 'registers by R_ index',
    example: 'trace(uregs[R_RIP])',
  },
  vmregs: {
    id: 0x03,
    type: 'uint64_t',
    from: 'register',
    array: true,
    doc: 'registers of the virtual CPU by R_ index: the same as uregs',
    example: 'trace(vmregs[R_CR3])',
  },
  curthread: {
    id: 0x100,
    type: 'void *',
    from: 'guest',
    absent: 0n,
    doc: 'current kernel thread of the guest',
    example: 'trace(curthread)',
  },
  timestamp: {
    id: 0x101,
    type: 'uint64_t',
    from: 'engine',
    doc: "nanoseconds on the source's clock",
    example: 'trace(timestamp)',
  },
  vtimestamp: {
    id: 0x102,
    type: 'uint64_t',
    from: 'engine',
    doc: 'nanoseconds of CPU time; the clock where no better is known',
    example: 'trace(vtimestamp)',
  },
  ipl: {
    id: 0x103,
    type: 'uint_t',
    from: 'engine',
    doc: '1 when the interrupted context had interrupts disabled, else 0',
    example: 'trace(ipl)',
  },
  epid: { id: 0x104, type: 'uint_t', from: 'engine', doc: 'enabled probe id', example: 'trace(epid)' },
  id: { id: 0x105, type: 'uint_t', from: 'engine', doc: 'probe id', example: 'trace(id)' },
  arg0: {
    id: 0x106,
    type: 'int64_t',
    from: 'args',
    doc: 'first argument of the probe',
    example: 'trace(arg0)',
  },
  arg1: { id: 0x107, type: 'int64_t', from: 'args', doc: 'second argument', example: 'trace(arg1)' },
  arg2: { id: 0x108, type: 'int64_t', from: 'args', doc: 'third argument', example: 'trace(arg2)' },
  arg3: { id: 0x109, type: 'int64_t', from: 'args', doc: 'fourth argument', example: 'trace(arg3)' },
  arg4: { id: 0x10a, type: 'int64_t', from: 'args', doc: 'fifth argument', example: 'trace(arg4)' },
  arg5: { id: 0x10b, type: 'int64_t', from: 'args', doc: 'sixth argument', example: 'trace(arg5)' },
  arg6: { id: 0x10c, type: 'int64_t', from: 'args', doc: 'seventh argument', example: 'trace(arg6)' },
  arg7: { id: 0x10d, type: 'int64_t', from: 'args', doc: 'eighth argument', example: 'trace(arg7)' },
  arg8: { id: 0x10e, type: 'int64_t', from: 'args', doc: 'ninth argument', example: 'trace(arg8)' },
  arg9: { id: 0x10f, type: 'int64_t', from: 'args', doc: 'tenth argument', example: 'trace(arg9)' },
  stackdepth: {
    id: 0x110,
    type: 'uint32_t',
    from: 'engine',
    doc: 'frames that stack() would give',
    example: 'trace(stackdepth)',
  },
  caller: {
    id: 0x111,
    type: 'uintptr_t',
    from: 'guest',
    absent: 0n,
    doc: 'pc of the caller of the probed function',
    example: 'trace(caller)',
  },
  probeprov: {
    id: 0x112,
    type: 'string',
    from: 'probe',
    doc: 'provider of the probe',
    example: 'trace(probeprov)',
  },
  probemod: {
    id: 0x113,
    type: 'string',
    from: 'probe',
    doc: 'module of the probe',
    example: 'trace(probemod)',
  },
  probefunc: {
    id: 0x114,
    type: 'string',
    from: 'probe',
    doc: 'function of the probe',
    example: 'trace(probefunc)',
  },
  probename: {
    id: 0x115,
    type: 'string',
    from: 'probe',
    doc: 'name of the probe',
    example: 'trace(probename)',
  },
  pid: {
    id: 0x116,
    type: 'pid_t',
    from: 'guest',
    absent: 0n,
    doc: "process id in the guest; 0 when unknown, trapline's own in BEGIN, END and ERROR",
    example: 'trace(pid)',
  },
  tid: {
    id: 0x117,
    type: 'id_t',
    from: 'guest',
    doc: 'thread id in the guest; cpu + 1 when unknown',
    example: 'trace(tid)',
  },
  execname: {
    id: 0x118,
    type: 'string',
    from: 'guest',
    doc: "process name in the guest; the source's name when unknown",
    example: 'trace(execname)',
  },
  zonename: { id: 0x119, type: 'string', from: 'guest', doc: '"global"', example: 'trace(zonename)' },
  walltimestamp: {
    id: 0x11a,
    type: 'int64_t',
    from: 'engine',
    doc: 'nanoseconds since 1970-01-01 UTC',
    example: 'trace(walltimestamp)',
  },
  ustackdepth: {
    id: 0x11b,
    type: 'uint32_t',
    from: 'engine',
    doc: 'frames that ustack() would give',
    example: 'trace(ustackdepth)',
  },
  ucaller: {
    id: 0x11c,
    type: 'uint64_t',
    from: 'guest',
    absent: 0n,
    doc: 'return address in user mode',
    example: 'trace(ucaller)',
  },
  ppid: {
    id: 0x11d,
    type: 'pid_t',
    from: 'guest',
    doc: "parent process id in the guest; 0 when unknown, trapline's own in BEGIN, END and ERROR",
    example: 'trace(ppid)',
  },
  uid: {
    id: 0x11e,
    type: 'uid_t',
    from: 'guest',
    doc: "user id in the guest; 0 when unknown, trapline's own in BEGIN, END and ERROR",
    example: 'trace(uid)',
  },
  gid: {
    id: 0x11f,
    type: 'gid_t',
    from: 'guest',
    doc: "group id in the guest; 0 when unknown, trapline's own in BEGIN, END and ERROR",
    example: 'trace(gid)',
  },
  errno: {
    id: 0x120,
    type: 'int',
    from: 'guest',
    absent: 0n,
    doc: 'error of the last system call',
    example: 'trace(errno)',
  },
  jid: {
    id: 0x122,
    type: 'int',
    from: 'guest',
    doc: 'jail of the process; no source tells it',
    example: 'trace(jid)',
  },
  jailname: {
    id: 0x123,
    type: 'string',
    from: 'guest',
    doc: 'name of the jail of the process; no source tells it',
    example: 'trace(jailname)',
  },
  cpu: { id: 0x180, type: 'int', from: 'engine', doc: 'virtual CPU', example: 'trace(cpu)' },
  cpl: {
    id: 0x181,
    type: 'int',
    from: 'event',
    column: 'cpl',
    doc: 'privilege level before delivery',
    example: 'trace(cpl)',
  },
  iflag: {
    id: 0x182,
    type: 'int',
    from: 'event',
    column: 'flags',
    doc: 'IF of the interrupted context',
    example: 'trace(iflag)',
  },
  vector: {
    id: 0x183,
    type: 'int',
    from: 'event',
    column: 'vector',
    doc: 'interrupt vector',
    example: 'trace(vector)',
  },
  errcode: {
    id: 0x184,
    type: 'uint64_t',
    from: 'event',
    column: 'errcode',
    doc: 'error code of the exception',
    example: 'trace(errcode)',
  },
  nmi: {
    id: 0x185,
    type: 'int',
    from: 'event',
    column: 'vector',
    doc: '1 for a non-maskable interrupt',
    example: 'trace(nmi)',
  },
  depth: {
    id: 0x186,
    type: 'int',
    from: 'engine',
    doc: 'delivery nesting on this CPU, as far as the source sees returns',
    example: 'trace(depth)',
  },
  seq: {
    id: 0x187,
    type: 'uint64_t',
    from: 'event',
    column: 'seq',
    doc: "the trace's event number",
    example: 'trace(seq)',
  },
  line: {
    id: 0x188,
    type: 'uint64_t',
    from: 'event',
    column: 'line',
    doc: "line of the event in the trace's file",
    example: 'trace(line)',
  },
  pc: {
    id: 0x189,
    type: 'uint64_t',
    from: 'event',
    column: 'pc',
    doc: 'linear program counter',
    example: 'trace(pc)',
  },
  sp: {
    id: 0x18a,
    type: 'uint64_t',
    from: 'event',
    column: 'sp',
    doc: 'stack pointer of the interrupted context',
    example: 'trace(sp)',
  },
  percpu: {
    id: 0x18b,
    type: 'uintptr_t',
    from: 'guest',
    doc: "where the CPU's own variables are in the guest's kernel: its GS base",
    example: 'trace(percpu)',
  },
} as const satisfies Record<string, VariableDef>;

export type BuiltinName = keyof typeof BUILTIN_VARIABLES;

/** First id of the built-ins that D does not have. */
export const FIRST_OWN_BUILTIN = 0x180;
export const REGISTER_VARIABLE_BASE = 0x200;
export const LOW_REGISTER_VARIABLE_BASE = 0x400;
export const USER_VARIABLE_BASE = 0x500;

/** Stability of a built-in (d-language.md 13.1): D's own are stable, but for what belongs to the kernel. */
export function variableAttributes(name: string): string {
  if (name === 'curthread') return 'Stable/Private/Common';
  const row = Object.hasOwn(BUILTIN_VARIABLES, name) ? BUILTIN_VARIABLES[name as BuiltinName] : undefined;
  const isOwn = name !== 'cpu' && (row === undefined || row.id >= FIRST_OWN_BUILTIN);
  return isOwn ? 'Evolving/Evolving/ISA' : 'Stable/Stable/Common';
}

/** Variable id of a register name: `rip` → 0x210, `eip` → 0x410. All are `uint64_t`, `lowBits` ones `uint32_t`. */
export function registerVariableId(name: RegisterName): number {
  const row: { readonly id: number; readonly lowBits?: 32 } = REGISTERS[name];
  return (row.lowBits ? LOW_REGISTER_VARIABLE_BASE : REGISTER_VARIABLE_BASE) + row.id;
}
