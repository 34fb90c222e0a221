import { describe, expect, test } from 'vitest';
import type { ProbeName } from '../../../src/dif/consumer-contract.ts';
import type { Type } from '../../../src/types/type.ts';
import {
  address,
  BEGIN,
  bytes,
  FakeSession,
  int,
  type Step,
  stack,
  text,
  type Value,
} from './fake-session.ts';

const HEADING = 'CPU     ID                    FUNCTION:NAME\n';
const BEGIN_ROW = '  0      1                           :BEGIN ';

const trace = (value: Value): Step => ({ kind: 'trace', value });
const exit = (status: number): Step => ({ kind: 'exit', value: int('i32', status) });

function probe(name: string, fn = 'open', provider = 'fbt', id = 7): ProbeName {
  return { id, provider, module: 'm', function: fn, name };
}

describe('rows', () => {
  test('heading once, prefix, newline at the end of the record', () => {
    const session = new FakeSession().fire([]).fire([exit(0)]);
    expect(session.finished()).toBe(`${HEADING}${BEGIN_ROW}\n${BEGIN_ROW}\n\n`);
    expect(session.consumer.exitStatus).toBe(0);
  });

  test('several traces stand on one row', () => {
    const session = new FakeSession().fire([trace(int('i32', 5)), trace(text('ab')), exit(3)]);
    expect(session.text()).toBe(`${HEADING}${BEGIN_ROW}           5  ${'ab'.padEnd(33)}\n`);
    expect(session.consumer.exitStatus).toBe(3);
  });

  test('names, ids and CPUs take the room they need', () => {
    const name: ProbeName = {
      id: 1234567,
      provider: 'vec',
      module: 'exception',
      function: 'a_function_name_longer_than_its_column',
      name: '0x0e',
    };
    const session = new FakeSession().fire([], name, 1234);
    expect(session.text()).toBe(`${HEADING}1234 1234567 a_function_name_longer_than_its_column:0x0e \n`);
  });

  test('quiet: data only, and the newline at the end of tracing', () => {
    const session = new FakeSession().set('quiet');
    session.fire([trace(text('a')), trace(int('i64', 1))]).fire([exit(7)]);
    expect(session.finished()).toBe('a1\n');
    expect(session.consumer.exitStatus).toBe(7);
  });

  test('nothing recorded: no heading', () => {
    expect(new FakeSession().finished()).toBe('\n');
  });

  test('setopt("quiet") takes effect behind the row of its record', () => {
    const session = new FakeSession()
      .fire([])
      .fire([{ kind: 'setopt', name: 'quiet' }])
      .fire([trace(int('i32', 1))]);
    expect(session.text()).toBe(`${HEADING}${BEGIN_ROW}\n${BEGIN_ROW}\n1`);
  });

  test('with branches, only the actions that ran print', () => {
    const session = new FakeSession();
    const steps = [trace(int('i8', 1)), trace(int('i8', 2)), trace(int('i8', 3))];
    const { ecb, payload } = session.ecb(steps, BEGIN, true);
    payload[ecb.clause.layout.taken!] = 0b101;
    session.deliver(ecb, payload);
    expect(session.text()).toBe(`${HEADING}${BEGIN_ROW}   1   3\n`);
  });

  test('a long output leaves in chunks and whole', () => {
    const session = new FakeSession().set('quiet');
    const { ecb, payload } = session.ecb([
      { kind: 'printf', format: 'line %d\n', values: [int('i32', 12345)] },
    ]);
    for (let i = 0; i < 20000; i++) session.deliver(ecb, payload);
    expect(session.events.length).toBe(3);
    expect(session.text()).toBe('line 12345\n'.repeat(20000));
  });
});

describe('trace() by type', () => {
  test.each<[string, Value, string, string]>([
    ['int8', int('i8', -1), '  -1', '-1'],
    ['uint8', int('u8', 255), ' 255', '255'],
    ['int16', int('i16', -300), '   -300', '-300'],
    ['uint16', int('u16', 65535), '  65535', '65535'],
    ['int32', int('i32', -5), '          -5', '-5'],
    ['uint32', int('u32', 4294967295), '  4294967295', '4294967295'],
    ['int64', int('i64', -1), '                   -1', '-1'],
    ['uint64', int('u64', (1n << 64n) - 1n), ' 18446744073709551615', '18446744073709551615'],
    ['string', text('abc'), `  ${'abc'.padEnd(33)}`, 'abc'],
    ['empty string', text(''), ' '.repeat(35), ''],
    ['full string', text('0123456789abcdefgh'), `  ${'0123456789abcdef'.padEnd(33)}`, '0123456789abcdef'],
    ['char array', bytes('hi\0\0'), `  ${'hi'.padEnd(33)}`, 'hi'],
    ['symbol', address(0x1234n), `  ${'0x1234'.padEnd(50)}`, `  ${'0x1234'.padEnd(50)}`],
    [
      'stack',
      stack(0x10n, 0x20n, 0n),
      '\n              0x10\n              0x20\n',
      '\n              0x10\n              0x20\n',
    ],
  ])('%s', (_, value, loud, quiet) => {
    expect(new FakeSession().fire([trace(value)]).text()).toBe(`${HEADING}${BEGIN_ROW}${loud}\n`);
    expect(
      new FakeSession()
        .set('quiet')
        .fire([trace(value)])
        .text(),
    ).toBe(quiet);
  });

  const DUMP_HEAD = '\n             0  1  2  3  4  5  6  7  8  9  a  b  c  d  e  f  0123456789abcdef\n';

  test('bytes that are no text are dumped', () => {
    const value = bytes('Linux version\0');
    const session = new FakeSession().set('quiet', 'rawbytes').fire([trace(value)]);
    expect(session.text()).toBe(
      `${DUMP_HEAD}         0: 4c 69 6e 75 78 20 76 65 72 73 69 6f 6e 00        Linux version.\n`,
    );
  });

  test('a string with a byte that does not print is dumped with zeros behind its end', () => {
    const session = new FakeSession().set('quiet').fire([trace(text('a\x01'))]);
    expect(session.text()).toBe(
      `${DUMP_HEAD}         0: 61 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00  a...............\n`,
    );
  });

  test('structs are dumped, row by row', () => {
    const struct: Type = { kind: 'struct', tag: 's', members: [], sizeBytes: 18, alignBytes: 1 };
    const content = Uint8Array.from({ length: 18 }, (_, i) => 0x41 + i);
    const session = new FakeSession().set('quiet').fire([trace(bytes(content, struct))]);
    expect(session.text()).toBe(
      `${DUMP_HEAD}         0: 41 42 43 44 45 46 47 48 49 4a 4b 4c 4d 4e 4f 50  ABCDEFGHIJKLMNOP\n` +
        `        10: 51 52${' '.repeat(44)}QR\n`,
    );
  });

  test.each([
    [4, ' 41 42 43 44', 'ABCD'],
    [9, ' 41 42 43 44 45 46', 'ABCDEF'],
    [-1, ' 41 42 43 44 45 46', 'ABCDEF'],
  ])('tracemem() of 6 bytes with a size of %d', (size, hex, characters) => {
    const step: Step = { kind: 'tracemem', value: bytes('ABCDEF'), size: int('i32', size) };
    const row = `         0:${hex}`.padEnd(11 + 16 * 3 + 2) + characters;
    expect(new FakeSession().set('quiet').fire([step]).text()).toBe(`${DUMP_HEAD}${row}\n`);
  });

  test('stacks and addresses with symbols', () => {
    const symbols = {
      lookup: (pc: bigint) =>
        pc >= 0x100n ? { module: 'kernel', name: 'schedule', offset: pc - 0x100n } : undefined,
    };
    const session = new FakeSession({ symbols }).set('quiet', 'stackindent=2');
    session.fire([{ kind: 'stack', value: stack(0x100n, 0x104n, 0x20n, 0n) }, trace(address(0x108n))]);
    expect(session.text()).toBe(
      `\n  kernel\`schedule\n  kernel\`schedule+0x4\n  0x20\n  ${'kernel`schedule'.padEnd(50)}`,
    );
  });
});

describe('symbolic addresses show what their action names', () => {
  const symbols = {
    lookup: (pc: bigint) => {
      if (pc >= 0x200n) return { module: '/usr/lib/libc.so.6', name: 'malloc', offset: pc - 0x200n };
      if (pc >= 0x100n) return { module: 'kernel', name: 'schedule', offset: pc - 0x100n };
      return pc >= 0x80n ? { module: 'kernel', name: '', offset: 0n } : undefined;
    },
  };
  const shown = (
    kind: 'symaddr' | 'usymaddr',
    shows: 'sym' | 'func' | 'mod' | 'usym' | 'ufunc' | 'umod' | 'uaddr',
    pc: bigint,
  ) => {
    const shape = { kind, sizeBytes: 8, signed: false, type: { kind, shows } } as const;
    const session = new FakeSession({ symbols }).set('quiet');
    return session
      .fire([trace({ shape, content: pc })])
      .text()
      .trim();
  };

  test.each([
    ['symaddr', 'sym', 0x104n, 'kernel`schedule'],
    ['symaddr', 'func', 0x104n, 'kernel`schedule'],
    ['symaddr', 'mod', 0x104n, 'kernel'],
    ['symaddr', 'sym', 0x90n, 'kernel`0x90'],
    ['symaddr', 'mod', 0x90n, 'kernel'],
    ['symaddr', 'mod', 0x10n, '0x10'],
    ['usymaddr', 'usym', 0x208n, '/usr/lib/libc.so.6`malloc'],
    ['usymaddr', 'ufunc', 0x208n, '/usr/lib/libc.so.6`malloc'],
    ['usymaddr', 'umod', 0x208n, 'libc.so.6'],
    ['usymaddr', 'uaddr', 0x208n, '/usr/lib/libc.so.6`malloc+0x8'],
    ['usymaddr', 'uaddr', 0x10n, '0x10'],
  ] as const)('%s %s of %d', (kind, shows, pc, expected) => {
    expect(shown(kind, shows, pc)).toBe(expected);
  });
});

describe('flow indentation', () => {
  const FLOW_HEADING = `CPU ${'FUNCTION'.padEnd(41)}\n`;
  const row = (shown: string, cpu = 0) => `${String(cpu).padStart(3)} ${shown.padEnd(41)} \n`;

  test('entries indent, returns un-indent, others stand in between', () => {
    const session = new FakeSession().set('flowindent');
    session
      .fire([], probe('entry', 'open', 'fbt', 1), 0, 1n)
      .fire([], probe('tick', 'x', 'fbt', 2), 0, 2n)
      .fire([], probe('entry', 'read', 'syscall', 3), 0, 3n)
      .fire([], probe('return', 'read', 'syscall', 4), 0, 4n)
      .fire([], probe('return', 'open', 'fbt', 5), 0, 5n)
      .fire([], probe('return', 'more', 'fbt', 6), 0, 6n);
    expect(session.text()).toBe(
      FLOW_HEADING +
        row(' -> open') +
        row('  | x:tick') +
        row('   => read') +
        row('   <= read') +
        row(' <- open') +
        row(' <- more'),
    );
  });

  test('each CPU has its own indentation', () => {
    const session = new FakeSession().set('flowindent');
    session.fire([], probe('entry', 'a'), 0, 1n).fire([], probe('entry', 'b'), 1, 2n);
    expect(session.text()).toBe(FLOW_HEADING + row(' -> a') + row(' -> b', 1));
  });

  test('several clauses on one firing move the indentation once', () => {
    const session = new FakeSession().set('flowindent');
    const entry = probe('entry', 'open', 'fbt', 1);
    const leave = probe('return', 'open', 'fbt', 2);
    session.fire([], entry, 0, 1n).fire([], entry, 0, 1n);
    session.fire([trace(int('i8', 1))], leave, 0, 2n).fire([trace(int('i8', 2))], leave, 0, 2n);
    expect(session.text()).toBe(
      FLOW_HEADING +
        row(' -> open') +
        row('  | open:entry') +
        `  0 ${'  | open:return'.padEnd(41)}    1\n` +
        `  0 ${' <- open'.padEnd(41)}    2\n`,
    );
  });

  test('with quiet, heading and prefixes stay and newlines go', () => {
    const session = new FakeSession().set('flowindent', 'quiet').fire([], probe('entry'), 0, 1n);
    expect(session.text()).toBe(`${FLOW_HEADING}  0 ${' -> open'.padEnd(41)} `);
  });
});

describe('print() by type', () => {
  const charType: Type = { kind: 'int', name: 'char', sizeBytes: 1, signed: true };
  const intType: Type = { kind: 'int', name: 'int', sizeBytes: 4, signed: true };
  const unsignedType: Type = { kind: 'int', name: 'unsigned int', sizeBytes: 4, signed: false };
  const inner: Type = {
    kind: 'struct',
    tag: 'inner',
    sizeBytes: 8,
    alignBytes: 4,
    members: [
      { name: 'c', type: charType, offsetBits: 0, bitWidth: undefined },
      { name: 'low', type: unsignedType, offsetBits: 32, bitWidth: 3 },
      { name: 'high', type: intType, offsetBits: 35, bitWidth: 3 },
    ],
  };
  const outer: Type = {
    kind: 'struct',
    tag: 'pair',
    sizeBytes: 32,
    alignBytes: 4,
    members: [
      { name: 'a', type: intType, offsetBits: 0, bitWidth: undefined },
      { name: 'zero', type: intType, offsetBits: 32, bitWidth: undefined },
      { name: 'b', type: inner, offsetBits: 64, bitWidth: undefined },
      { name: 'd', type: { kind: 'array', of: intType, count: 2 }, offsetBits: 128, bitWidth: undefined },
      { name: 'name', type: { kind: 'array', of: charType, count: 8 }, offsetBits: 192, bitWidth: undefined },
    ],
  };
  const content = new Uint8Array(32);
  new Int32Array(content.buffer).set([-1, 0, 0x78, 0b110101, 3, -4, 0x006261, 0]);

  const print = (value: Value, ...options: string[]) =>
    new FakeSession()
      .set(...options)
      .fire([{ kind: 'print', value }])
      .text();

  test.each<[Value, string]>([
    [int('i32', 5), '(int)5'],
    [int('i64', -(1n << 63n)), '(long)-9223372036854775808'],
    [int('i8', 0x41), "(char)'A'"],
    [int('i8', -1), '(char)-1'],
    [text('a"b'), '(string)"a\\"b"'],
  ])('scalar %#', (value, expected) => {
    expect(print(value, 'quiet')).toBe(expected);
  });

  const lines = [
    '(struct pair) {',
    '    .a = (int)-1,',
    '    .b = (struct inner) {',
    "        .c = (char)'x',",
    '        .low = (unsigned int:3)5,',
    '        .high = (int:3)-2,',
    '    },',
    '    .d = (int [2])[ 3, -4 ],',
    '    .name = (char [8])"ab",',
    '}',
  ];

  test('a struct is a tree without its zeros', () => {
    expect(print(bytes(content, outer), 'quiet')).toBe(lines.join('\n'));
  });

  test('outside quiet mode the tree stands in the data column', () => {
    const indented = lines.join(`\n${' '.repeat(44)}`);
    expect(print(bytes(content, outer))).toBe(`${HEADING}${BEGIN_ROW}${indented}\n`);
  });

  test('a struct of zeros', () => {
    expect(print(bytes(new Uint8Array(8), inner), 'quiet')).toBe('(struct inner) {}');
  });
});

describe('rows by the million', () => {
  const MANY = 6000; // enough for code to be made for them
  const lineOf = (session: FakeSession, literal: string, value: number) =>
    session.ecb([{ kind: 'printf', format: literal, values: [int('i64', value)] }]);

  test('of two clauses in turn, with all else between them in its place', () => {
    const session = new FakeSession().set('quiet');
    const a = lineOf(session, 'a %d\n', 5);
    const b = lineOf(session, 'b %016x\n', 5);
    const other = session.ecb([{ kind: 'printf', format: '%s!\n', values: [text('x')] }]);
    let expected = '';
    for (let i = 0; i < MANY; i++) {
      for (const [{ ecb, payload }, line] of [
        [a, 'a 5\n'],
        [b, 'b 0000000000000005\n'],
        [a, 'a 5\n'],
      ] as const) {
        session.deliver(ecb, payload);
        expected += line;
      }
      if (i % 1000 !== 999) continue;
      session.deliver(other.ecb, other.payload);
      expected += 'x!\n';
    }
    expect(session.finished()).toBe(`${expected}\n`);
  });

  test('of what the records were when they were drained', () => {
    const session = new FakeSession().set('quiet');
    const { ecb } = lineOf(session, '%d\n', 0);
    const at = session.memory.reserve(8);
    let expected = '';
    for (let i = 0; i < MANY; i++) {
      session.memory.i64[at / 8] = BigInt(i);
      session.consumer.record(ecb, 0, at, session.memory, at);
      session.consumer.drained();
      expected += `${i}\n`;
    }
    expect(session.text()).toBe(expected);
  });

  test('before a message that comes behind them', () => {
    const session = new FakeSession().set('quiet');
    const { ecb, payload } = lineOf(session, '%d\n', 1);
    for (let i = 0; i < MANY; i++) session.deliver(ecb, payload);
    session.consumer.drop('DYNAMIC', 0, 1);
    expect(session.output).toBe('1\n'.repeat(MANY));
  });

  test('with a prefix from where they are no longer quiet, and without again', () => {
    const session = new FakeSession().set('quiet');
    const line = lineOf(session, '%d\n', 1);
    const loud = session.ecb([{ kind: 'setopt', name: 'quiet', value: '0' }]);
    const quiet = session.ecb([{ kind: 'setopt', name: 'quiet' }]);
    for (let i = 0; i < MANY; i++) session.deliver(line.ecb, line.payload);
    session.deliver(loud.ecb, loud.payload);
    session.deliver(line.ecb, line.payload);
    session.deliver(quiet.ecb, quiet.payload);
    session.deliver(line.ecb, line.payload);
    const many = '1\n'.repeat(MANY);
    expect(session.text()).toBe(`${many}${HEADING}${BEGIN_ROW}1\n\n${BEGIN_ROW}\n1\n`);
  });
});
