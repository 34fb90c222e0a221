/** Whole programs through the checker: order, scopes shared by several texts, one message per mistake, needs, hints. */
import { describe, expect, test } from 'vitest';
import { Scope } from '../../src/check/scope.ts';
import { INT } from '../../src/types/intrinsic.ts';
import { typeText } from '../../src/types/text.ts';
import { checkText, lastClause } from '../support/check-program.ts';

describe('program order', () => {
  test('the body is checked before the predicate, unless a name is unknown', () => {
    expect(checkText('BEGIN /x == 0/ { x++; }').errors).toEqual([]);
    expect(checkText('BEGIN /x++ == 0/ { trace(x); }').errors).toEqual([]);
    expect(checkText('BEGIN /self->x == 0/ { self->x = 1; }').errors).toEqual([]);
    expect(checkText('BEGIN /x == 0/ { trace(y); }').errors).toEqual([
      'D_IDENT_UNDEF failed to resolve x: Unknown variable name',
    ]);
  });

  test('a clause sees what earlier clauses assign, not what later ones do', () => {
    expect(checkText('BEGIN { x = 1; } END { trace(x); }').errors).toEqual([]);
    expect(checkText('BEGIN { trace(x); } END { x = 1; }').errors).toHaveLength(1);
  });

  test('a type is fixed for the session by the first assignment', () => {
    const { typed } = checkText('BEGIN { x = (char)1; x = 70000; self->s = "a"; self->s = 0; }');
    expect(typed.variables.map(({ name, value }) => [name, typeText(value.type)])).toEqual([
      ['x', 'char'],
      ['s', 'string'],
    ]);
  });
});

describe('several programs', () => {
  test('share variables, types, inlines and aggregations', () => {
    const scope = new Scope();
    const library = 'typedef struct pair { int a; int b; } pair_t; inline int N = 3; int shared;';
    expect(checkText(library, { scope, kind: 'library' }).errors).toEqual([]);
    expect(
      checkText('BEGIN { shared = N; @a[1] = count(); p = (pair_t *)alloca(8); }', { scope }).errors,
    ).toEqual([]);
    const { typed, errors } = checkText('END { trace(p->b); @b = sum(shared); printa(@a); }', { scope });
    expect(errors).toEqual([]);
    expect(typed.aggregations.map(({ id, name, func }) => [id, name, func])).toEqual([
      [0, 'a', 'count'],
      [1, 'b', 'sum'],
    ]);
    expect(typed.variables.map(({ name, id }) => [name, id])).toEqual([
      ['shared', 0x500],
      ['p', 0x501],
    ]);
  });

  test('each scope of variables counts its own ids', () => {
    const { typed } = checkText('BEGIN { a = 1; self->a = 2; this->a = 3; self->b = 4; }');
    expect(typed.variables.map(({ scope, name, id }) => [scope, name, id])).toEqual([
      ['global', 'a', 0x500],
      ['thread', 'a', 0x500],
      ['clause', 'a', 0x500],
      ['thread', 'b', 0x501],
    ]);
  });

  test('variables run out when their ids do', () => {
    const scope = new Scope();
    const shape = { kind: 'int', sizeBytes: 4, signed: true, type: INT } as const;
    for (let id = 0x500; id <= 0xffff; id++) scope.addVariable('global', `v${id}`, undefined, shape);
    expect(checkText('BEGIN { one = 1; }', { scope }).errors).toEqual([
      'D_ID_OFLOW cannot create one: limit on number of global variables exceeded',
    ]);
  });
});

describe('one mistake, one message', () => {
  test('the rest of a clause in error is checked in silence, and what it declares is known', () => {
    const { errors } = checkText(
      'BEGIN { x = nosuch; y = strlen(5); z = alsonot; } END { trace(x); trace(y); trace(z); }',
    );
    expect(errors).toEqual(['D_IDENT_UNDEF failed to resolve nosuch: Unknown variable name']);
  });

  test('every clause in error is reported', () => {
    expect(checkText('BEGIN { trace(nosuch1); } END { trace(nosuch2); }').errors).toHaveLength(2);
  });

  test('a clause whose probe is unknown is not reported for its body too', () => {
    expect(checkText('nosuch::: { trace(a1); }').errors).toEqual([
      'D_PDESC_ZERO probe description nosuch::: does not match any probes',
    ]);
  });

  test('a wrong inline or translator is reported where it is defined', () => {
    expect(checkText('inline int f[int a] = a + nosuch; BEGIN { trace(f[1]); }').errors).toHaveLength(1);
    const text =
      'struct t { int m; }; translator struct t < int *p > { m = nosuch; }; BEGIN { trace(xlate<struct t>((int *)0).m); }';
    expect(checkText(text).errors).toHaveLength(1);
  });
});

test('inlines that grow by powers of two end in a message', () => {
  const chain = Array.from({ length: 40 }, (_, i) => `inline long a${i + 1} = a${i} + a${i};`).join(' ');
  const { errors } = checkText(`inline long a0 = pid; ${chain} BEGIN { trace(a40); }`);
  expect(errors).toEqual([
    'D_EXPR_LIMIT program comes to more than 100000 expressions when its inlines are expanded',
  ]);
});

describe('names', () => {
  test("trapline's own built-ins give way to a program's variable, D's do not", () => {
    expect(checkText('BEGIN { line = 3; depth++; int_x = line; }').errors).toEqual([]);
    expect(checkText('int cs; BEGIN { cs = 1; }').errors).toEqual([]);
    expect(checkText('BEGIN { trace(line); line = 3; }').errors).toHaveLength(1);
    expect(checkText('BEGIN { timestamp = 3; }').errors).toHaveLength(1);
  });

  test('an enum tag needs no declaration on the right of a comparison with that enum', () => {
    const scope = new Scope();
    scope.types.enumeration('c').enumerators = [{ name: 'RED', value: 4 }];
    const text = 'enum c v; BEGIN /v == RED/ { }';
    expect(lastClause(text, { scope }).predicate).toMatchObject({ right: { kind: 'integer', value: 4n } });
    expect(checkText('BEGIN { trace(RED == v); }', { scope }).errors).toHaveLength(1);
    expect(checkText('BEGIN { RED = 1; } BEGIN /v == RED/ { }', { scope }).errors).toEqual([
      'D_IDENT_AMBIG ambiguous use of operator ==: RED is both a enum c enum tag and a global variable',
    ]);
  });

  test('an inline is expanded where it is used, with its arguments', () => {
    const { body } = lastClause('inline int twice[int x] = x + x; BEGIN { trace(twice[pid]); }');
    expect(body[0]).toMatchObject({
      expr: { kind: 'narrow', operand: { kind: 'arithmetic', operator: 'add' } },
    });
  });

  test('an inline may hold a translation', () => {
    const text =
      'struct t { int m; }; translator struct t < int *p > { m = *p; }; inline struct t *cur = xlate<struct t *>((int *)8); BEGIN { trace(cur->m); }';
    expect(lastClause(text).body[0]).toMatchObject({ expr: { kind: 'load', place: { kind: 'memory' } } });
  });
});

describe('args[]', () => {
  const vecinfo = 'typedef struct vecinfo { int64_t vector; uint64_t errcode; uint64_t addr; } vecinfo_t;';
  const catalog = { argumentTypes: () => ['vecinfo_t *'] };

  test('is typed by the probes', () => {
    expect(lastClause('typed::: { trace(args[0]); }').body[0]).toMatchObject({
      expr: { kind: 'load', place: { kind: 'builtin', id: 0, index: { value: 0n } }, type: { name: 'int' } },
    });
    expect(lastClause('typed::: { trace(args[1]->s_addr); }').body[0]).toMatchObject({
      expr: { kind: 'load', place: { kind: 'memory' } },
    });
  });

  test('a view of the raw arguments gives them by name, and needs no more than they do', () => {
    const { typed, errors } = checkText(`${vecinfo} vec::: { trace(args[0]->addr); }`, { catalog });
    expect(errors).toEqual([]);
    expect(typed.clauses[0]?.body[0]).toMatchObject({ shape: { sizeBytes: 8, signed: false } });
    expect(typed.needs).toMatchObject({ faddr: true, pc: false, errcode: false, cpl: false });
  });
});

describe('needs', () => {
  const needs = (text: string) => {
    const { typed, errors } = checkText(text);
    expect(errors).toEqual([]);
    return Object.entries(typed.needs).flatMap(([name, isNeeded]) => (isNeeded === true ? [name] : []));
  };
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['vec::: { @[probename] = count(); }', []],
    ['vec::: { trace(vector); trace(cpu); trace(seq); trace(iflag); }', []],
    ['vec::: { trace(rip); }', ['registers']],
    ['vec::: { trace(eax); }', ['registers']],
    ['vec::: { trace(uregs[R_SP]); }', ['cpl', 'errcode', 'registers']],
    ['vec::: { trace(pc); trace(sp); }', ['pc', 'sp']],
    ['vec::: { trace(cpl); trace(line); }', ['cpl', 'line']],
    ['vec::: { trace(arg0); }', ['args']],
    ['vec::: { trace(arg2); }', ['args', 'faddr']],
    ['profile-97 { trace(arg0); }', ['args', 'cpl', 'errcode', 'faddr', 'pc', 'time']],
    ['vec::: { trace(timestamp); }', ['time']],
    ['tick-1s { }', ['time']],
    ['profile::: { }', ['time']],
    ['vec::: { stack(); }', ['cpl', 'pc']],
    ['vec::: { @[ustack()] = count(); }', ['cpl', 'pc']],
    ['vec::: { printf("%k", jstack()); }', ['cpl', 'pc']],
  ];
  test.each(rows)('%s: %j', (text, expected) => {
    expect(needs(text).sort()).toEqual([...expected].sort());
  });

  test('registers that are named have columns, eax with rax, and no more than eight', () => {
    const columns = (text: string) => checkText(text).typed.needs.registerColumns.toSorted((a, b) => a - b);
    expect(columns('vec::: /eax/ { trace(rip + rax); trace(cr2); @[rip] = count(); }')).toEqual([0, 16, 39]);
    expect(columns('vec::: { trace(vector); trace(uregs[R_CPL]); }')).toEqual([]);
    expect(columns('vec::: { trace(uregs[R_RIP]); trace(uregs[R_RAX] + rip); }')).toEqual([0, 16]);
    const nine = ['rax', 'rbx', 'rcx', 'rdx', 'rsi', 'rdi', 'rbp', 'rsp', 'r8'];
    expect(columns(`vec::: { ${nine.map((name) => `trace(${name});`).join(' ')} }`)).toHaveLength(8);
  });
});

describe('statements', () => {
  test('hasStatements tells the default action from statements without data', () => {
    expect(lastClause('BEGIN { }').hasStatements).toBe(false);
    expect(lastClause('BEGIN { ; }').hasStatements).toBe(false);
    expect(lastClause('BEGIN { x = 1; }').hasStatements).toBe(true);
  });

  test('the order of actions is judged by path', () => {
    expect(
      checkText('BEGIN { if (pid) { speculate(1); trace(1); } else { trace(2); exit(0); } trace(3); }')
        .errors,
    ).toEqual([]);
    expect(checkText('BEGIN { if (pid) { speculate(1); } exit(0); }').errors).toHaveLength(1);
    expect(checkText('BEGIN { commit(1); commit(2); discard(3); }').errors).toEqual([]);
  });

  test('destructive actions and subroutines are listed', () => {
    const { typed } = checkText('BEGIN { system("date"); copyout(alloca(1), 0, 1); stop(); system("ls"); }');
    expect(typed.destructive).toEqual(['system', 'copyout', 'stop']);
  });

  test('printf takes widths from arguments, printa does not', () => {
    expect(checkText('BEGIN { printf("%*.*d %s", 3, 4, pid, execname); }').errors).toEqual([]);
    expect(checkText('BEGIN { @[1, "a"] = count(); printa("%*d %@d %@x\\n", @); }').errors).toEqual([]);
  });

  test('numeric probe specifiers and -Z', () => {
    expect(lastClause('3 { }').patterns[0]).toMatchObject({ id: 3 });
    expect(checkText('nosuch::: { }', { options: { zdefs: true } }).errors).toEqual([]);
  });
});

describe('hints', () => {
  const hint = (text: string) => checkText(text).diagnostics[0]?.hint;
  const rows = [
    ['BEGIN { trace(timestmap); }', 'did you mean timestamp?'],
    ['BEGIN { trace(prbename); }', 'did you mean probename?'],
    ['BEGIN { self->ts = 1; trace(ts); }', 'did you mean self->ts?'],
    ['BEGIN { self->start = 1; trace(self->strat); }', 'did you mean self->start?'],
    ['BEGIN { @hits = count(); trace(hits); }', 'did you mean the aggregation @hits?'],
    ['BEGIN { strlem("a"); }', 'did you mean strlen?'],
    ['BEGIN { @ = quantise(1); }', 'did you mean quantize?'],
    ['struct s { int first; }; BEGIN { trace(((struct s *)0)->frist); }', 'did you mean first?'],
    ['struct s { int a; }; BEGIN { trace(((struct s *)0).a); }', 'this is a pointer: use ->'],
    ['struct s { int a; }; struct s x; BEGIN { trace(x->a); }', 'this is no pointer: use .'],
    ['BEGIN { trace("a" + "b"); }', 'strjoin() joins strings'],
    [
      'BEGIN { printf("%s", pid); }',
      'a number is printed with %d or %x; stringof() takes it for the address of a string',
    ],
    ['BEGIN { printf("%d", execname); }', 'a string is printed with %s'],
    ['BEGIN { @a = count(); trace(@a); }', 'use printa(@a)'],
  ] as const;
  test.each(rows)('%s: %s', (text, expected) => expect(hint(text)).toBe(expected));

  test('the catalog may say why a description matches nothing', () => {
    const { diagnostics } = checkText('nosuch::: { }', { catalog: { whyNone: () => 'only on Tuesdays' } });
    expect(diagnostics[0]?.hint).toBe('only on Tuesdays');
  });

  test('a redefined aggregation shows its first assignment', () => {
    const { diagnostics } = checkText('BEGIN { @a = count(); } END { @a = sum(1); }');
    const [note] = diagnostics[0]?.notes ?? [];
    expect(note?.span?.text.text.slice(note.span.start, note.span.end)).toBe('@a = count()');
  });
});
