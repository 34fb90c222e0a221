/** A QEMU command line: its words, what they say, and what channels add to them. */
import { describe, expect, test } from 'vitest';
import {
  type Channels,
  type QemuFacts,
  qemuFacts,
  splitCommand,
  withChannels,
} from '../../../src/live/qemu-command.ts';

const QEMU = 'qemu-system-x86_64';
const words = (text: string): string[] => splitCommand(text) ?? [];
const facts = (switches: string): QemuFacts => qemuFacts(words(`${QEMU} ${switches}`));

describe('words', () => {
  const rows: readonly (readonly [string, readonly string[] | undefined])[] = [
    ['', []],
    ['  a  b\t\nc ', ['a', 'b', 'c']],
    [`-append 'a b' -name "c d"`, ['-append', 'a b', '-name', 'c d']],
    [`a''b "" ''`, ['ab', '', '']],
    [`x'1 2'"3 4"5\\ 6`, ['x1 23 45 6']],
    [`'a"b' "a'b"`, ['a"b', "a'b"]],
    [`'a\\b' "a\\b"`, ['a\\b', 'a\\b']],
    [`"\\" \\\\ \\$ \\\`"`, ['" \\ $ `']],
    ['$HOME ~ * a;b', ['$HOME', '~', '*', 'a;b']],
    ['a \\\n  b \\\n', ['a', 'b']],
    ['"a \\\nb"', ['a b']],
    ['a\\', ['a\\']],
    [`'a`, undefined],
    [`"a\\"`, undefined],
    [`it's`, undefined],
  ];
  test.each(rows)('%j', (text, expected) => {
    expect(splitCommand(text)).toEqual(expected);
  });
});

describe('facts', () => {
  const rows: readonly (readonly [string, Partial<QemuFacts>])[] = [
    ['', { program: QEMU, target: 'x86_64', kernel: undefined, append: '', cpus: 1 }],
    ['-kernel K -append "a b"', { kernel: 'K', append: 'a b' }],
    ['--kernel K --append -S', { kernel: 'K', append: '-S', startsStopped: false }],
    ['-kernel A -kernel B', { kernel: 'B' }],
    ['-kernel', { kernel: '' }],
    ['-append "-kernel no"', { kernel: undefined, append: '-kernel no' }],
    ['-name -s', { gdb: undefined }],

    ['-smp 4', { cpus: 4 }],
    ['-smp cpus=4', { cpus: 4 }],
    ['-smp cpus=4,cores=2', { cpus: 4 }],
    ['-smp cores=2,cpus=4', { cpus: 4 }],
    ['-smp 2,maxcpus=8', { cpus: 2 }],
    ['-smp maxcpus=8', { cpus: 8 }],
    ['-smp sockets=2,cores=3,threads=2', { cpus: 12 }],
    ['--smp cores=2', { cpus: 2 }],

    ['-m 512', { accelerator: undefined, thread: undefined }],
    ['-enable-kvm', { accelerator: 'kvm' }],
    ['--enable-kvm -accel tcg', { accelerator: 'kvm' }],
    ['-accel kvm', { accelerator: 'kvm' }],
    ['-accel kvm -accel tcg', { accelerator: 'kvm' }],
    ['-accel tcg -accel kvm', { accelerator: 'tcg' }],
    ['-accel accel=tcg', { accelerator: 'tcg' }],
    ['-accel tcg,thread=multi', { accelerator: 'tcg', thread: 'multi' }],
    ['-accel tcg,tb-size=64,thread=single', { thread: 'single' }],
    ['-M q35,accel=kvm', { accelerator: 'kvm' }],
    ['-machine q35,accel=kvm:tcg', { accelerator: 'kvm' }],
    ['-machine accel=tcg', { accelerator: 'tcg' }],
    ['-machine q35,kernel-irqchip=off', { accelerator: undefined }],

    ['-s', { gdb: 'tcp::1234' }],
    ['-gdb tcp::9000', { gdb: 'tcp::9000' }],
    ['-serial mon:stdio -S', { startsStopped: true }],
    ['-snapshot', { startsStopped: false, gdb: undefined }],
    ['-d int,cpu_reset', { logItems: ['int', 'cpu_reset'] }],
    ['-d int -d exec', { logItems: ['exec'] }], // as QEMU has it: the last one counts
    ['-D log', { logFile: 'log', logItems: [] }],
    ['-dfilter 0x1000+1', { dfilter: '0x1000+1' }],
    ['-daemonize', { daemonizes: true }],
    ['-icount shift=auto', { icount: true }],

    ['-device isa-debug-exit,iobase=0xf4', { choosesStatus: true }],
    ['-device virtio-net', { choosesStatus: false }],

    ['-serial file:out', { readsStdin: false }],
    ['-serial stdio', { readsStdin: true }],
    ['-serial mon:stdio', { readsStdin: true }],
    ['-monitor stdio', { readsStdin: true }],
    ['-chardev stdio,id=c,signal=off', { readsStdin: true }],
    ['-nographic', { readsStdin: true }],
    ['--nographic', { readsStdin: true }],
    ['-display curses', { readsStdin: true }],
    ['-curses', { readsStdin: true }],
    ['-append "stdio"', { readsStdin: false }],
    ['-serial file:stdio.log', { readsStdin: false }],
  ];
  test.each(rows)('%s', (switches, expected) => {
    expect(facts(switches)).toMatchObject(expected);
  });

  test.each([
    ['/opt/qemu/bin/qemu-system-i386', 'i386'],
    ['qemu-system-aarch64', 'aarch64'],
    ['./qemu', ''],
  ])('the target of %s', (program, target) => {
    expect(qemuFacts([program]).target).toBe(target);
  });
});

describe('channels', () => {
  const NONE: Channels = {
    logItems: [],
    logPath: undefined,
    dfilter: undefined,
    singleThread: false,
    gdbSocket: undefined,
    qmpSocket: undefined,
    stopped: false,
    more: [],
  };
  const joined = (switches: string, channels: Partial<Channels>): string => {
    const given = words(`${QEMU} ${switches}`);
    return withChannels(given, qemuFacts(given), { ...NONE, ...channels })
      .slice(1)
      .join(' ');
  };
  const single = { singleThread: true } as const;
  const rows: readonly (readonly [string, Partial<Channels>, string])[] = [
    ['-m 64', {}, '-m 64'],
    ['-m 64', { logItems: ['int'], logPath: 'F' }, '-m 64 -d int -D F'],
    ['-d exec,int -m 64', { logItems: ['int', 'cpu_reset'] }, '-m 64 -d exec,int,cpu_reset'],
    ['-d cpu --d guest_errors -m 64', { logItems: ['int'] }, '-m 64 -d guest_errors,int'],
    ['-append -d -m 64', { logItems: ['int'] }, '-append -d -m 64 -d int'],
    ['-m 64', { dfilter: '0x10+1,0x20+1' }, '-m 64 -dfilter 0x10+1,0x20+1'],
    ['-S', { stopped: true }, '-S'],
    ['-m 64', { stopped: true }, '-m 64 -S'],
    ['-m 64', { gdbSocket: 'G' }, '-m 64 -gdb unix:G,server=on,wait=off'],
    ['-qmp stdio', { qmpSocket: 'Q' }, '-qmp stdio -qmp unix:Q,server=on,wait=off'],
    ['-m 64', { more: ['-plugin', 'p.so'] }, '-m 64 -plugin p.so'],

    ['-smp 2', single, '-smp 2 -accel tcg,thread=single'],
    ['-accel tcg -smp 2', single, '-accel tcg,thread=single -smp 2'],
    ['-accel tcg,tb-size=64', single, '-accel tcg,tb-size=64,thread=single'],
    ['-accel tcg,thread=multi', single, '-accel tcg,thread=multi'],
    // QEMU refuses -accel beside the machine's accel=.
    ['-M q35,accel=tcg -smp 2', single, '-M q35 -smp 2 -accel tcg,thread=single'],
    ['-machine accel=tcg:kvm,type=q35 -m 1', single, '-machine type=q35 -m 1 -accel tcg,thread=single'],
    ['-machine accel=tcg -m 1', single, '-m 1 -accel tcg,thread=single'],
  ];
  test.each(rows)('%s with %j', (switches, channels, expected) => {
    expect(joined(switches, channels)).toBe(expected);
  });
});
