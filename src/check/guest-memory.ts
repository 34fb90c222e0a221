/**
 * Which clauses read the guest's memory: a live guest must be stopped at their probes, which costs far more than a log.
 *
 * In: the typed clause. Out: yes or no. A pointer counts as the guest's unless it is seen to come from the engine
 * (strings, variables that hold their bytes, alloca(), copies): a wrong yes is slow, a wrong no is a fault.
 */
import { BUILTIN_VARIABLES, type BuiltinName } from '../dif/variables.ts';
import { isByReference, isString, resolve } from '../types/relations.ts';
import type { Scope } from './scope.ts';
import type {
  Place,
  TypedClause,
  TypedExpr,
  TypedKey,
  TypedStack,
  TypedStatement,
  TypedValue,
} from './typed.ts';

/** Built-ins that the guest's kernel tells, when its types are known. */
const PROCESS_VARIABLES: ReadonlySet<BuiltinName> = new Set([
  ...(['curthread', 'pid', 'tid', 'ppid', 'execname', 'uid', 'gid'] as const),
]);
const PROCESS_IDS: ReadonlySet<number> = new Set(
  [...PROCESS_VARIABLES].map((name) => BUILTIN_VARIABLES[name].id),
);

/** Subroutines whose argument is an address of the guest, of whatever type. */
const COPIES = new Set(['copyin', 'copyinstr', 'copyinto']);

/** What of the scope matters here. */
type Facts = Pick<Scope, 'origins' | 'kernel'>;

export function readsGuestMemory(
  { predicate, body }: Pick<TypedClause, 'predicate' | 'body'>,
  facts: Facts,
): boolean {
  return (
    (predicate !== undefined && reads(predicate, facts)) || body.some((each) => statementReads(each, facts))
  );
}

function statementReads(statement: TypedStatement, facts: Facts): boolean {
  switch (statement.kind) {
    case 'if':
      return (
        reads(statement.condition, facts) ||
        [...statement.then, ...statement.otherwise].some((each) => statementReads(each, facts))
      );
    case 'aggregate':
      return (
        statement.keys.some((key) => keyReads(key, facts)) ||
        [statement.value, statement.increment].some((expr) => expr !== undefined && reads(expr, facts))
      );
    case 'disasm':
      return true;
    case 'tracemem':
      return isGuests(statement.expr, facts) || reads(statement.expr, facts);
    case 'print':
      return (statement.pointed && isGuests(statement.expr, facts)) || reads(statement.expr, facts);
    case 'printf':
    case 'system':
    case 'freopen':
      return statement.values.some((value) => valueReads(value, facts));
    default:
      return 'expr' in statement && statement.expr !== undefined && reads(statement.expr, facts);
  }
}

function keyReads(key: TypedKey, facts: Facts): boolean {
  return key.kind === 'value' && reads(key.expr, facts);
}

function valueReads(value: TypedValue | TypedStack, facts: Facts): boolean {
  return 'expr' in value && reads(value.expr, facts);
}

/** Whether evaluating the expression reads guest memory. Strings and structs by address are read by whoever takes them. */
function reads(expr: TypedExpr, facts: Facts): boolean {
  switch (expr.kind) {
    case 'integer':
    case 'string':
      return false;
    case 'load':
      return placeReads(expr.place, facts);
    case 'address':
      return (isByReference(expr.type) && isGuests(expr, facts)) || reads(expr.place.address, facts);
    case 'assign':
      return storeReads(expr.place, facts) || reads(expr.value, facts);
    case 'update':
      return placeReads(expr.place, facts) || reads(expr.operand, facts);
    case 'arithmetic':
    case 'compare':
    case 'logical':
    case 'comma':
      return reads(expr.left, facts) || reads(expr.right, facts);
    case 'conditional':
      return [expr.condition, expr.then, expr.otherwise].some((each) => reads(each, facts));
    case 'retype':
      // stringof(p), (string)p, (struct s)*p: the bytes at p.
      return (isByReference(expr.type) && isGuests(expr.operand, facts)) || reads(expr.operand, facts);
    case 'call':
      return (
        COPIES.has(expr.subr) ||
        expr.args.some((arg) => (arg.byReference && isGuests(arg.expr, facts)) || reads(arg.expr, facts)) ||
        expr.args.some((arg) => isPointer(arg.expr) && isGuests(arg.expr, facts))
      );
    default:
      return reads(expr.operand, facts);
  }
}

function placeReads(place: Place, facts: Facts): boolean {
  if (place.kind === 'memory') return isGuests(place.address, facts) || reads(place.address, facts);
  if (place.kind === 'builtin' && PROCESS_IDS.has(place.id) && facts.kernel?.types !== undefined) return true;
  return storeReads(place, facts);
}

/** What finding the place reads, beside what is in it. */
function storeReads(place: Place, facts: Facts): boolean {
  switch (place.kind) {
    case 'variable':
      return false;
    case 'element':
      return place.keys.some((key) => reads(key.expr, facts));
    case 'builtin':
      return place.index !== undefined && reads(place.index, facts);
    case 'memory':
      return reads(place.address, facts);
  }
}

/** Whether the value may be an address of the guest. */
function isGuests(expr: TypedExpr, facts: Facts): boolean {
  switch (expr.kind) {
    case 'integer':
      return expr.value !== 0n;
    case 'string':
    case 'compare':
    case 'logical':
    case 'not':
      return false;
    case 'load':
      return isGuestsValue(expr.place, expr, facts);
    case 'address':
      return isGuests(expr.place.address, facts);
    case 'assign':
      return isGuests(expr.value, facts);
    case 'update':
      return true;
    case 'arithmetic':
      if (isPointer(expr.left) || isByReference(expr.left.type)) return isGuests(expr.left, facts);
      return isGuests(expr.left, facts) || isGuests(expr.right, facts);
    case 'conditional':
      return isGuests(expr.then, facts) || isGuests(expr.otherwise, facts);
    case 'comma':
      return isGuests(expr.right, facts);
    case 'call':
      return !(expr.subr === 'alloca' || COPIES.has(expr.subr) || isString(expr.type));
    default:
      return isGuests(expr.operand, facts);
  }
}

/** Strings and structs of variables and built-ins lie with the engine; what else they hold may point anywhere. */
function isGuestsValue(place: Place, expr: TypedExpr, facts: Facts): boolean {
  if (place.kind !== 'memory' && isByReference(expr.type)) return false;
  if (place.kind !== 'variable' && place.kind !== 'element') return true;
  return facts.origins.get(place.variable) !== 'alloca';
}

function isPointer(expr: TypedExpr): boolean {
  return resolve(expr.type).kind === 'pointer';
}
