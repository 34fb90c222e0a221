/**
 * Stacks through the guest's memory: which clauses ask for one, and who follows it.
 *
 * A clause that does is like one that reads memory: a live guest must be stopped where it fires. At events of an interrupt log,
 * which are past when they are seen, a stack is the interrupted context's pc alone.
 */
import { actionParts, isStack } from '../dif/action-facts.ts';
import { decode } from '../dif/encode.ts';
import type { Action, Clause, Difo, Program } from '../dif/program.ts';
import { BUILTIN_VARIABLES } from '../dif/variables.ts';
import type { MemoryReader, StackWalker } from '../machine/target.ts';
import type { SymbolFiles } from './symbols.ts';

const STACK_VARIABLES: ReadonlySet<number> = new Set(
  (['caller', 'ucaller', 'stackdepth', 'ustackdepth'] as const).map((name) => BUILTIN_VARIABLES[name].id),
);

/** Whether a clause asks for a stack, or for a caller. */
export function asksForStack({ predicate, actions }: Clause): boolean {
  return (predicate !== undefined && readsStack(predicate)) || actions.some(recordsStack);
}

/** Whether any program does. */
export function askForStacks(programs: readonly Program[]): boolean {
  return programs.some(({ clauses }) => clauses.some(asksForStack));
}

function recordsStack(action: Action): boolean {
  switch (action.kind) {
    case 'stack':
    case 'ustack':
    case 'jstack':
      return true;
    case 'printf':
    case 'system':
    case 'freopen':
      if (action.values.some(isStack)) return true;
      break;
    case 'aggregate':
      if (action.keys.some(({ kind }) => kind !== 'value')) return true;
  }
  return actionParts(action).some(({ difo }) => readsStack(difo));
}

function readsStack({ code }: Difo): boolean {
  return code.some((word) => {
    const instruction = decode(word);
    return instruction?.mnemonic === 'ldgs' && STACK_VARIABLES.has(instruction.operands[0]!);
  });
}

export interface StacksRequest {
  readonly programs: readonly Program[];
  readonly memory: MemoryReader | undefined;
  readonly readSymbols: (() => Promise<SymbolFiles | { readonly tag: string }>) | undefined;
  readonly everywhere: boolean;
}

/** Undefined when nobody asks, or the source has no memory. */
export async function openStacks(request: StacksRequest): Promise<StackWalker | undefined> {
  const { programs, memory, readSymbols, everywhere } = request;
  if (memory === undefined || !askForStacks(programs)) return undefined;
  const [{ GuestStacks }, { SymbolSet }] = await Promise.all([
    import('../symbols/stack-walk.ts'),
    import('../symbols/symbol-set.ts'),
  ]);
  const files = await readSymbols?.();
  const tables = files && 'tables' in files ? files.tables : [];
  const symbols = tables.length > 0 ? new SymbolSet(tables, (name) => name) : undefined;
  return new GuestStacks({ memory, symbols, everywhere });
}
