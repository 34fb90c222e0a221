/**
 * The kernel's variables and functions in programs: `` `jiffies ``, `` vmlinux`init_task ``, `` &`schedule ``.
 *
 * The address is the symbol table's, the type BTF's. A per-CPU variable is read from the block of the CPU that fired:
 * its address is `percpu` plus what the symbol table says. BTF of Linux up to 6.15 types no other variables, so those
 * that scripts use most are typed in VARIABLE_TYPES; any other is an unsigned integer of the symbol's size, where
 * that is 1, 2 or 4 bytes, else an unsigned long. Such a symbol can be read and its address taken, but has no members,
 * elements or size (D_SYM_NOTYPES): `*(struct mm_struct *)&`` `init_mm `` says what it is.
 *
 * DIFFERS: dtrace refuses a symbol without a type.
 */
import type { Span } from '../diag/span.ts';
import { BUILTIN_VARIABLES } from '../dif/variables.ts';
import type { Expr } from '../syntax/ast.ts';
import { INT, LONG, UNSIGNED_CHAR, UNSIGNED_INT, UNSIGNED_LONG } from '../types/intrinsic.ts';
import { resolve } from '../types/relations.ts';
import { typeFromText } from '../types/table.ts';
import type { FunctionType, IntType, Type } from '../types/type.ts';
import { constant, offsetBy, read } from './build.ts';
import { type Env, failed, type Operand } from './env.ts';
import type { KernelSymbol } from './kernel.ts';
import { noteBuiltin } from './needs.ts';
import { shapeOf } from './shapes.ts';
import type { TypedExpr } from './typed.ts';

/** Linux variables whose types BTF does not give, as D text. */
const VARIABLE_TYPES: Readonly<Record<string, string>> = {
  jiffies: 'unsigned long',
  jiffies_64: 'uint64_t',
  init_task: 'struct task_struct',
  init_mm: 'struct mm_struct',
  init_uts_ns: 'struct uts_namespace',
  init_pid_ns: 'struct pid_namespace',
  init_cred: 'struct cred',
  init_css_set: 'struct css_set',
  linux_banner: 'char [256]',
  saved_command_line: 'char *',
  system_state: 'enum system_states',
  total_forks: 'unsigned long',
  nr_threads: 'int',
  max_pfn: 'unsigned long',
  panic_timeout: 'int',
  modules: 'struct list_head',
  super_blocks: 'struct list_head',
  slab_caches: 'struct list_head',
};

/** Linux puts per-CPU variables at 0 and everything else in the upper half. */
const PER_CPU_END = 1n << 24n;

/** Stand for the types of symbols that have none; compared by identity. */
const UNTYPED: Readonly<Record<number, Type>> = {
  1: untyped(UNSIGNED_CHAR),
  2: untyped({ kind: 'int', name: 'unsigned short', sizeBytes: 2, signed: false }),
  4: untyped(UNSIGNED_INT),
  8: untyped(UNSIGNED_LONG),
};

function untyped(to: IntType): Type {
  return { kind: 'typedef', name: to.name, to };
}

export function isUntypedSymbol(type: Type): boolean {
  return Object.values(UNTYPED).includes(type);
}

/** Functions of unknown type. */
const ANY_FUNCTION: FunctionType = { kind: 'function', returns: LONG, parameters: [], variadic: true };

/** The name of the kernel symbol that an expression is, or is a part of. */
export function symbolNamed(expr: Expr): string | undefined {
  if (expr.kind === 'identifier') return expr.name.includes('`') ? expr.name : undefined;
  if (expr.kind === 'index') return symbolNamed(expr.object);
  return expr.kind === 'member' && !expr.arrow ? symbolNamed(expr.object) : undefined;
}

/** The value of `` module`name ``; a function's is its address. */
export function kernelSymbol(env: Env, name: string, span: Span): Operand {
  const { kernel } = env.scope;
  const found = findSymbol(env, name);
  if (found === undefined) {
    const hint = unknownHint(env, name);
    return failed(env, 'D_IDENT_UNDEF', span, { name, reason: 'Unknown symbol name' }, { hint });
  }
  if (kernel?.types?.bigEndian) {
    const args = { model: 'big-endian', name, program: 'little-endian' };
    const hint = `read it yourself: ntohll(*(uint64_t *)0x${found.address.toString(16)})`;
    return failed(env, 'D_SYM_MODEL', span, args, { hint });
  }
  const { module, plain } = partsOf(name);
  const code = kernel?.types?.function(plain, module)?.type ?? (found.isFunction ? ANY_FUNCTION : undefined);
  if (code !== undefined) return constant(found.address, { kind: 'pointer', to: code }, span);
  const { type, perCpu } = typeOf(env, plain, module, found);
  const shape = shapeOf(type, env.context.options.strsize);
  const address = addressOf(env, found, { kind: 'pointer', to: type }, perCpu, span);
  return read({ kind: 'memory', address, shape, bits: undefined, within: undefined }, type, span);
}

function partsOf(name: string): { readonly module: string | undefined; readonly plain: string } {
  const at = name.lastIndexOf('`');
  return { module: at > 0 ? name.slice(0, at) : undefined, plain: name.slice(at + 1) };
}

function findSymbol(env: Env, name: string): KernelSymbol | undefined {
  const { module, plain } = partsOf(name);
  return env.scope.kernel?.symbols?.find(plain, module);
}

function unknownHint(env: Env, name: string): string {
  const { kernel } = env.scope;
  const { module, plain } = partsOf(name);
  if (kernel?.symbols === undefined) {
    const known = kernel?.types?.variable(plain, module) ?? kernel?.types?.function(plain, module);
    return known === undefined
      ? "kernel symbols need the guest's symbol table: --symbols FILE (kallsyms, System.map, vmlinux)"
      : 'its type is known but not its address: --symbols FILE (kallsyms, System.map, vmlinux) tells that';
  }
  if (module !== undefined && kernel.symbols.find(plain) !== undefined) {
    return `that module has no such symbol; \`${plain} looks in all of them`;
  }
  return 'no file given with --symbols has a symbol of that name';
}

function typeOf(
  env: Env,
  plain: string,
  module: string | undefined,
  found: KernelSymbol,
): { readonly type: Type; readonly perCpu: boolean } {
  const known = env.scope.kernel?.types?.variable(plain, module);
  if (known !== undefined) return known;
  const perCpu = found.address < PER_CPU_END;
  const text = Object.hasOwn(VARIABLE_TYPES, plain) ? VARIABLE_TYPES[plain] : undefined;
  const type = text === undefined ? undefined : typeFromText(env.scope.types, text);
  return { type: type ?? UNTYPED[found.sizeBytes] ?? UNTYPED[8]!, perCpu };
}

function addressOf(env: Env, found: KernelSymbol, type: Type, perCpu: boolean, span: Span): TypedExpr {
  if (!perCpu) return constant(found.address, type, span);
  noteBuiltin(env, 'percpu');
  const { id } = BUILTIN_VARIABLES.percpu;
  const shape = shapeOf(UNSIGNED_LONG, 0);
  const base = read({ kind: 'builtin', id, index: undefined, shape }, UNSIGNED_LONG, span);
  return offsetBy(base, constant(found.address, LONG, span), type, span);
}

/** `` `symbol.m ``, `` sizeof(`symbol) `` and the like, where nothing says what the symbol is. */
export function noTypes(env: Env, expr: Expr, span: Span): TypedExpr {
  const name = symbolNamed(expr) ?? '';
  const args = { name, reason: 'no type is known for it' };
  const hint = `say what it is: (*(struct tag *)&${name})`;
  return failed(env, 'D_SYM_NOTYPES', span, args, { hint });
}

/** Bytes of an untyped symbol, as far as the symbol table tells. */
export function symbolBytes(env: Env, expr: Expr): number | undefined {
  const name = symbolNamed(expr);
  const sizeBytes = name === undefined ? 0 : (findSymbol(env, name)?.sizeBytes ?? 0);
  return sizeBytes > 0 ? sizeBytes : undefined;
}

/** An enumerator of the kernel's, as a constant. */
export function kernelEnumerator(env: Env, name: string, span: Span): TypedExpr | undefined {
  const found = env.scope.kernel?.types?.enumerator(name);
  return found === undefined ? undefined : constant(BigInt(found.value), INT, span);
}

/** Whether the expression is the address of a function, which `&` does not change. */
export function isFunctionAddress(expr: TypedExpr): boolean {
  const type = resolve(expr.type);
  return expr.kind === 'integer' && type.kind === 'pointer' && resolve(type.to).kind === 'function';
}
