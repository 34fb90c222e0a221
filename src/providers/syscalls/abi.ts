/**
 * How programs of a kernel call it: by which instruction, with the number and arguments where, and what numbers mean.
 * Linux is built in; others come as a small JSON text (`-x syscalls=FILE`):
 *
 *   { "personality": "xv6", "instruction": "int 0x40", "number": "eax",
 *     "args": ["[esp+4]", "[esp+8]"], "names": { "1": "fork", "2": "exit" },
 *     "return": { "at": "syscall+0x2c", "result": "eax" } }
 *
 * `instruction` is `int N`, or `syscall` with the symbol that it enters the kernel at in "entry". An argument is a register
 * or a word of the stack. "return" (optional) is where the kernel has the result, a symbol and an offset.
 */
import type { Architecture } from '../../machine/causes.ts';
import { REGISTERS, type RegisterDef, type RegisterName } from '../../machine/registers.ts';
import { LINUX_GENERIC_NAMES, LINUX32_NAMES, LINUX64_NAMES } from './linux.ts';

export type ArgumentPlace =
  | { readonly kind: 'register'; readonly name: RegisterName; readonly bits: 32 | 64 }
  | { readonly kind: 'stack'; readonly offset: number; readonly sizeBytes: 4 | 8 };

/** A way into the kernel. */
export interface SyscallWay {
  readonly at:
    | { readonly kind: 'vector'; readonly vector: number; readonly architecture?: Architecture }
    | { readonly kind: 'symbol'; readonly symbol: string };
  readonly number: RegisterName;
  readonly args: readonly ArgumentPlace[];
  /** Where the caller's flags are: SYSCALL puts them into R11, a delivery shows them itself, SYSENTER loses them. */
  readonly flags: 'r11' | 'event' | 'lost';
}

/** Where the kernel has a call's result. */
export type ResultPlace =
  /** A Linux function that stores the result to struct pt_regs behind the call that made it. */
  | { readonly kind: 'dispatcher'; readonly symbol: string }
  | { readonly kind: 'place'; readonly symbol: string; readonly offset: number };

export interface Personality {
  readonly name: string; // the module field of its probes
  readonly names: ReadonlyMap<number, string>;
  readonly ways: readonly SyscallWay[];
  readonly results: readonly ResultPlace[];
  readonly result: RegisterName;
  /** Numbers of calls that make a process run on in the caller's address space and thread area while it waits. */
  readonly suspends: ReadonlySet<number>;
  /** Calls that never return, and those that do not when they succeed. */
  readonly ends: ReadonlySet<number>;
  readonly replaces: ReadonlySet<number>;
  /** The call that gives its thread another FS base: which, its first argument then, and where the new base is. */
  readonly moves?: {
    readonly call: number;
    readonly code: RegisterName;
    readonly is: number;
    readonly to: RegisterName;
  };
}

function parseNames(text: string): Map<number, string> {
  const names = new Map<number, string>();
  for (const line of text.trim().split('\n')) {
    const [first, ...rest] = line.split(' ');
    rest.forEach((name, i) => {
      names.set(Number(first) + i, name);
    });
  }
  return names;
}

function numbersOf(names: ReadonlyMap<number, string>, ...wanted: readonly string[]): ReadonlySet<number> {
  return new Set([...names].filter(([, name]) => wanted.includes(name)).map(([number]) => number));
}

function registers(bits: 32 | 64, ...names: readonly RegisterName[]): readonly ArgumentPlace[] {
  return names.map((name) => ({ kind: 'register', name, bits }));
}

const dispatcher = (symbol: string): ResultPlace => ({ kind: 'dispatcher', symbol });

function linux(
  name: string,
  table: string,
  ways: readonly SyscallWay[],
  results: readonly ResultPlace[],
): Personality {
  const names = parseNames(table);
  return {
    name,
    names,
    ways,
    results,
    result: 'rax',
    suspends: numbersOf(names, 'vfork', 'clone', 'clone3'),
    ends: numbersOf(names, 'exit', 'exit_group'),
    replaces: numbersOf(names, 'execve', 'execveat'),
  };
}

/** arch_prctl(ARCH_SET_FS, base): how a program sets its thread pointer before it has one. */
const ARCH_PRCTL = 158;
const ARCH_SET_FS = 0x1002;

function linux64(): Personality {
  return linux(
    'linux64',
    LINUX64_NAMES,
    [
      {
        at: { kind: 'symbol', symbol: 'entry_SYSCALL_64' },
        number: 'rax',
        args: registers(64, 'rdi', 'rsi', 'rdx', 'r10', 'r8', 'r9'),
        flags: 'r11',
      },
    ],
    [dispatcher('do_syscall_64')],
  );
}

/** arch/x86/entry of Linux 5.x and 6.x. */
export function linuxPersonalities(): readonly Personality[] {
  return [
    {
      ...linux64(),
      moves: { call: ARCH_PRCTL, code: 'rdi', is: ARCH_SET_FS, to: 'rsi' },
    },
    linux(
      'linux32',
      LINUX32_NAMES,
      [
        {
          at: { kind: 'vector', vector: 0x80 },
          number: 'eax',
          args: registers(32, 'ebx', 'ecx', 'edx', 'esi', 'edi', 'ebp'),
          flags: 'event',
        },
        {
          at: { kind: 'symbol', symbol: 'entry_SYSENTER_compat' },
          number: 'eax',
          args: registers(32, 'ebx', 'ecx', 'edx', 'esi', 'edi'), // the sixth is on the user's stack
          flags: 'lost',
        },
        {
          at: { kind: 'symbol', symbol: 'entry_SYSCALL_compat' },
          number: 'eax',
          args: registers(32, 'ebx', 'ebp', 'edx', 'esi', 'edi'),
          flags: 'r11',
        },
      ],
      ['do_int80_syscall_32', 'do_int80_emulation', '__do_fast_syscall_32', 'do_fast_syscall_32'].map(
        dispatcher,
      ),
    ),
  ];
}

/**
 * Of the other architectures, which log every call as a delivery; its number is there when the log has the registers at the
 * handler (-d int,exec,cpu -dfilter HANDLER+1). Results are in no log.
 */
export function otherPersonalities(architecture: Architecture): readonly Personality[] {
  if (architecture === 'arm') {
    const at = { kind: 'vector', vector: 0x15, architecture } as const;
    const args = registers(64, 'x0', 'x1', 'x2', 'x3', 'x4', 'x5');
    return [linux('linux_arm64', LINUX_GENERIC_NAMES, [{ at, number: 'x8', args, flags: 'event' }], [])];
  }
  if (architecture === 'riscv') {
    const at = { kind: 'vector', vector: 8, architecture } as const;
    const args = registers(64, 'a0', 'a1', 'a2', 'a3', 'a4', 'a5');
    const names = `${LINUX_GENERIC_NAMES}258 riscv_hwprobe riscv_flush_icache`;
    return [linux('linux_riscv64', names, [{ at, number: 'a7', args, flags: 'event' }], [])];
  }
  return [];
}

// ---------------------------------------------------------------------------------------------- -x syscalls=FILE

/** Of a text; a string says what is wrong with it. */
export function parsePersonality(text: string): Personality | string {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return `it is no JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
  if (!isObject(json)) return 'it must be an object';
  const { personality, names } = json;
  if (typeof personality !== 'string' || !/^\w+$/.test(personality))
    return '"personality" must be a name, which the probes have as their module';
  const number = registerOf(json['number']);
  if (number === undefined) return '"number" must be the register that holds the number of the call';
  const at = entryOf(json['instruction'], json['entry']);
  if (typeof at === 'string') return at;
  const args = Array.isArray(json['args']) ? json['args'].map(placeOf) : [];
  const bad = args.indexOf(undefined);
  if (bad >= 0) return `args[${bad}] must be a register or a word of the stack, as "[esp+4]"`;
  if (args.length > MOST_ARGUMENTS) return `there are ${args.length} args, and a probe has ${MOST_ARGUMENTS}`;
  const table = namesOf(names);
  if (typeof table === 'string') return table;
  const result = resultOf(json['return']);
  if (typeof result === 'string') return result;
  return {
    name: personality,
    names: table,
    ways: [
      {
        at,
        number,
        args: args.filter((place) => place !== undefined),
        flags: at.kind === 'vector' ? 'event' : 'r11',
      },
    ],
    results: result ? [result.place] : [],
    result: result?.register ?? 'rax',
    suspends: new Set(),
    ends: numbersOf(table, 'exit', 'exit_group'),
    replaces: numbersOf(table, 'exec', 'execve'),
  };
}

const MOST_ARGUMENTS = 10;
export const MOST_NUMBERS = 4096;

function entryOf(instruction: unknown, entry: unknown): SyscallWay['at'] | string {
  const vector = /^int (0x[0-9a-f]{1,2}|\d{1,3})$/i.exec(String(instruction))?.[1];
  if (vector !== undefined && Number(vector) < 256) return { kind: 'vector', vector: Number(vector) };
  if (instruction !== 'syscall') return '"instruction" must be "int N" or "syscall"';
  if (typeof entry !== 'string' || entry === '')
    return '"entry" must be the symbol at which "syscall" enters the kernel';
  return { kind: 'symbol', symbol: entry };
}

function placeOf(text: unknown): ArgumentPlace | undefined {
  const stack = /^\[([er])sp\+(0x[0-9a-f]+|\d+)\]$/i.exec(String(text));
  if (stack)
    return { kind: 'stack', offset: Number(stack[2]), sizeBytes: stack[1]!.toLowerCase() === 'e' ? 4 : 8 };
  const name = registerOf(text);
  if (name === undefined) return undefined;
  const def: RegisterDef = REGISTERS[name];
  return { kind: 'register', name, bits: def.lowBits ?? 64 };
}

function registerOf(name: unknown): RegisterName | undefined {
  return typeof name === 'string' && Object.hasOwn(REGISTERS, name) ? (name as RegisterName) : undefined;
}

function namesOf(names: unknown): Map<number, string> | string {
  if (!isObject(names)) return '"names" must be an object of numbers and names';
  const table = new Map<number, string>();
  for (const [key, name] of Object.entries(names)) {
    const number = /^(0x[0-9a-f]+|\d+)$/i.test(key) ? Number(key) : MOST_NUMBERS;
    if (number >= MOST_NUMBERS || typeof name !== 'string' || !/^[\w.]+$/.test(name))
      return `names["${key}"] must be a number below ${MOST_NUMBERS} with a name`;
    table.set(number, name);
  }
  return table;
}

function resultOf(value: unknown): { place: ResultPlace; register: RegisterName } | string | undefined {
  if (value === undefined) return undefined;
  const { at, result } = isObject(value) ? value : { at: undefined, result: undefined };
  const match = /^([^+\s]+)(?:\+(0x[0-9a-f]+|\d+))?$/i.exec(typeof at === 'string' ? at : '');
  const register = registerOf(result);
  if (!match || register === undefined)
    return '"return" must have "at", a symbol or symbol+0xN, and "result", a register';
  return { place: { kind: 'place', symbol: match[1]!, offset: Number(match[2] ?? 0) }, register };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
