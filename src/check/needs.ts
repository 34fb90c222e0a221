/**
 * Which event columns a program makes the source decode (machine/needs.ts). Columns that are always filled need no
 * entry here.
 */
import type { ProbePattern } from '../dif/program.ts';
import { BUILTIN_VARIABLES, type BuiltinName, type VariableDef } from '../dif/variables.ts';
import { NO_NEEDS, type SourceNeeds, unionOfColumns } from '../machine/needs.ts';
import { REGISTERS, type RegisterName } from '../machine/registers.ts';
import { userRegister } from '../machine/user-registers.ts';
import type { Env, Usage } from './env.ts';
import { LANGUAGE_STABILITY } from './stability.ts';

type Need = Exclude<keyof SourceNeeds, 'registerColumns'>;

/** Built-ins that the engine computes from the clock, or whose arguments providers take from columns. */
const NEEDS: Readonly<Partial<Record<BuiltinName, readonly Need[]>>> = {
  timestamp: ['time'],
  vtimestamp: ['time'],
  walltimestamp: ['time'],
  uregs: ['registers', 'errcode', 'cpl'], // R_ERR and R_CPL are columns
  vmregs: ['registers', 'errcode', 'cpl'],
  caller: ['pc', 'cpl'],
  ucaller: ['pc', 'cpl'],
  percpu: ['registers', 'cpl'],
  stackdepth: ['pc', 'cpl'],
  ustackdepth: ['pc', 'cpl'],
};

/** `vec` arguments by number (providers/vec.ts). Other providers' are not known here, so they need all of these. */
const VEC_ARGUMENTS: readonly (readonly Need[])[] = [[], ['errcode'], ['faddr'], ['pc'], ['cpl'], [], []];
const ANY_ARGUMENT: readonly Need[] = ['errcode', 'faddr', 'pc', 'cpl'];

/** Built-ins that the guest's kernel tells, through the per-CPU block that a register points at. */
const PROCESS_VARIABLES = new Set(['curthread', 'pid', 'tid', 'ppid', 'execname', 'uid', 'gid']);
const CPU_BASE: readonly Need[] = ['registers', 'cpl'];

export function emptyUsage(): Usage {
  return {
    needs: { ...NO_NEEDS },
    destructive: new Set(),
    stability: LANGUAGE_STABILITY,
  };
}

function need(usage: Usage, names: readonly Need[]): void {
  for (const name of names) usage.needs[name] = true;
}

/** The program reads a built-in variable or a register. */
export function noteBuiltin(env: Env, name: string): void {
  const { usage } = env;
  need(usage, needsOf(env, name));
  if (Object.hasOwn(REGISTERS, name)) noteColumn(usage, REGISTERS[name as RegisterName].id);
}

/** The program reads uregs[index]. */
export function noteUserRegister({ usage }: Env, index: bigint): void {
  const id = userRegister(Number(index));
  if (id !== undefined) noteColumn(usage, id);
}

function noteColumn({ needs }: Usage, register: number): void {
  needs.registerColumns = unionOfColumns(needs.registerColumns, [register]);
}

function needsOf(env: Env, name: string): readonly Need[] {
  if (Object.hasOwn(REGISTERS, name)) return ['registers'];
  const row: VariableDef = BUILTIN_VARIABLES[name as BuiltinName];
  if (row.from === 'args') return argumentNeeds(env, name);
  if (env.scope.kernel?.types !== undefined && PROCESS_VARIABLES.has(name)) return CPU_BASE;
  const { column } = row;
  if (column !== undefined && Object.hasOwn(env.usage.needs, column)) return [column as Need];
  return NEEDS[name as BuiltinName] ?? [];
}

function argumentNeeds(env: Env, name: string): readonly Need[] {
  const number = /^arg(\d)$/.exec(name)?.[1];
  const onlyVec = env.patterns?.every((pattern) => pattern.provider === 'vec');
  const columns = onlyVec && number !== undefined ? VEC_ARGUMENTS[Number(number)] : ANY_ARGUMENT;
  return ['args', ...(columns ?? [])];
}

/** With a kernel that tells threads apart, thread-local variables are theirs and no CPU's. */
export function noteThreadLocals(usage: Usage): void {
  need(usage, CPU_BASE);
}

export function noteRegisters(env: Env): void {
  need(env.usage, ['registers']);
}

export function noteStack(env: Env): void {
  need(env.usage, ['pc', 'cpl']);
}

/** Timed probes fire between events, by the events' times. */
export function notePattern(usage: Usage, pattern: ProbePattern): void {
  const { provider, name } = pattern;
  const mayBeProfile = provider === '' || /[*?[\\]/.test(provider) || provider === 'profile';
  if (provider === 'profile' || (mayBeProfile && /^(tick|profile|[*?[\\])/.test(name))) need(usage, ['time']);
}
