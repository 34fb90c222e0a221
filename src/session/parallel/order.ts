/**
 * Whether a program means the same when pieces of a log are traced by themselves and their aggregations added up: it does
 * when what a clause does at an event depends on that event alone, and ends up in aggregations.
 *
 * Judged from the compiled code, by tables: which actions only add up, which variables are the event's own, which
 * subroutines are functions of their arguments. Whatever is not listed depends on order. BEGIN's and END's clauses run
 * where there is but one thread, so they may do anything; so may ERROR's, since a piece in which something faults is not used.
 */
import { actionParts } from '../../dif/action-facts.ts';
import { decode, type Instruction, variableAccess } from '../../dif/encode.ts';
import type { Action, Clause, Difo, Program } from '../../dif/program.ts';
import { SUBROUTINES, type SubrName } from '../../dif/subroutines.ts';
import { BUILTIN_VARIABLES, type BuiltinName, USER_VARIABLE_BASE } from '../../dif/variables.ts';

/** Actions that leave nothing behind but aggregated values, and the control flow among them. */
const ADDING: ReadonlySet<Action['kind']> = new Set(['aggregate', 'expression', 'branch', 'jump']);

/** Built-ins that the event, the probe or the session tells. All others have a history, or a place in the file. */
const OWN_VARIABLES: ReadonlySet<BuiltinName> = new Set([
  ...(['args', 'arg0', 'arg1', 'arg2', 'arg3', 'arg4', 'arg5', 'arg6', 'arg7', 'arg8', 'arg9'] as const),
  ...(['uregs', 'vmregs', 'ipl', 'epid', 'id', 'probeprov', 'probemod', 'probefunc', 'probename'] as const),
  ...(['cpl', 'iflag', 'vector', 'errcode', 'nmi', 'seq', 'pc', 'sp', 'cpu', 'zonename'] as const),
  ...(['pid', 'tid', 'ppid', 'uid', 'gid', 'execname', 'curthread'] as const),
  ...(['caller', 'ucaller', 'stackdepth', 'ustackdepth'] as const),
]);

/** Those of them that a guest's kernel tells, where one is known. */
const OF_KERNEL: ReadonlySet<BuiltinName> = new Set([
  ...(['pid', 'tid', 'ppid', 'uid', 'gid', 'execname', 'curthread'] as const),
]);

/** Those of them that tell which CPU it was. */
const OF_CPU: ReadonlySet<BuiltinName> = new Set(['cpu', 'tid']);
/** And the number of it, or of the one before that has one. */
const OF_NUMBER: ReadonlySet<BuiltinName> = new Set(['seq']);

/** Functions of their arguments. What allocates is not among them: its result is an address. */
const FUNCTIONS: ReadonlySet<SubrName> = new Set([
  ...(['strlen', 'strjoin', 'lltostr', 'basename', 'dirname', 'cleanpath', 'strchr', 'strrchr'] as const),
  ...(['strstr', 'strtok', 'substr', 'index', 'rindex', 'toupper', 'tolower', 'json', 'strtoll'] as const),
  ...(['htons', 'htonl', 'htonll', 'ntohs', 'ntohl', 'ntohll', 'getmajor', 'getminor'] as const),
]);

const BUILTIN_NAMES = new Map<number, BuiltinName>(
  Object.entries(BUILTIN_VARIABLES).map(([name, { id }]) => [id, name as BuiltinName]),
);
const SUBROUTINE_NAMES = new Map<number, SubrName>(
  Object.entries(SUBROUTINES).map(([name, { id }]) => [id, name as SubrName]),
);

/** What makes the clause depend on the order of events, as in `clause at line 3 …`; undefined when nothing does. */
export function dependenceOf(program: Program, clause: Clause, hasKernel: boolean): string | undefined {
  const odd = clause.actions.find(({ kind }) => !ADDING.has(kind));
  if (odd) return `calls ${odd.kind}()`;
  if (clause.records) return 'prints a line at every event';
  for (const difo of difosOf(clause)) {
    const found = inCode(difo, (instruction) => dependenceOfInstruction(program, instruction, hasKernel));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether the clause's doings depend on which CPU an event belongs to. */
export const readsCpu = (clause: Clause): boolean => readsAny(clause, OF_CPU);

/** Or on its number. */
export const readsNumber = (clause: Clause): boolean => readsAny(clause, OF_NUMBER);

function readsAny(clause: Clause, names: ReadonlySet<BuiltinName>): boolean {
  return difosOf(clause).some((difo) => inCode(difo, (one) => names.has(builtinOf(one)!) || undefined));
}

function difosOf({ predicate, actions }: Clause): readonly Difo[] {
  const parts = actions.flatMap((action) => actionParts(action).map(({ difo }) => difo));
  return predicate ? [predicate, ...parts] : parts;
}

/** The first thing that `find` says of an instruction. */
function inCode<T>({ code }: Difo, find: (instruction: Instruction) => T | undefined): T | undefined {
  for (const word of code) {
    const instruction = decode(word);
    const found = instruction && find(instruction);
    if (found !== undefined) return found;
  }
  return undefined;
}

function dependenceOfInstruction(
  program: Program,
  instruction: Instruction,
  hasKernel: boolean,
): string | undefined {
  const { mnemonic, operands } = instruction;
  if (mnemonic === 'call') {
    const name = SUBROUTINE_NAMES.get(operands[0]!);
    return name !== undefined && FUNCTIONS.has(name) ? undefined : `calls ${name}()`;
  }
  const own = builtinOf(instruction);
  if (own !== undefined) {
    const isOfEvent = OWN_VARIABLES.has(own) && !(hasKernel && OF_KERNEL.has(own));
    return isOfEvent ? undefined : `reads ${own}`;
  }
  const access = variableAccess(mnemonic);
  if (access === undefined || access.scope === 'clause' || operands[0]! < USER_VARIABLE_BASE)
    return undefined;
  const { scope, stores } = access;
  const name = program.variables.find((row) => row.scope === scope && row.id === operands[0])?.name ?? '?';
  return `${stores ? 'writes' : 'reads'} ${scope === 'thread' ? 'self->' : ''}${name}`;
}

/** The built-in variable that the instruction loads, if it loads one; registers are none. */
function builtinOf({ mnemonic, operands }: Instruction): BuiltinName | undefined {
  return mnemonic === 'ldgs' || mnemonic === 'ldga' ? BUILTIN_NAMES.get(operands[0]!) : undefined;
}
