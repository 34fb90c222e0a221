/**
 * Tags of the type checker: names, types, declarations, clauses, actions (d-language.md section 11).
 *
 * `{callee}` is a name with its brackets as dtrace spells them: `printf( )`, `x[ ]`, `@a[ ]`.
 */
import type { TagDef } from '../tags.ts';

const MESSAGE = { text: '{message}' } as const;
const UNDEFINED_AGGREGATION = {
  text: 'undefined aggregation: @{name}',
  hint: 'assign it in an earlier clause, for example @{name} = count()',
} as const;

export const CHECK_TAGS = {
  D_UNKNOWN: MESSAGE,

  // Probe descriptions, predicates, functions.
  D_PDESC_ZERO: { text: 'probe description {description} does not match any probes' },
  D_PRED_SCALAR: {
    text: 'predicate result must be of scalar type',
    hint: 'compare it with something: a predicate is true when it is not 0',
  },
  D_FUNC_IDENT: { text: 'function designator is not of function type' },
  D_FUNC_UNDEF: { text: 'undefined function name: {name}' },
  D_FUNC_IDKIND: { text: "{kind} '{name}' may not be referenced as a function" },
  D_PROTO_LEN: MESSAGE,
  D_PROTO_ARG: MESSAGE,
  D_KEY_TYPE: { text: '{type} expression may not be used as {kind} index: key #{number}' },
  D_ARGS_NONE: {
    text: '{name}[ ] may not be referenced outside of a probe clause',
    hint: 'give the inline or translator a parameter for it',
  },
  D_ARGS_MULTI: {
    text: '{name}[ ] may not be referenced because probe description {description} matches an unstable set of probes',
    hint: 'name probes whose arguments have the same types, or use arg0, arg1, ...',
  },
  D_ARGS_IDX: { text: 'index {index} is out of range for {description} {name}[ ]' },
  D_ARGS_TYPE: { text: 'failed to resolve native type for {name}[{index}]' },
  D_REGS_IDX: { text: 'index {index} is out of range for array {name}' },
  D_CG_EXPR: {
    text: '{kind} {name}( ) may not be called from a D expression (D program context required)',
  },
  D_ATTR_MIN: { text: 'attributes for {name} ({attributes}) are less than predefined minimum' },
  D_CG_DYN: {
    text: 'expression cannot evaluate to result of a translated pointer',
    hint: 'name one of its members: the object itself is nowhere in memory',
  },
  D_ID_OFLOW: { text: 'cannot create {name}: limit on number of {kind} variables exceeded' },
  D_EXPR_LIMIT: {
    text: 'program comes to more than {limit} expressions when its inlines are expanded',
    hint: 'keep an intermediate result in a variable',
  },
  D_NOREG: MESSAGE,

  // Operators, types, identifiers.
  D_TYPE_MEMBER: { text: '{member} is not a member of {type}' },
  D_OFFSETOF_TYPE: { text: 'offsetof operand must be a struct or union type' },
  D_OFFSETOF_BITFIELD: { text: 'cannot take offset of a bit-field: {member}' },
  D_SIZEOF_TYPE: { text: 'cannot apply sizeof to an operand of unknown size' },
  D_SIZEOF_BITFIELD: { text: 'cannot apply sizeof to a bit-field' },
  D_STRINGOF_TYPE: { text: 'cannot apply stringof to a value of type {type}' },
  D_OP_INT: MESSAGE,
  D_OP_ARITH: MESSAGE,
  D_OP_SCALAR: MESSAGE,
  D_OP_VFPTR: MESSAGE,
  D_OP_LVAL: { text: 'operator {operator} requires modifiable lvalue as an operand' },
  D_OP_WRITE: {
    text: 'operator {operator} can only be applied to a writable variable',
    hint: 'built-in variables are read-only: keep the value in a variable of your own',
  },
  D_OP_INCOMPAT: MESSAGE,
  D_OP_ARRFUN: { text: 'operator {operator} may not be applied to operand of type "{type}"' },
  D_OP_PTR: { text: 'operator {operator} must be applied to a pointer' },
  D_OP_SOU: MESSAGE,
  D_OP_INCOMPLETE: {
    text: 'operator {operator} cannot be applied to a forward declaration: no {type} definition is available',
  },
  D_OP_DYN: { text: 'operator {operator} operands cannot be of dynamic type' },
  D_OP_ACT: MESSAGE,
  D_DIV_ZERO: { text: 'expression contains division by zero' },
  D_DEREF_NONPTR: { text: 'cannot dereference non-pointer type' },
  D_DEREF_VOID: {
    text: 'cannot dereference pointer to void',
    hint: 'cast it to a pointer to what is there, for example *(int *)p',
  },
  D_DEREF_FUNC: { text: 'cannot dereference pointer to function' },
  D_ADDROF_LVAL: { text: 'unacceptable operand for unary & operator' },
  D_ADDROF_VAR: MESSAGE,
  D_ADDROF_BITFIELD: { text: 'cannot take address of bit-field' },
  D_CAST_INVAL: { text: 'invalid cast expression: "{from}" to "{to}"' },
  D_ARR_BADREF: { text: 'cannot access {name} as an associative array' },
  D_ARR_LOCAL: { text: 'local variables may not be used as associative arrays: {name}' },
  D_ARR_BOUNDS: { text: 'index outside array bounds: {index}, max is {count}' },
  D_IDENT_UNDEF: { text: 'failed to resolve {name}: {reason}' },
  D_SYM_NOTYPES: { text: 'no symbolic type information is available for {name}: {reason}' },
  D_SYM_MODEL: { text: 'cannot use {model} symbol {name} in a {program} D program' },
  D_IDENT_BADREF: { text: "{kind} '{name}' may not be referenced as {as}" },
  D_IDENT_AMBIG: {
    text: 'ambiguous use of operator {operator}: {name} is both a {type} enum tag and a global {kind}',
  },
  D_VAR_UNDEF: {
    text: '{name} has not yet been declared or assigned',
    hint: 'a clause can read only what an earlier clause assigns, or a declaration names',
  },
  D_XLATE_REDECL: { text: 'translator from {from} to {to} has already been declared' },
  D_XLATE_SOU: MESSAGE,
  D_XLATE_NONE: { text: 'cannot translate from "{from}" to "{to}"' },
  D_XLATE_NOCONV: { text: 'translator does not define conversion for member: {member}' },
  D_XLATE_MEMB: { text: 'translator member {member} is not a member of {type}' },
  D_XLATE_INCOMPAT: {
    text: 'translator member {member} definition uses incompatible types: "{to}" = "{from}"',
  },

  // Declarations.
  D_DECL_CHARATTR: { text: 'invalid type declaration: short and long may not be used with char type' },
  D_DECL_VOIDATTR: { text: 'invalid type declaration: attributes may not be used with void type' },
  D_DECL_SIGNINT: {
    text: 'invalid type declaration: signed and unsigned may only be used with integer type',
  },
  D_DECL_LONGINT: {
    text: 'invalid type declaration: long and long long may only be used with integer or floating-point type',
  },
  D_DECL_COMBO: { text: 'invalid type combination' },
  D_DECL_IDENT: { text: 'old-style declaration or incorrect type specified' },
  D_DECL_CLASS: { text: 'only one storage class allowed in a declaration' },
  D_DECL_BADCLASS: MESSAGE,
  D_DECL_PARMCLASS: { text: 'inappropriate storage class for function or associative array parameter' },
  D_DECL_ARRSUB: {
    text: 'positive integral constant expression or tuple signature expected as array declaration subscript',
  },
  D_DECL_ARRNULL: MESSAGE,
  D_DECL_ARRBIG: { text: 'array dimension too big' },
  D_DECL_IDRED: MESSAGE,
  D_DECL_TYPERED: { text: 'type redeclared: {type}' },
  D_DECL_MNAME: { text: 'member declaration requires a name' },
  D_DECL_SCOPE: { text: 'D scoping operator may not be used in {place}' },
  D_DECL_BFCONST: { text: 'positive integral constant expression expected as bit-field size' },
  D_DECL_BFTYPE: { text: 'invalid type for bit-field: {name}' },
  D_DECL_BFSIZE: { text: 'bit-field too big for type: {name}' },
  D_DECL_ENCONST: { text: "enumerator '{name}' must be assigned to an integral constant expression" },
  D_DECL_ENOFLOW: { text: "enumerator '{name}' value overflows INT_MAX (2147483647)" },
  D_DECL_USELESS: MESSAGE,
  D_DECL_LOCASSC: { text: 'associative arrays may not be declared as local variables: {name}' },
  D_DECL_VOIDOBJ: MESSAGE,
  D_DECL_DYNOBJ: MESSAGE,
  D_DECL_INCOMPLETE: { text: 'incomplete struct/union/enum {type}: {name}' },
  D_DECL_PROTO_VARARGS: { text: '{kind} prototype may not use a variable-length argument list' },
  D_DECL_PROTO_TYPE: {
    text: '{kind} prototype may not use parameter of type {type}: {name}, parameter #{number}',
  },
  D_DECL_PROTO_VOID: { text: 'void must be sole parameter' },
  D_DECL_PROTO_NAME: MESSAGE,
  D_DECL_PROTO_FORM: {
    text: 'parameter is {how} declared in {kind} prototype: {name}, parameter #{number}',
  },

  // Aggregations.
  D_AGG_REDEF: {
    text: 'aggregation redefined: @{name}\n\t current: @{name} = {now}( )\n\tprevious: @{name} = {before}( ) : line {line}',
  },
  D_AGG_FUNC: {
    text: '@{name} must be assigned the result of an aggregating function',
    hint: 'for example @{name} = count() or @{name} = sum(arg0)',
  },
  D_AGG_MDIM: {
    text: 'improper attempt to reference @{name} as a multi-dimensional array',
    hint: 'write several keys as a list: @{name}[a, b]',
  },
  D_AGG_NULL: {
    text: 'expression has null effect: @{name}',
    hint: 'assign it, for example @{name} = count(), or print it with printa(@{name})',
  },
  D_AGG_SCALAR: { text: '{name}( ) argument #1 must be of scalar type' },
  D_LQUANT_BASETYPE: { text: 'lquantize( ) argument #1 must be an integer constant' },
  D_LQUANT_BASEVAL: { text: 'lquantize( ) argument #1 must be a 32-bit quantity' },
  D_LQUANT_LIMTYPE: { text: 'lquantize( ) argument #2 must be an integer constant' },
  D_LQUANT_LIMVAL: { text: 'lquantize( ) argument #2 must be a 32-bit quantity' },
  D_LQUANT_MISMATCH: { text: 'lquantize( ) base (argument #1) must be less than limit (argument #2)' },
  D_LQUANT_STEPTYPE: { text: 'lquantize( ) argument #3 must be a non-zero positive integer constant' },
  D_LQUANT_STEPVAL: { text: 'lquantize( ) argument #3 must be a 16-bit quantity' },
  D_LQUANT_STEPLARGE: {
    text: 'lquantize( ) step (argument #3) too large: must have at least one quantization level',
  },
  D_LQUANT_STEPSMALL: {
    text: 'lquantize( ) step (argument #3) too small: number of quantization levels must be a 16-bit quantity',
  },
  D_LQUANT_MATCHBASE: {
    text: "lquantize( ) base (argument #1) doesn't match previous declaration: expected {expected}, found {found}",
  },
  D_LQUANT_MATCHLIM: {
    text: "lquantize( ) limit (argument #2) doesn't match previous declaration: expected {expected}, found {found}",
  },
  D_LQUANT_MATCHSTEP: {
    text: "lquantize( ) step (argument #3) doesn't match previous declaration: expected {expected}, found {found}",
  },
  D_LLQUANT_FACTORTYPE: MESSAGE,
  D_LLQUANT_FACTORVAL: MESSAGE,
  D_LLQUANT_FACTORMATCH: MESSAGE,
  D_LLQUANT_LOWTYPE: MESSAGE,
  D_LLQUANT_LOWVAL: MESSAGE,
  D_LLQUANT_LOWMATCH: MESSAGE,
  D_LLQUANT_HIGHTYPE: MESSAGE,
  D_LLQUANT_HIGHVAL: MESSAGE,
  D_LLQUANT_HIGHMATCH: MESSAGE,
  D_LLQUANT_NSTEPTYPE: MESSAGE,
  D_LLQUANT_NSTEPVAL: MESSAGE,
  D_LLQUANT_NSTEPMATCH: MESSAGE,
  D_LLQUANT_FACTORSMALL: { text: 'llquantize( ) factor (argument #1) must be two or more' },
  D_LLQUANT_MAGRANGE: {
    text: 'llquantize( ) high magnitude (argument #3) must be greater than low magnitude (argument #2)',
  },
  D_LLQUANT_FACTORNSTEPS: {
    text: 'llquantize( ) factor (argument #1) must be less than or equal to the number of linear steps per magnitude (argument #4)',
  },
  D_LLQUANT_FACTOREVEN: {
    text: 'llquantize( ) factor (argument #1) must evenly divide the number of steps per magnitude (argument #4), and the number of steps per magnitude must evenly divide a power of the factor',
  },
  D_LLQUANT_MAGTOOBIG: {
    text: 'llquantize( ) factor ({factor}) raised to power of high magnitude ({high}) plus 1 overflows 64-bits',
  },

  // Actions: order within a clause.
  D_COMM_DREC: { text: 'commit( ) may not follow data-recording action(s)' },
  D_AGG_COMM: { text: 'aggregating actions may not follow commit( )' },
  D_DREC_COMM: { text: 'data-recording actions may not follow commit( )' },
  D_SPEC_SPEC: { text: 'speculate( ) may not follow speculate( )' },
  D_SPEC_COMM: { text: 'speculate( ) may not follow commit( )' },
  D_SPEC_DREC: { text: 'speculate( ) may not follow data-recording action(s)' },
  D_AGG_SPEC: { text: 'aggregating actions may not follow speculate( )' },
  D_ACT_SPEC: { text: 'destructive actions may not follow speculate( )' },
  D_EXIT_SPEC: { text: 'exit( ) may not follow speculate( )' },

  // Actions: arguments.
  D_CLEAR_PROTO: MESSAGE,
  D_CLEAR_AGGARG: MESSAGE,
  D_CLEAR_AGGBAD: UNDEFINED_AGGREGATION,
  D_NORMALIZE_PROTO: MESSAGE,
  D_NORMALIZE_AGGARG: MESSAGE,
  D_NORMALIZE_AGGBAD: UNDEFINED_AGGREGATION,
  D_NORMALIZE_SCALAR: { text: '{name}( ) argument #2 must be of scalar type' },
  D_TRUNC_PROTO: MESSAGE,
  D_TRUNC_AGGARG: MESSAGE,
  D_TRUNC_AGGBAD: UNDEFINED_AGGREGATION,
  D_TRUNC_SCALAR: { text: '{name}( ) argument #2 must be of scalar type' },
  D_PRINTA_PROTO: MESSAGE,
  D_PRINTA_AGGARG: MESSAGE,
  D_PRINTA_AGGBAD: UNDEFINED_AGGREGATION,
  D_PRINTA_AGGKEY: {
    text: 'printa( ): @{a} and @{b} do not have matching key signatures: @{a} has {na}, @{b} has {nb}',
  },
  D_PRINTA_AGGPROTO: {
    text: 'printa( ): @{b}[ ] key #{number} is incompatible with @{a}:\n{nameA} key #{number}: {typeA}\n{nameB} key #{number}: {typeB}',
  },
  D_PRINTF_ARG_FMT: MESSAGE,
  D_PRINTF_FMT_EMPTY: { text: '{name}( ) format string is empty' },
  D_PRINTF_ARG_PROTO: {
    text: '{name}( ) prototype mismatch: conversion #{number} (%{letters}) is missing a corresponding value argument',
  },
  D_PRINTF_ARG_TYPE: MESSAGE,
  D_PRINTF_ARG_EXTRA: {
    text: '{name}( ) prototype mismatch: only {count} arguments required by this format string',
  },
  D_PRINTF_DYN_PROTO: {
    text: '{name}( ) prototype mismatch: conversion #{number} (%{letters}) is missing a corresponding {what} argument',
  },
  D_PRINTF_DYN_TYPE: MESSAGE,
  D_PRINTF_AGG_CONV: { text: '%@ conversion requires an aggregation and is not for use with {name}( )' },
  D_FREOPEN_INVALID: { text: '{name}( ) argument #1 cannot be "{path}"' },
  D_TRACE_VOID: { text: '{name}( ) may not be applied to a void expression' },
  D_TRACE_DYN: { text: '{name}( ) may not be applied to a translated pointer' },
  D_TRACE_AGG: { text: '{name}( ) may not be applied to an aggregation', hint: 'use printa(@name)' },
  D_PRINT_VOID: { text: '{name}( ) may not be applied to a void expression' },
  D_PRINT_DYN: { text: '{name}( ) may not be applied to a translated pointer' },
  D_PRINT_AGG: { text: '{name}( ) may not be applied to an aggregation -- did you mean printa()?' },
  D_TRACEMEM_ADDR: MESSAGE,
  D_TRACEMEM_SIZE: {
    text: 'tracemem( ) argument #2 must be a non-zero positive integral constant expression',
  },
  D_TRACEMEM_ARGS: { text: 'tracemem ( ) prototype mismatch: expected at most 3 args' },
  D_TRACEMEM_DYNSIZE: { text: 'tracemem ( ) dynamic size (argument #3) must be of scalar type' },
  D_PRINTM_ADDR: MESSAGE,
  D_PRINTM_SIZE: {
    text: 'printm( ) argument #1 must be a non-zero positive integral constant expression',
  },
  D_PCAP_ADDR: MESSAGE,
  D_PCAP_PROTO: MESSAGE,
  D_STACK_PROTO: { text: 'stack( ) prototype mismatch: too many arguments' },
  D_STACK_SIZE: { text: 'stack( ) size must be a non-zero positive integral constant expression' },
  D_USTACK_PROTO: { text: '{name}( ) prototype mismatch: too many arguments' },
  D_USTACK_FRAMES: { text: '{name}( ) argument #1 must be a non-zero positive integer constant' },
  D_USTACK_STRSIZE: { text: '{name}( ) argument #2 must be a positive integer constant' },
  D_ALLOCA_INCOMPAT: {
    text: '{what} may not mix pointers from alloca( ) with other pointers',
    hint: 'what alloca() gives ends with the clause: keep it in a this-> variable of its own',
  },
  D_ALLOCA_SIZE: { text: 'alloca({size}) size larger than scratchsize {limit}' },

  // Providers.
  D_PROV_BADNAME: MESSAGE,
  D_PROV_INCOMPAT: MESSAGE,
  D_PROV_PRDUP: { text: 'probe redeclared: {provider}:{name}' },
  D_PROV_PRARGLEN: {
    text: 'probe {name} {which} prototype exceeds {limit} parameters: {count} params used',
  },
  D_PROV_PRXLATOR: {
    text: 'translator for {provider}:{name} output argument #{number} from {from} to {to} is not defined',
  },
} as const satisfies Record<string, TagDef>;
