/**
 * What the checker refuses, one text per line: tag, message, D text. A text without a `{` stands in the body of a BEGIN
 * clause. Every tag of diag/tags/check.ts has a line.
 */
import { describe, expect, test } from 'vitest';
import { CHECK_TAGS } from '../../src/diag/tags/check.ts';
import { type CheckSetup, checkText } from '../support/check-program.ts';

type Row = readonly [tag: string, message: string, text: string, setup?: CheckSetup];

const PROBES: readonly Row[] = [
  ['D_PDESC_ZERO', 'probe description nosuch::: does not match any probes', 'nosuch::: { }'],
  [
    'D_PDESC_INVAL',
    'invalid probe description "a:b:c:d:e": Overspecified probe description',
    'a:b:c:d:e { }',
  ],
  ['D_PDESC_INVAL', 'invalid probe identifier 99: Unknown probe identifier', '99 { }'],
  ['D_PDESC_INVAL', 'probe identifier 3 not permitted when specifying modules', '3', { kind: 'module' }],
  ['D_PRED_SCALAR', 'predicate result must be of scalar type', 'BEGIN /execname/ { }'],
];

const STABILITY: readonly Row[] = [
  [
    'D_ATTR_MIN',
    'attributes for scalar curthread (Stable/Private/Common) are less than predefined minimum',
    'trace(curthread);',
    { options: { amin: 'Evolving/Evolving/Common' } },
  ],
  [
    'D_ATTR_MIN',
    'attributes for tracing function trace (Stable/Stable/Common) are less than predefined minimum',
    'trace(1);',
    { options: { amin: 'Standard/Standard/Common' } },
  ],
  [
    'D_ALLOCA_INCOMPAT',
    'this->p may not mix pointers from alloca( ) with other pointers',
    'this->p = (char *)alloca(8); this->p = (char *)arg0;',
  ],
  [
    'D_ALLOCA_INCOMPAT',
    'operator ?: may not mix pointers from alloca( ) with other pointers',
    'trace(arg0 ? alloca(8) : (void *)arg1);',
  ],
  ['D_PRAGMA_UNUSED', 'unused #pragma binding', '#pragma D binding "1.0" nowhere\nBEGIN { exit(0); }'],
  [
    'D_PRAGMA_DEPEND',
    'program requires provider nosuch',
    '#pragma D depends_on provider nosuch\nBEGIN { exit(0); }',
  ],
];

const FUNCTIONS: readonly Row[] = [
  ['D_FUNC_IDENT', 'function designator is not of function type', '(1)(2);'],
  ['D_FUNC_UNDEF', 'undefined function name: strlem', 'strlem("a");'],
  ['D_FUNC_IDKIND', "scalar 'pid' may not be referenced as a function", 'pid(1);'],
  ['D_FUNC_IDKIND', "scalar 'x' may not be referenced as a function", 'x = 1; x(1);'],
  ['D_PROTO_LEN', 'strlen( ) prototype mismatch: 0 args passed, 1 expected', 'trace(strlen());'],
  ['D_PROTO_LEN', 'strlen( ) prototype mismatch: 2 args passed, 1 expected', 'trace(strlen("a", 1));'],
  [
    'D_PROTO_LEN',
    'lltostr( ) prototype mismatch: 3 args passed, at least 1 expected',
    'trace(lltostr(1, 2, 3));',
  ],
  ['D_PROTO_LEN', 'exit( ) prototype mismatch: 0 args passed, 1 expected', 'exit();'],
  ['D_PROTO_LEN', 'ftruncate( ) prototype mismatch: 1 arg passed, 0 expected', 'ftruncate(1);'],
  ['D_PROTO_LEN', 'printf( ) prototype mismatch: 0 args passed, at least 1 expected', 'printf();'],
  ['D_PROTO_LEN', 'setopt( ) prototype mismatch: 0 args passed, at least 1 expected', 'setopt();'],
  ['D_PROTO_LEN', 'tracemem( ) prototype mismatch: 1 arg passed, at least 2 expected', 'tracemem(0);'],
  ['D_PROTO_LEN', 'sym( ) prototype mismatch: 0 args passed, 1 expected', 'sym();'],
  ['D_PROTO_LEN', 'x[ ] prototype mismatch: 1 key passed, 2 expected', 'x[1, 2] = 3; trace(x[1]);'],
  [
    'D_PROTO_LEN',
    'self->x[ ] prototype mismatch: 2 keys passed, 1 expected',
    'self->x[1] = 3; self->x[1, 2] = 4;',
  ],
  ['D_PROTO_LEN', '@a[ ] prototype mismatch: 1 key passed, 0 expected', '@a = count(); @a[1] = count();'],
  ['D_PROTO_LEN', 'count( ) prototype mismatch: 1 arg passed, 0 expected', '@ = count(1);'],
  ['D_PROTO_LEN', 'sum( ) prototype mismatch: 0 args passed, 1 expected', '@ = sum();'],
  [
    'D_PROTO_LEN',
    'quantize( ) prototype mismatch: 3 args passed, at most 2 expected',
    '@ = quantize(1, 2, 3);',
  ],
  [
    'D_PROTO_LEN',
    'lquantize( ) prototype mismatch: 2 args passed, at least 3 expected',
    '@ = lquantize(1, 2);',
  ],
  ['D_PROTO_LEN', 'args[ ] prototype mismatch: 2 args passed, 1 expected', 'typed::: { trace(args[0, 1]); }'],
  [
    'D_PROTO_LEN',
    'f[ ] prototype mismatch: 1 key passed, 2 expected',
    'inline int f[int a, int b] = a + b; BEGIN { f[1]; }',
  ],
  [
    'D_PROTO_ARG',
    'strlen( ) argument #1 is incompatible with prototype:\n\tprototype: const char *\n\t argument: int',
    'strlen(5);',
  ],
  [
    'D_PROTO_ARG',
    'exit( ) argument #1 is incompatible with prototype:\n\tprototype: int\n\t argument: string',
    'exit("a");',
  ],
  [
    'D_PROTO_ARG',
    'strlen( ) argument #1 is incompatible with prototype:\n\tprototype: const char *\n\t argument: aggregation',
    '@a = count(); strlen(@a);',
  ],
  [
    'D_PROTO_ARG',
    'x[ ] key #1 is incompatible with prototype:\n\tprototype: int\n\t      key: string',
    'x[1] = 3; x["a"] = 4;',
  ],
  [
    'D_PROTO_ARG',
    '@a[ ] key #2 is incompatible with prototype:\n\tprototype: string\n\t      key: int',
    '@a[1, "b"] = count(); @a[1, 2] = count();',
  ],
  [
    'D_PROTO_ARG',
    '@a[ ] key #1 is incompatible with prototype:\n\tprototype: int\n\t      key: stack',
    '@a[1] = count(); @a[stack()] = count();',
  ],
  [
    'D_PROTO_ARG',
    'args[ ] argument #1 is incompatible with prototype:\n\tprototype: integer constant\n\t argument: int64_t',
    'typed::: { trace(args[arg0]); }',
  ],
  [
    'D_PROTO_ARG',
    'setopt( ) argument #1 is incompatible with prototype:\n\tprototype: string constant\n\t argument: int',
    'setopt(1);',
  ],
  [
    'D_PROTO_ARG',
    'quantize( ) increment value (argument #2) must be of scalar type',
    '@ = quantize(1, "a");',
  ],
  [
    'D_KEY_TYPE',
    'aggregation expression may not be used as aggregation index: key #2',
    '@b = count(); @a[1, @b] = count();',
  ],
  [
    'D_KEY_TYPE',
    'aggregation expression may not be used as associative array index: key #1',
    '@b = count(); x[@b] = 1;',
  ],
  ['D_KEY_TYPE', 'void expression may not be used as aggregation index: key #1', '@[(void)0] = count();'],
  ['D_ARGS_NONE', 'args[ ] may not be referenced outside of a probe clause', 'inline int x = args[0];'],
  [
    'D_ARGS_MULTI',
    'args[ ] may not be referenced because probe description mixed::: matches an unstable set of probes',
    'mixed::: { trace(args[0]); }',
  ],
  [
    'D_ARGS_MULTI',
    'args[ ] may not be referenced because probe description :::BEGIN matches an unstable set of probes',
    'typed:::, BEGIN { trace(args[0]); }',
  ],
  ['D_ARGS_IDX', 'index 3 is out of range for typed::: args[ ]', 'typed::: { trace(args[3]); }'],
  ['D_ARGS_IDX', 'index -1 is out of range for typed::: args[ ]', 'typed::: { trace(args[-1]); }'],
  ['D_ARGS_TYPE', 'failed to resolve native type for args[2]', 'typed::: { trace(args[2]); }'],
  ['D_REGS_IDX', 'index -1 is out of range for array uregs', 'trace(uregs[-1]);'],
  [
    'D_CG_EXPR',
    'tracing function printf( ) may not be called from a D expression (D program context required)',
    'x = printf("a");',
  ],
  [
    'D_CG_EXPR',
    'aggregating function count( ) may not be called from a D expression (D program context required)',
    'count();',
  ],
  [
    'D_CG_EXPR',
    'tracing function stack( ) may not be called from a D expression (D program context required)',
    'x = stack();',
  ],
  [
    'D_CG_EXPR',
    'tracing function ustack( ) may not be called from a D expression (D program context required)',
    'trace(ustack(5));',
  ],
  [
    'D_CG_EXPR',
    'tracing function stack( ) may not be called from a D expression (D program context required)',
    'printf("%d", stack() + 1);',
  ],
  [
    'D_CG_EXPR',
    'aggregating function count( ) may not be called from a D expression (D program context required)',
    'trace(@a = count());',
  ],
];

const XLATE = 'struct t { int m; int n; }; translator struct t < int *p > { m = *p; };';

const OPERATORS: readonly Row[] = [
  [
    'D_CG_DYN',
    'expression cannot evaluate to result of a translated pointer',
    `${XLATE} BEGIN { xlate<struct t *>((int *)0); }`,
  ],
  [
    'D_CG_DYN',
    'expression cannot evaluate to result of a translated pointer',
    `${XLATE} BEGIN { x = xlate<struct t *>((int *)0); }`,
  ],
  [
    'D_TYPE_MEMBER',
    'b is not a member of struct s',
    'struct s { int a; }; struct s x; BEGIN { trace(x.b); }',
  ],
  [
    'D_TYPE_MEMBER',
    'b is not a member of struct s',
    'struct s { int a; }; struct s *x; BEGIN { trace(x->b); }',
  ],
  [
    'D_TYPE_MEMBER',
    'b is not a member of struct s',
    'struct s { int a; }; BEGIN { trace(offsetof(struct s, b)); }',
  ],
  ['D_TYPE_MEMBER', 'o is not a member of struct t', `${XLATE} BEGIN { xlate<struct t>((int *)0).o; }`],
  ['D_OFFSETOF_TYPE', 'offsetof operand must be a struct or union type', 'trace(offsetof(int, a));'],
  [
    'D_OFFSETOF_BITFIELD',
    'cannot take offset of a bit-field: a',
    'struct s { int a : 3; }; BEGIN { trace(offsetof(struct s, a)); }',
  ],
  ['D_SIZEOF_TYPE', 'cannot apply sizeof to an operand of unknown size', 'trace(sizeof (void));'],
  ['D_SIZEOF_TYPE', 'cannot apply sizeof to an operand of unknown size', '@a = count(); trace(sizeof (@a));'],
  [
    'D_SIZEOF_BITFIELD',
    'cannot apply sizeof to a bit-field',
    'struct s { int a : 3; }; struct s x; BEGIN { trace(sizeof (x.a)); }',
  ],
  [
    'D_STRINGOF_TYPE',
    'cannot apply stringof to a value of type struct s',
    'struct s { int a; }; struct s x; BEGIN { trace(stringof(x)); }',
  ],
  ['D_OP_INT', 'operator % requires operands of integral type', 'trace("a" % 2);'],
  ['D_OP_INT', 'operator << requires operands of integral type', 'trace(curthread << 2);'],
  ['D_OP_INT', 'operator ~ requires an operand of integral type', 'trace(~"a");'],
  ['D_OP_INT', 'operator |= requires operands of integral type', 'x = 1; x |= "a";'],
  ['D_OP_ARITH', 'operator * requires operands of arithmetic type', 'trace("a" * 2);'],
  ['D_OP_ARITH', 'operator - requires an operand of arithmetic type', 'trace(-"a");'],
  ['D_OP_ARITH', 'operator *= requires operands of arithmetic type', 's = "a"; s *= 2;'],
  ['D_OP_SCALAR', 'operator ! requires an operand of scalar type', 'trace(!execname);'],
  ['D_OP_SCALAR', 'operator && requires operands of scalar type', 'trace(1 && execname);'],
  ['D_OP_SCALAR', 'operator ++ requires operand of scalar type', 's = "a"; s++;'],
  ['D_OP_SCALAR', 'operator ?: expression must be of scalar type', 'trace(execname ? 1 : 2);'],
  ['D_OP_SCALAR', 'operator if requires an operand of scalar type', 'if (execname) { trace(1); }'],
  ['D_OP_VFPTR', 'operator ++ requires an operand of known size', 'p = alloca(1); p++;'],
  ['D_OP_VFPTR', 'operator += requires left-hand scalar operand of known size', 'p = alloca(1); p += 1;'],
  ['D_OP_LVAL', 'operator = requires modifiable lvalue as an operand', '1 = 2;'],
  ['D_OP_LVAL', 'operator ++ requires modifiable lvalue as an operand', '5++;'],
  ['D_OP_LVAL', 'operator = requires modifiable lvalue as an operand', 'inline int c = 1; BEGIN { c = 2; }'],
  [
    'D_OP_LVAL',
    'operator ++ requires modifiable lvalue as an operand',
    'inline int f[int a] = a++; BEGIN { x = 1; f[x]; }',
  ],
  ['D_OP_WRITE', 'operator = can only be applied to a writable variable', 'pid = 1;'],
  ['D_OP_WRITE', 'operator -- can only be applied to a writable variable', 'timestamp--;'],
  ['D_OP_WRITE', 'operator = can only be applied to a writable variable', 'trace(rip); rip = 1;'],
  ['D_OP_INCOMPAT', 'operands have incompatible types: "string" + "string"', 'trace("a" + "b");'],
  ['D_OP_INCOMPAT', 'operands have incompatible types: "string" += "int"', 's = "a"; s += 1;'],
  ['D_OP_INCOMPAT', 'operands have incompatible types: "int" = "string"', 'x = 1; x = "a";'],
  [
    'D_OP_INCOMPAT',
    'operands have incompatible types: "int" = "aggregation"',
    '@a = count(); x = 1; x = @a;',
  ],
  ['D_OP_INCOMPAT', 'operands have incompatible types: "string" == "int"', 'trace(execname == 5);'],
  ['D_OP_INCOMPAT', 'operands have incompatible types: "int *" == "int64_t"', 'trace((int *)0 == arg0);'],
  ['D_OP_INCOMPAT', 'operands have incompatible types: "int *" + "int *"', 'trace((int *)0 + (int *)0);'],
  ['D_OP_INCOMPAT', 'operands have incompatible types: "void *" + "int"', 'trace(alloca(1) + 1);'],
  ['D_OP_INCOMPAT', 'operands have incompatible types: "int *" - "char *"', 'trace((int *)8 - (char *)8);'],
  ['D_OP_INCOMPAT', 'operator ?: operands must have compatible types', 'trace(pid ? "a" : 1);'],
  ['D_OP_INCOMPAT', 'inline x definition uses incompatible types: "int" = "string"', 'inline int x = "a";'],
  ['D_OP_ARRFUN', 'operator = may not be applied to operand of type "int [3]"', 'int a[3]; BEGIN { x = a; }'],
  [
    'D_OP_ARRFUN',
    'operator = may not be applied to operand of type "int [3]"',
    'int a[3]; int b[3]; BEGIN { a = b; }',
  ],
  [
    'D_OP_PTR',
    'operator -> must be applied to a pointer',
    'struct s { int a; }; struct s x; BEGIN { trace(x->a); }',
  ],
  [
    'D_OP_PTR',
    'operator -> must be applied to a pointer',
    `${XLATE} BEGIN { trace(xlate<struct t>((int *)0)->m); }`,
  ],
  [
    'D_OP_SOU',
    'operator . cannot be applied to type "int"; must be applied to a struct or union',
    'x = 1; trace(x.a);',
  ],
  [
    'D_OP_SOU',
    'operator -> cannot be applied to pointer to type "int"; must be applied to a struct or union pointer',
    'trace(((int *)0)->a);',
  ],
  [
    'D_OP_SOU',
    'operator . cannot be applied to type "struct t *"; must be applied to a struct or union',
    `${XLATE} BEGIN { trace(xlate<struct t *>((int *)0).m); }`,
  ],
  [
    'D_OP_INCOMPLETE',
    'operator -> cannot be applied to a forward declaration: no struct f definition is available',
    'struct f; BEGIN { trace(((struct f *)0)->a); }',
  ],
  [
    'D_OP_INCOMPAT',
    'operands have incompatible types: "aggregation" + "int"',
    '@a = count(); trace(@a + 1);',
  ],
  ['D_OP_SCALAR', 'operator ! requires an operand of scalar type', '@a = count(); trace(!@a);'],
  ['D_OP_INT', 'operator & requires operands of integral type', '@a = count(); trace(@a & 1);'],
  [
    'D_STRINGOF_TYPE',
    'cannot apply stringof to a value of type aggregation',
    '@a = count(); trace(stringof(@a));',
  ],
  ['D_CAST_INVAL', 'invalid cast expression: "aggregation" to "int"', '@a = count(); trace((int)@a);'],
  [
    'D_UNKNOWN',
    "failed to define member 'a': Duplicate member name definition",
    'struct s { int a; char a; };',
  ],
  [
    'D_OP_DYN',
    'operator ?: operands cannot be of dynamic type',
    `${XLATE} BEGIN { trace(pid ? xlate<struct t *>((int *)0) : 0); }`,
  ],
  ['D_OP_DYN', 'operator , operands cannot be of dynamic type', '@a = count(); trace((1, @a));'],
  ['D_OP_DYN', 'operator = operands cannot be of dynamic type', '@a = count(); x = @a;'],
  ['D_OP_ACT', 'operator , operands cannot be actions', 'trace(1), trace(2);'],
  ['D_OP_ACT', 'operator ?: operands cannot be actions', 'pid ? trace(1) : 0;'],
  ['D_OP_ACT', 'action cannot be used in a conditional context', 'pid && trace(1);'],
  ['D_DIV_ZERO', 'expression contains division by zero', 'trace(1 / 0);'],
  ['D_DIV_ZERO', 'expression contains division by zero', 'trace(pid % (1 - 1));'],
  ['D_DIV_ZERO', 'expression contains division by zero', 'x = 5; x /= 0;'],
  ['D_DEREF_NONPTR', 'cannot dereference non-pointer type', 'trace(*5);'],
  ['D_DEREF_VOID', 'cannot dereference pointer to void', 'trace(*curthread);'],
  ['D_DEREF_FUNC', 'cannot dereference pointer to function', 'trace(*(int (*)(int))0);'],
  ['D_ADDROF_LVAL', 'unacceptable operand for unary & operator', 'trace(&5);'],
  ['D_ADDROF_VAR', 'cannot take address of dynamic variable', 'x = 1; trace(&x);'],
  ['D_ADDROF_VAR', 'cannot take address of dynamic object', '@a = count(); trace(&@a);'],
  [
    'D_ADDROF_BITFIELD',
    'cannot take address of bit-field',
    'struct s { int a : 3; }; struct s x; BEGIN { trace(&x.a); }',
  ],
  [
    'D_CAST_INVAL',
    'invalid cast expression: "struct s" to "int"',
    'struct s { int a; }; struct s x; BEGIN { trace((int)x); }',
  ],
  [
    'D_CAST_INVAL',
    'invalid cast expression: "int" to "struct s"',
    'struct s { int a; }; BEGIN { trace((struct s)1); }',
  ],
  ['D_ARR_BADREF', 'cannot access x as an associative array', 'x = 1; trace(x[1]);'],
  ['D_ARR_BADREF', 'cannot access a as an associative array', 'int a[3]; BEGIN { trace(a[1, 2]); }'],
  ['D_ARR_LOCAL', 'local variables may not be used as associative arrays: this->x', 'this->x[1] = 2;'],
  [
    'D_ARR_LOCAL',
    'local variables may not be used as associative arrays: this->x',
    'this->x = 1; trace(this->x[1]);',
  ],
  ['D_ARR_BOUNDS', 'index outside array bounds: 3, max is 3', 'int a[3]; BEGIN { trace(a[3]); }'],
  ['D_NOREG', 'Insufficient tuple registers to generate code', 'x[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15] = 1;'],
];

const NAMES: readonly Row[] = [
  ['D_IDENT_UNDEF', 'failed to resolve nosuch: Unknown variable name', 'trace(nosuch);'],
  ['D_IDENT_UNDEF', 'failed to resolve `jiffies: Unknown symbol name', 'trace(`jiffies);'],
  ['D_IDENT_BADREF', "function 'strlen' may not be referenced as scalar", 'trace(strlen);'],
  ['D_IDENT_BADREF', "tracing function 'printf' may not be referenced as scalar", 'trace(printf);'],
  ['D_IDENT_BADREF', "associative array 'x' may not be referenced as scalar", 'x[1] = 2; trace(x);'],
  ['D_IDENT_BADREF', "array 'args' may not be referenced as scalar", 'trace(args);'],
  [
    'D_IDENT_BADREF',
    "aggregating function 'count' may not be referenced as associative array",
    'trace(count[1]);',
  ],
  ['D_IDENT_BADREF', "scope keyword 'self' may not be referenced as scalar", 'trace(self);'],
  ['D_VAR_UNDEF', 'self->x has not yet been declared or assigned', 'trace(self->x);'],
  ['D_VAR_UNDEF', 'this->x has not yet been declared or assigned', 'trace(this->x);'],
  ['D_VAR_UNDEF', 'x has not yet been declared or assigned', 'trace(x[1]);'],
  [
    'D_VAR_UNDEF',
    'self->x has not yet been declared or assigned',
    'BEGIN { trace(self->x); } END { self->x = 1; }',
  ],
  [
    'D_XLATE_REDECL',
    'translator from int * to struct t has already been declared',
    `${XLATE} translator struct t < int *p > { n = 1; };`,
  ],
  [
    'D_XLATE_SOU',
    'translator output type must be a struct or union',
    'translator int < int *p > { m = 1; };',
  ],
  [
    'D_XLATE_SOU',
    'incomplete struct/union/enum struct u',
    'struct u; translator struct u < int *p > { m = 1; };',
  ],
  [
    'D_XLATE_NONE',
    'cannot translate from "string" to "struct t"',
    `${XLATE} BEGIN { xlate<struct t>("a").m; }`,
  ],
  [
    'D_XLATE_NOCONV',
    'translator does not define conversion for member: n',
    `${XLATE} BEGIN { xlate<struct t>((int *)0).n; }`,
  ],
  [
    'D_XLATE_MEMB',
    'translator member o is not a member of struct t',
    'struct t { int m; }; translator struct t < int *p > { o = 1; };',
  ],
  [
    'D_XLATE_INCOMPAT',
    'translator member m definition uses incompatible types: "int" = "string"',
    'struct t { int m; }; translator struct t < int *p > { m = "a"; };',
  ],
];

const DECLARATIONS: readonly Row[] = [
  [
    'D_DECL_CHARATTR',
    'invalid type declaration: short and long may not be used with char type',
    'long char x;',
  ],
  ['D_DECL_VOIDATTR', 'invalid type declaration: attributes may not be used with void type', 'long void x;'],
  [
    'D_DECL_SIGNINT',
    'invalid type declaration: signed and unsigned may only be used with integer type',
    'unsigned double x;',
  ],
  [
    'D_DECL_LONGINT',
    'invalid type declaration: long and long long may only be used with integer or floating-point type',
    'long string x;',
  ],
  ['D_DECL_COMBO', 'invalid type combination', 'int char x;'],
  ['D_DECL_COMBO', 'invalid type combination', 'short long x;'],
  ['D_DECL_IDENT', 'old-style declaration or incorrect type specified', 'const x;'],
  ['D_DECL_CLASS', 'only one storage class allowed in a declaration', 'self this int x;'],
  ['D_DECL_BADCLASS', 'specified storage class not appropriate in D', 'register int x;'],
  [
    'D_DECL_BADCLASS',
    'specified storage class not appropriate in D for inline declaration',
    'inline self int x = 1;',
  ],
  [
    'D_DECL_PARMCLASS',
    'inappropriate storage class for function or associative array parameter',
    'int f(self int a);',
  ],
  [
    'D_DECL_ARRSUB',
    'positive integral constant expression or tuple signature expected as array declaration subscript',
    'int x[0];',
  ],
  [
    'D_DECL_ARRSUB',
    'positive integral constant expression or tuple signature expected as array declaration subscript',
    'int x[pid];',
  ],
  ['D_DECL_ARRNULL', 'array declaration requires array dimension or tuple signature: x', 'int x[];'],
  ['D_DECL_ARRNULL', 'inline declaration requires array tuple signature: x', 'inline int x[] = 1;'],
  ['D_DECL_ARRNULL', 'inline declaration cannot be of scalar array type: x', 'inline int x[3] = 1;'],
  ['D_DECL_ARRBIG', 'array dimension too big', 'int x[0xffffffffff];'],
  ['D_DECL_IDRED', 'built-in identifier redeclared: pid', 'int pid;'],
  ['D_DECL_IDRED', 'built-in identifier redeclared: strlen', 'int strlen;'],
  [
    'D_DECL_IDRED',
    'identifier redeclared: x\n\t current: scalar string\n\tprevious: scalar int',
    'int x; string x;',
  ],
  [
    'D_DECL_IDRED',
    'identifier redeclared: x\n\t current: associative array int [int]\n\tprevious: scalar int',
    'int x; int x[int];',
  ],
  [
    'D_DECL_IDRED',
    'identifier redeclared: self->x\n\t current: scalar int\n\tprevious: scalar string',
    'self string x; self int x;',
  ],
  [
    'D_DECL_IDRED',
    'identifier redeclared: x\n\t current: scalar\n\tprevious: inline',
    'inline int x = 1; int x;',
  ],
  ['D_DECL_IDRED', 'identifier redeclared: RED', 'enum a { RED }; enum b { RED };'],
  [
    'D_DECL_IDRED',
    'identifier redefined: x\n\t current: inline definition\n\tprevious: scalar x',
    'int x; inline int x = 1;',
  ],
  ['D_DECL_IDRED', 'typedef redeclared: a_t', 'typedef int a_t; typedef string a_t;'],
  ['D_DECL_IDRED', 'global variable identifier redeclared: x', 'int x; typedef int x;'],
  ['D_DECL_TYPERED', 'type redeclared: struct s', 'struct s { int a; }; struct s { int a; };'],
  ['D_DECL_TYPERED', 'type redeclared: enum e', 'enum e { A }; enum e { B };'],
  ['D_DECL_MNAME', 'member declaration requires a name', 'struct s { struct { int a; }; };'],
  ['D_DECL_SCOPE', 'D scoping operator may not be used in a member name (a`b)', 'struct s { int a`b; };'],
  ['D_DECL_SCOPE', 'D scoping operator may not be used in an enumerator name (a`b)', 'enum e { a`b };'],
  ['D_DECL_SCOPE', 'D scoping operator may not be used in a declaration name (a`b)', 'int a`b;'],
  [
    'D_DECL_BFCONST',
    'positive integral constant expression expected as bit-field size',
    'struct s { int a : pid; };',
  ],
  [
    'D_DECL_BFCONST',
    'positive integral constant expression expected as bit-field size',
    'struct s { int a : 0; };',
  ],
  ['D_DECL_BFTYPE', 'invalid type for bit-field: a', 'struct s { string a : 3; };'],
  ['D_DECL_BFSIZE', 'bit-field too big for type: a', 'struct s { char a : 9; };'],
  [
    'D_DECL_ENCONST',
    "enumerator 'A' must be assigned to an integral constant expression",
    'enum e { A = pid };',
  ],
  ['D_DECL_ENOFLOW', "enumerator 'A' value overflows INT_MAX (2147483647)", 'enum e { A = 0x80000000 };'],
  ['D_DECL_ENOFLOW', "enumerator 'B' value overflows INT_MAX (2147483647)", 'enum e { A = 0x7fffffff, B };'],
  ['D_DECL_USELESS', 'useless declaration', 'int;'],
  ['D_DECL_DYNOBJ', 'cannot declare array of associative arrays', 'int x[3][int];'],
  ['D_DECL_LOCASSC', 'associative arrays may not be declared as local variables: x', 'this int x[int];'],
  ['D_DECL_VOIDOBJ', 'cannot have void object: x', 'void x;'],
  ['D_DECL_VOIDOBJ', 'cannot have void object: x', 'x = bcopy(alloca(1), alloca(1), 1);'],
  ['D_DECL_VOIDOBJ', 'cannot have void member: a', 'struct s { void a; };'],
  ['D_DECL_VOIDOBJ', 'cannot declare array of void', 'void x[3];'],
  ['D_DECL_VOIDOBJ', 'cannot declare void inline: x', 'inline void x = 1;'],
  ['D_DECL_DYNOBJ', 'cannot have dynamic member: a', 'struct s { int a[int]; };'],
  ['D_DECL_INCOMPLETE', 'incomplete struct/union/enum struct f: x', 'struct f; struct f x;'],
  ['D_DECL_INCOMPLETE', 'incomplete struct/union/enum struct f: a', 'struct s { struct f a; };'],
  [
    'D_DECL_PROTO_VARARGS',
    'associative array prototype may not use a variable-length argument list',
    'int x[int, ...];',
  ],
  [
    'D_DECL_PROTO_TYPE',
    'associative array prototype may not use parameter of type struct f: (anon), parameter #2',
    'struct f; int x[int, struct f];',
  ],
  ['D_DECL_PROTO_VOID', 'void must be sole parameter', 'int x[int, void];'],
  ['D_DECL_PROTO_NAME', 'void parameter may not have a name: a', 'int f(void a);'],
  ['D_DECL_PROTO_NAME', 'parameter declaration requires a name: parameter #1', 'inline int f[int] = 1;'],
  [
    'D_DECL_PROTO_FORM',
    'parameter is already declared in associative array prototype: a, parameter #2',
    'inline int f[int a, int a] = 1;',
  ],
];

const AGGREGATIONS: readonly Row[] = [
  [
    'D_AGG_REDEF',
    'aggregation redefined: @a\n\t current: @a = sum( )\n\tprevious: @a = count( ) : line 1',
    '@a = count(); @a = sum(1);',
  ],
  ['D_AGG_FUNC', '@a must be assigned the result of an aggregating function', '@a = 1;'],
  ['D_FUNC_UNDEF', 'undefined function name: quantise', '@ = quantise(1);'],
  ['D_AGG_FUNC', '@a must be assigned the result of an aggregating function', '@a++;'],
  ['D_AGG_MDIM', 'improper attempt to reference @a as a multi-dimensional array', 'trace(@a[1][2]);'],
  ['D_AGG_NULL', 'expression has null effect: @a', '@a;'],
  ['D_AGG_NULL', 'expression has null effect: @a', '@a[1];'],
  ['D_AGG_SCALAR', 'sum( ) argument #1 must be of scalar type', '@ = sum("a");'],
  ['D_LQUANT_BASETYPE', 'lquantize( ) argument #1 must be an integer constant', '@ = lquantize(1, pid, 10);'],
  [
    'D_LQUANT_BASEVAL',
    'lquantize( ) argument #1 must be a 32-bit quantity',
    '@ = lquantize(1, 0x80000000, 10);',
  ],
  ['D_LQUANT_LIMTYPE', 'lquantize( ) argument #2 must be an integer constant', '@ = lquantize(1, 0, "a");'],
  [
    'D_LQUANT_LIMVAL',
    'lquantize( ) argument #2 must be a 32-bit quantity',
    '@ = lquantize(1, 0, 0x80000000);',
  ],
  [
    'D_LQUANT_MISMATCH',
    'lquantize( ) base (argument #1) must be less than limit (argument #2)',
    '@ = lquantize(1, 10, 0);',
  ],
  [
    'D_LQUANT_STEPTYPE',
    'lquantize( ) argument #3 must be a non-zero positive integer constant',
    '@ = lquantize(1, 0, 10, 0);',
  ],
  [
    'D_LQUANT_STEPVAL',
    'lquantize( ) argument #3 must be a 16-bit quantity',
    '@ = lquantize(1, 0, 10, 65536);',
  ],
  [
    'D_LQUANT_STEPLARGE',
    'lquantize( ) step (argument #3) too large: must have at least one quantization level',
    '@ = lquantize(1, 0, 10, 11);',
  ],
  [
    'D_LQUANT_STEPSMALL',
    'lquantize( ) step (argument #3) too small: number of quantization levels must be a 16-bit quantity',
    '@ = lquantize(1, 0, 65536, 1);',
  ],
  [
    'D_LQUANT_MATCHBASE',
    "lquantize( ) base (argument #1) doesn't match previous declaration: expected 0, found 1",
    '@ = lquantize(1, 0, 10); @ = lquantize(1, 1, 10);',
  ],
  [
    'D_LQUANT_MATCHLIM',
    "lquantize( ) limit (argument #2) doesn't match previous declaration: expected 10, found 11",
    '@ = lquantize(1, 0, 10); @ = lquantize(1, 0, 11);',
  ],
  [
    'D_LQUANT_MATCHSTEP',
    "lquantize( ) step (argument #3) doesn't match previous declaration: expected 1, found 2",
    '@ = lquantize(1, 0, 10); @ = lquantize(1, 0, 10, 2);',
  ],
  [
    'D_LLQUANT_FACTORTYPE',
    'llquantize( ) argument #1 (factor) must be an integer constant',
    '@ = llquantize(1, pid, 0, 6, 20);',
  ],
  [
    'D_LLQUANT_FACTORVAL',
    'llquantize( ) argument #1 (factor) must be an unsigned 16-bit quantity',
    '@ = llquantize(1, -1, 0, 6, 20);',
  ],
  [
    'D_LLQUANT_LOWTYPE',
    'llquantize( ) argument #2 (low magnitude) must be an integer constant',
    '@ = llquantize(1, 10, pid, 6, 20);',
  ],
  [
    'D_LLQUANT_LOWVAL',
    'llquantize( ) argument #2 (low magnitude) must be an unsigned 16-bit quantity',
    '@ = llquantize(1, 10, 65536, 6, 20);',
  ],
  [
    'D_LLQUANT_HIGHTYPE',
    'llquantize( ) argument #3 (high magnitude) must be an integer constant',
    '@ = llquantize(1, 10, 0, pid, 20);',
  ],
  [
    'D_LLQUANT_HIGHVAL',
    'llquantize( ) argument #3 (high magnitude) must be an unsigned 16-bit quantity',
    '@ = llquantize(1, 10, 0, -6, 20);',
  ],
  [
    'D_LLQUANT_NSTEPTYPE',
    'llquantize( ) argument #4 (linear steps per magnitude) must be an integer constant',
    '@ = llquantize(1, 10, 0, 6, pid);',
  ],
  [
    'D_LLQUANT_NSTEPVAL',
    'llquantize( ) argument #4 (linear steps per magnitude) must be an unsigned 16-bit quantity',
    '@ = llquantize(1, 10, 0, 6, 65536);',
  ],
  [
    'D_LLQUANT_FACTORMATCH',
    "llquantize( ) factor (argument #1) doesn't match previous declaration: expected 10, found 20",
    '@ = llquantize(1, 10, 0, 6, 20); @ = llquantize(1, 20, 0, 6, 20);',
  ],
  [
    'D_LLQUANT_LOWMATCH',
    "llquantize( ) low magnitude (argument #2) doesn't match previous declaration: expected 0, found 1",
    '@ = llquantize(1, 10, 0, 6, 20); @ = llquantize(1, 10, 1, 6, 20);',
  ],
  [
    'D_LLQUANT_HIGHMATCH',
    "llquantize( ) high magnitude (argument #3) doesn't match previous declaration: expected 6, found 5",
    '@ = llquantize(1, 10, 0, 6, 20); @ = llquantize(1, 10, 0, 5, 20);',
  ],
  [
    'D_LLQUANT_NSTEPMATCH',
    "llquantize( ) linear steps per magnitude (argument #4) doesn't match previous declaration: expected 20, found 10",
    '@ = llquantize(1, 10, 0, 6, 20); @ = llquantize(1, 10, 0, 6, 10);',
  ],
  [
    'D_LLQUANT_FACTORSMALL',
    'llquantize( ) factor (argument #1) must be two or more',
    '@ = llquantize(1, 1, 0, 6, 20);',
  ],
  [
    'D_LLQUANT_MAGRANGE',
    'llquantize( ) high magnitude (argument #3) must be greater than low magnitude (argument #2)',
    '@ = llquantize(1, 10, 6, 6, 20);',
  ],
  [
    'D_LLQUANT_FACTORNSTEPS',
    'llquantize( ) factor (argument #1) must be less than or equal to the number of linear steps per magnitude (argument #4)',
    '@ = llquantize(1, 10, 0, 6, 3);',
  ],
  [
    'D_LLQUANT_FACTOREVEN',
    'llquantize( ) factor (argument #1) must evenly divide the number of steps per magnitude (argument #4), and the number of steps per magnitude must evenly divide a power of the factor',
    '@ = llquantize(1, 10, 0, 6, 30);',
  ],
  [
    'D_LLQUANT_MAGTOOBIG',
    'llquantize( ) factor (10) raised to power of high magnitude (19) plus 1 overflows 64-bits',
    '@ = llquantize(1, 10, 0, 19, 20);',
  ],
];

const ORDER: readonly Row[] = [
  ['D_COMM_DREC', 'commit( ) may not follow data-recording action(s)', 'trace(1); commit(1);'],
  ['D_COMM_DREC', 'commit( ) may not follow data-recording action(s)', '@ = count(); commit(1);'],
  ['D_COMM_DREC', 'commit( ) may not follow data-recording action(s)', 'if (pid) { trace(1); } commit(1);'],
  ['D_AGG_COMM', 'aggregating actions may not follow commit( )', 'commit(1); @ = count();'],
  ['D_DREC_COMM', 'data-recording actions may not follow commit( )', 'commit(1); trace(1);'],
  ['D_SPEC_SPEC', 'speculate( ) may not follow speculate( )', 'speculate(1); speculate(1);'],
  ['D_SPEC_COMM', 'speculate( ) may not follow commit( )', 'commit(1); speculate(1);'],
  ['D_SPEC_DREC', 'speculate( ) may not follow data-recording action(s)', 'trace(1); speculate(1);'],
  ['D_AGG_SPEC', 'aggregating actions may not follow speculate( )', 'speculate(1); @ = count();'],
  ['D_ACT_SPEC', 'destructive actions may not follow speculate( )', 'speculate(1); raise(9);'],
  ['D_EXIT_SPEC', 'exit( ) may not follow speculate( )', 'speculate(1); exit(0);'],
];

const AGGREGATION_ACTIONS: readonly Row[] = [
  ['D_CLEAR_PROTO', 'clear( ) prototype mismatch: 0 args passed, 1 expected', 'clear();'],
  [
    'D_CLEAR_AGGARG',
    'clear( ) argument #1 is incompatible with prototype:\n\tprototype: aggregation\n\t argument: int',
    'clear(1);',
  ],
  ['D_CLEAR_AGGBAD', 'undefined aggregation: @a', 'clear(@a);'],
  [
    'D_NORMALIZE_PROTO',
    'normalize( ) prototype mismatch: 1 args passed, 2 expected',
    '@a = count(); normalize(@a);',
  ],
  ['D_NORMALIZE_PROTO', 'denormalize( ) prototype mismatch: 0 args passed, 1 expected', 'denormalize();'],
  [
    'D_NORMALIZE_AGGARG',
    'normalize( ) argument #1 is incompatible with prototype:\n\tprototype: aggregation\n\t argument: int',
    'normalize(1, 2);',
  ],
  ['D_NORMALIZE_AGGBAD', 'undefined aggregation: @a', 'normalize(@a, 2);'],
  [
    'D_NORMALIZE_SCALAR',
    'normalize( ) argument #2 must be of scalar type',
    '@a = count(); normalize(@a, "x");',
  ],
  ['D_TRUNC_PROTO', 'trunc( ) prototype mismatch: 0 args passed, at least 1 expected', 'trunc();'],
  [
    'D_TRUNC_PROTO',
    'trunc( ) prototype mismatch: 3 args passed, no more than 2 expected',
    '@a = count(); trunc(@a, 1, 2);',
  ],
  [
    'D_TRUNC_AGGARG',
    'trunc( ) argument #1 is incompatible with prototype:\n\tprototype: aggregation\n\t argument: string',
    'trunc("a");',
  ],
  ['D_TRUNC_AGGBAD', 'undefined aggregation: @a', 'trunc(@a);'],
  ['D_TRUNC_SCALAR', 'trunc( ) argument #2 must be of scalar type', '@a = count(); trunc(@a, "x");'],
  ['D_PRINTA_PROTO', 'printa( ) prototype mismatch: 0 args passed, 1 expected', 'printa();'],
  ['D_PRINTA_PROTO', 'printa( ) prototype mismatch: 1 args passed, 2 expected', 'printa("%d");'],
  [
    'D_PRINTA_AGGARG',
    'printa( ) argument #2 is incompatible with prototype:\n\tprototype: aggregation\n\t argument: int',
    'printa("%@d", 1);',
  ],
  ['D_PRINTA_AGGBAD', 'undefined aggregation: @a', 'printa(@a);'],
  ['D_PRINTA_AGGBAD', 'undefined aggregation: @a', 'BEGIN { printa(@a); } END { @a = count(); }'],
  [
    'D_PRINTA_AGGKEY',
    'printa( ): @a and @b do not have matching key signatures: @a has 1 key, @b has 2 keys',
    '@a[1] = count(); @b[1, 2] = count(); printa(@a, @b);',
  ],
  [
    'D_PRINTA_AGGPROTO',
    'printa( ): @b[ ] key #1 is incompatible with @a:\n       @a key #1: int\n       @b key #1: string',
    '@a[1] = count(); @b["x"] = count(); printa(@a, @b);',
  ],
];

const FORMATS: readonly Row[] = [
  [
    'D_PRINTF_ARG_FMT',
    'printf( ) argument #1 is incompatible with prototype:\n\tprototype: string constant\n\t argument: int',
    'printf(1);',
  ],
  [
    'D_PRINTF_ARG_FMT',
    'printf( ) argument #1 is incompatible with prototype:\n\tprototype: string constant\n\t argument: string',
    'printf(execname);',
  ],
  ['D_PRINTF_FMT_EMPTY', 'printf( ) format string is empty', 'printf("");'],
  ['D_SYNTAX', 'format conversion #1 is undefined: %y', 'printf("%y", 1);'],
  [
    'D_PRINTF_ARG_PROTO',
    'printf( ) prototype mismatch: conversion #2 (%d) is missing a corresponding value argument',
    'printf("%d %d", 1);',
  ],
  [
    'D_PRINTF_ARG_PROTO',
    'printa( ) prototype mismatch: conversion #2 (%d) is missing a corresponding value argument',
    '@a[1] = count(); printa("%d %d %@d", @a);',
  ],
  [
    'D_PRINTF_ARG_TYPE',
    'printf( ) argument #3 is incompatible with conversion #2 prototype:\n\tconversion: %s\n\t prototype: char [] or string (or use stringof)\n\t  argument: int',
    'printf("%d %s", 1, 2);',
  ],
  [
    'D_PRINTF_ARG_TYPE',
    'printf( ) argument #2 is incompatible with conversion #1 prototype:\n\tconversion: %d\n\t prototype: char, short, int, long, or long long\n\t  argument: string',
    'printf("%d", execname);',
  ],
  [
    'D_PRINTF_ARG_TYPE',
    'printf( ) argument #2 is incompatible with conversion #1 prototype:\n\tconversion: %d\n\t prototype: char, short, int, long, or long long\n\t  argument: aggregation',
    '@a = count(); printf("%d", @a);',
  ],
  [
    'D_PRINTF_ARG_TYPE',
    'printf( ) argument #2 is incompatible with conversion #1 prototype:\n\tconversion: %d\n\t prototype: char, short, int, long, or long long\n\t  argument: stack',
    'printf("%d", stack());',
  ],
  [
    'D_PRINTF_ARG_TYPE',
    'printf( ) argument #3 is incompatible with conversion #2 prototype:\n\tconversion: %a\n\t prototype: pointer or integer\n\t  argument: stack',
    'printf("%d %a", 1, jstack(2, 64));',
  ],
  [
    'D_PRINTF_ARG_TYPE',
    'printf( ) argument #2 is incompatible with conversion #1 prototype:\n\tconversion: %k\n\t prototype: stack\n\t  argument: int',
    'printf("%k", 1);',
  ],
  [
    'D_PRINTF_ARG_TYPE',
    'printf( ) argument #2 is incompatible with conversion #1 prototype:\n\tconversion: %k\n\t prototype: stack\n\t  argument: _symaddr',
    'printf("%k", sym(arg0));',
  ],
  [
    'D_PRINTF_ARG_EXTRA',
    'printf( ) prototype mismatch: only 1 arguments required by this format string',
    'printf("%k", stack(), ustack());',
  ],
  [
    'D_PRINTF_ARG_EXTRA',
    'printf( ) prototype mismatch: only 1 arguments required by this format string',
    'printf("%d", 1, 2);',
  ],
  [
    'D_PRINTF_DYN_PROTO',
    'printf( ) prototype mismatch: conversion #1 (%d) is missing a corresponding output width argument',
    'printf("%*d");',
  ],
  [
    'D_PRINTF_DYN_TYPE',
    'printf( ) argument #2 is incompatible with conversion #1 prototype:\n\tconversion: %d (width)\n\t prototype: int\n\t  argument: string',
    'printf("%*d", "a", 1);',
  ],
  [
    'D_PRINTF_DYN_TYPE',
    'printf( ) argument #2 is incompatible with conversion #1 prototype:\n\tconversion: %d (width)\n\t prototype: int\n\t  argument: stack',
    'printf("%*d", stack(), 1);',
  ],
  [
    'D_PRINTF_AGG_CONV',
    '%@ conversion requires an aggregation and is not for use with printf( )',
    'printf("%@d", 1);',
  ],
  ['D_FREOPEN_INVALID', 'freopen( ) argument #1 cannot be "."', 'freopen(".");'],
];

const RECORDING: readonly Row[] = [
  ['D_TRACE_VOID', 'trace( ) may not be applied to a void expression', 'trace((void)1);'],
  [
    'D_TRACE_DYN',
    'trace( ) may not be applied to a translated pointer',
    `${XLATE} BEGIN { trace(xlate<struct t *>((int *)0)); }`,
  ],
  ['D_TRACE_AGG', 'trace( ) may not be applied to an aggregation', '@a = count(); trace(@a);'],
  ['D_PRINT_VOID', 'print( ) may not be applied to a void expression', 'print((void)1);'],
  [
    'D_PRINT_DYN',
    'print( ) may not be applied to a translated pointer',
    `${XLATE} BEGIN { print(xlate<struct t *>((int *)0)); }`,
  ],
  [
    'D_PRINT_AGG',
    'print( ) may not be applied to an aggregation -- did you mean printa()?',
    '@a = count(); print(@a);',
  ],
  [
    'D_TRACEMEM_ADDR',
    'tracemem( ) argument #1 is incompatible with prototype:\n\tprototype: pointer or integer\n\t argument: string',
    'tracemem("a", 1);',
  ],
  [
    'D_TRACEMEM_SIZE',
    'tracemem( ) argument #2 must be a non-zero positive integral constant expression',
    'tracemem(0, pid);',
  ],
  [
    'D_TRACEMEM_SIZE',
    'tracemem( ) argument #2 must be a non-zero positive integral constant expression',
    'tracemem(0, 0);',
  ],
  [
    'D_PRINTM_SIZE',
    'printm( ) argument #1 must be a non-zero positive integral constant expression',
    'printm(pid, memref(0, 8));',
  ],
  [
    'D_PRINTM_ADDR',
    'printm( ) argument #2 is incompatible with prototype:\n\tprototype: uintptr_t *, as of memref( )\n\t argument: int',
    'printm(8, 5);',
  ],
  [
    'D_PCAP_ADDR',
    'pcap( ) argument #1 is incompatible with prototype:\n\tprototype: pointer or integer\n\t argument: string',
    'pcap("a", 1);',
  ],
  [
    'D_PCAP_PROTO',
    'pcap( ) argument #2 is incompatible with prototype:\n\tprototype: integer\n\t argument: string',
    'pcap(0, "ip");',
  ],
  ['D_TRACEMEM_ARGS', 'tracemem ( ) prototype mismatch: expected at most 3 args', 'tracemem(0, 1, 2, 3);'],
  [
    'D_TRACEMEM_DYNSIZE',
    'tracemem ( ) dynamic size (argument #3) must be of scalar type',
    'tracemem(0, 1, "a");',
  ],
  ['D_STACK_PROTO', 'stack( ) prototype mismatch: too many arguments', 'stack(1, 2);'],
  ['D_STACK_SIZE', 'stack( ) size must be a non-zero positive integral constant expression', 'stack(0);'],
  [
    'D_STACK_SIZE',
    'stack( ) size must be a non-zero positive integral constant expression',
    'printf("%k", stack(pid));',
  ],
  ['D_STACK_PROTO', 'stack( ) prototype mismatch: too many arguments', 'printf("%k", stack(1, 2));'],
  ['D_USTACK_PROTO', 'ustack( ) prototype mismatch: too many arguments', 'ustack(1, 2, 3);'],
  ['D_USTACK_FRAMES', 'jstack( ) argument #1 must be a non-zero positive integer constant', 'jstack(pid);'],
  ['D_USTACK_STRSIZE', 'ustack( ) argument #2 must be a positive integer constant', 'ustack(1, -1);'],
  [
    'D_ALLOCA_SIZE',
    'alloca(300) size larger than scratchsize 256',
    'alloca(300);',
    { options: { scratchsize: 256 } },
  ],
];

const PROVIDERS: readonly Row[] = [
  ['D_PROV_BADNAME', 'provider name may not end with a digit: p1', 'provider p1 { probe a(int); };'],
  [
    'D_PROV_BADNAME',
    `provider name may not exceed 63 characters: ${'p'.repeat(64)}`,
    `provider ${'p'.repeat(64)} { probe a(int); };`,
  ],
  ['D_PROV_PRDUP', 'probe redeclared: p:a', 'provider p { probe a(int); probe a(int); };'],
  [
    'D_PROV_PRARGLEN',
    'probe a input prototype exceeds 255 parameters: 256 params used',
    `provider p { probe a(${Array(256).fill('int').join(', ')}); };`,
  ],
  [
    'D_PROV_PRXLATOR',
    'translator for p:a output argument #1 from int to struct t * is not defined',
    'struct t { int m; }; provider p { probe a(int x) : (struct t *x); };',
  ],
  [
    'D_PROV_INCOMPAT',
    'provider interface mismatch: p\n\t current: probe p:b defined\n\tprevious: probe p:b not defined',
    'provider p { probe a(int); }; provider p { probe a(int); probe b(int); };',
  ],
  [
    'D_PROV_INCOMPAT',
    'probe p:a input prototype mismatch:\n\t current: 2 args\n\tprevious: 1 arg',
    'provider p { probe a(int); }; provider p { probe a(int, int); };',
  ],
  [
    'D_PRAGMA_UNUSED',
    'unused #pragma attributes',
    '#pragma D attributes Stable/Stable/Common nosuch\nint x;',
  ],
  [
    'D_PRAGMA_SCOPE',
    '#pragma attributes cannot modify entity defined outside program scope',
    '#pragma D attributes Stable/Stable/Common pid\nint x;',
  ],
];

const ROWS: readonly Row[] = [
  ...PROBES,
  ...STABILITY,
  ...FUNCTIONS,
  ...OPERATORS,
  ...NAMES,
  ...DECLARATIONS,
  ...AGGREGATIONS,
  ...ORDER,
  ...AGGREGATION_ACTIONS,
  ...FORMATS,
  ...RECORDING,
  ...PROVIDERS,
];

/** Bare statements become the body of a clause. */
function programOf(text: string): string {
  const isBody =
    /^[^{]*;\s*$/.test(text) &&
    !/^(struct|enum|int|string|self|this|inline|typedef|provider|translator|void|long|short|unsigned|const|register|char|#)\b/.test(
      text.replace(/^(self|this)->/, ''),
    );
  return isBody || text.startsWith('if ') ? `BEGIN { ${text} }` : text;
}

describe('refused', () => {
  test.each(ROWS.map((row) => ({ row, tag: row[0], message: row[1] })))('$tag $message', ({ row }) => {
    const [tag, message, text, setup] = row;
    expect(checkText(programOf(text), setup).errors).toEqual([`${tag} ${message}`]);
  });

  test('every tag of the checker has a line', () => {
    const covered = new Set(ROWS.map(([tag]) => tag));
    const elsewhere = ['D_ID_OFLOW', 'D_IDENT_AMBIG', 'D_EXPR_LIMIT', 'D_SYM_NOTYPES', 'D_SYM_MODEL']; // test/unit/check.test.ts
    expect(Object.keys(CHECK_TAGS).filter((tag) => !covered.has(tag) && !elsewhere.includes(tag))).toEqual(
      [],
    );
  });
});
