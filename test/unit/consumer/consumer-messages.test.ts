import { describe, expect, test } from 'vitest';
import { FAULTS } from '../../../src/dif/faults.ts';
import { FakeSession, int, text } from './fake-session.ts';

const WHERE = 'trapline: error on enabled probe ID 1 (ID 1: dtrace:::BEGIN): ';

describe('faults', () => {
  test.each<[number, number, number, bigint, string]>([
    [FAULTS.BADADDR.code, 1, 4, 0n, 'invalid address (0x0) in action #1 at DIF offset 4'],
    [FAULTS.BADADDR.code, 2, 8, -1n, 'invalid address (0xffffffffffffffff) in action #2 at DIF offset 8'],
    [FAULTS.DIVZERO.code, 0, 12, 0n, 'divide-by-zero in predicate at DIF offset 12'],
    [FAULTS.NOSCRATCH.code, 1, -1, 0n, 'out of scratch space in action #1'],
    [FAULTS.BADINDEX.code, 1, 4, 8n, 'index out of bounds (8) in action #1 at DIF offset 4'],
    [FAULTS.NOVALUE.code, 1, 4, 0x200n, 'rax is not carried by this event in action #1 at DIF offset 4'],
    [
      FAULTS.NOVALUE.code,
      1,
      4,
      1n,
      'a built-in variable is not carried by this event in action #1 at DIF offset 4',
    ],
    [77, 1, 4, 0n, 'unknown fault in action #1 at DIF offset 4'],
  ])('code %d in action %d', (code, action, difOffset, value, expected) => {
    const session = new FakeSession();
    session.consumer.fault({ ecb: session.ecb([]).ecb, action, difOffset, code, value });
    expect(session.errors).toEqual([`${WHERE}${expected}\n`]);
  });

  test('a message comes after the output before it', () => {
    const session = new FakeSession().set('quiet');
    session.fire([{ kind: 'printf', format: 'x', values: [] }]);
    session.consumer.fault({ ecb: session.ecb([]).ecb, action: 1, difOffset: 4, code: 4, value: 0n });
    expect(session.events).toEqual(['write', 'err']);
  });
});

describe('drops', () => {
  test.each([
    ['DYNAMIC', 0, 1, 'trapline: 1 dynamic variable drop\n'],
    ['AGGREGATION', 0, 3, 'trapline: 3 aggregation drops on CPU 0\n'],
    ['PRINCIPAL', 2, 1, 'trapline: 1 drop on CPU 2\n'],
    ['SPECUNAVAIL', 0, 1, 'trapline: 1 failed speculation (no speculative buffer available)\n'],
    ['DBLERROR', 0, 2, 'trapline: 2 errors in ERROR probe enabling\n'],
  ] as const)('%s on CPU %d, %d times', (kind, cpu, count, expected) => {
    const session = new FakeSession();
    session.consumer.drop(kind, cpu, count);
    expect(session.errors).toEqual([expected]);
  });

  test('droptags show the kind', () => {
    const session = new FakeSession().set('droptags');
    session.consumer.drop('DYNAMIC', 0, 2);
    expect(session.errors).toEqual(['trapline: [DTRACEDROP_DYNAMIC] 2 dynamic variable drops\n']);
  });
});

describe('library actions', () => {
  test('a refused setopt() is reported and tracing goes on', () => {
    const session = new FakeSession().set('quiet');
    session.fire([
      { kind: 'setopt', name: 'nonsense' },
      { kind: 'setopt', name: 'nonsense', value: '5' },
      { kind: 'printf', format: 'on', values: [] },
    ]);
    expect(session.text()).toBe('on');
    expect(session.errors).toEqual([
      'trapline: error on enabled probe ID 1 (ID 1: dtrace:::BEGIN): couldn\'t set option "nonsense" to "1": Invalid option name\n',
      'trapline: error on enabled probe ID 1 (ID 1: dtrace:::BEGIN): couldn\'t set option "nonsense" to "5": Invalid option name\n',
    ]);
  });

  test('system() runs after what was printed before it', () => {
    const session = new FakeSession().set('quiet');
    session.fire([
      { kind: 'printf', format: 'before\n', values: [] },
      { kind: 'system', format: 'echo %s %d', values: [text('hi'), int('i32', 5)] },
      { kind: 'printf', format: 'after\n', values: [] },
    ]);
    expect(session.text()).toBe('before\nafter\n');
    expect(session.events).toEqual(['write', 'sh echo hi 5', 'write']);
  });

  test('freopen() redirects, an empty path restores', () => {
    let file = '';
    const opened: string[] = [];
    const openFile = (path: string) => {
      opened.push(path);
      if (path.startsWith('/no')) return 'No such file or directory';
      const write = (chunk: Uint8Array) => {
        file += new TextDecoder().decode(chunk);
      };
      return { write };
    };
    const session = new FakeSession({ openFile }).set('quiet');
    const say = (format: string) => ({ kind: 'printf', format, values: [] }) as const;
    session.fire([say('1'), { kind: 'freopen', format: '/tmp/%d', values: [int('i32', 9)] }, say('2')]);
    session.fire([{ kind: 'freopen', format: '/no/where', values: [] }, say('3')]);
    session.fire([{ kind: 'freopen', format: '', values: [] }, say('4')]);
    expect(session.finished()).toBe('14\n');
    expect(file).toBe('23');
    expect(opened).toEqual(['/tmp/9', '/no/where']);
    expect(session.errors).toEqual([
      'trapline: error on enabled probe ID 2 (ID 1: dtrace:::BEGIN): couldn\'t freopen() "/no/where": No such file or directory\n',
    ]);
  });

  test('ftruncate() empties the output after it was written', () => {
    const events: string[] = [];
    const session = new FakeSession({
      out: { write: () => void events.push('write'), truncate: () => void events.push('truncate') },
    });
    session.fire([{ kind: 'ftruncate' }]);
    expect(events).toEqual(['write', 'truncate']);
  });
});
