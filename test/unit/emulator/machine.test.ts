/** The built-in machine: it boots the example kernel on 1 to 8 CPUs, the same for the same seed, and ends as guests end. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { DELIVERY } from '../../../src/emulator/lapic.ts';
import { loadImage, RESERVED_BYTES, readImage } from '../../../src/emulator/loader.ts';
import { ATTENTION } from '../../../src/emulator/vcpu.ts';
import { CR0 } from '../../../src/x86/cpu.ts';
import { codeImage, EXAMPLE_KERNEL, newMachine, runGuest } from '../../support/machine-run.ts';

describe('the example kernel', () => {
  test.each([1, 2, 4, 8])('boots on %i CPUs and does its work on each', async (cpus) => {
    const { machine, counts, console } = await runGuest({ cpus, append: 'ticks=2' });
    expect(machine.end).toEqual({ kind: 'power-off' });
    expect(console).toContain(`guest: begin, ${cpus} cpus\n`);
    expect(console.endsWith('guest: end\n')).toBe(true);
    expect(counts).toMatchObject({
      'fib calls': 177 * cpus,
      'chain calls': 100 * cpus,
      'locked sections': 1000 * cpus,
      shared: 1000 * cpus,
      ipi: 20 * cpus,
      nmi: 2 * cpus,
      'page faults': 80 * cpus,
      'divide errors': 10 * cpus,
      'debug traps': 10 * cpus,
      breakpoints: 20 * cpus,
      'syscalls add': 500 * cpus,
      int80: 100 * cpus,
    });
  });

  test('the same seed gives the same run, to the instruction and the byte', async () => {
    const runs = [await runGuest({ cpus: 3, seed: 5 }), await runGuest({ cpus: 3, seed: 5 })];
    expect(runs[1]!.machine.executed).toBe(runs[0]!.machine.executed);
    expect(runs[1]!.machine.nowNs).toBe(runs[0]!.machine.nowNs);
    expect(runs[1]!.memory).toBe(runs[0]!.memory);
  });

  test('another seed gives another schedule', async () => {
    const runs = [await runGuest({ cpus: 3, seed: 5 }), await runGuest({ cpus: 3, seed: 6 })];
    expect(runs[1]!.machine.executed).not.toBe(runs[0]!.machine.executed);
    expect(runs[1]!.counts['fib calls']).toBe(runs[0]!.counts['fib calls']);
  });

  test('its clock is the machine’s: 10 ticks at 100 Hz are a tenth of a second, most of it halted', async () => {
    const { machine, counts } = await runGuest({ append: 'ticks=10' });
    expect(counts['timer']).toBe(10);
    expect(machine.nowNs).toBeGreaterThan(100e6);
    expect(machine.nowNs).toBeLessThan(110e6);
    expect(machine.executed * 10).toBeLessThan(machine.nowNs / 4);
  });
});

describe('the end', () => {
  const ENDS: readonly (readonly [string, string, object])[] = [
    ['cli; hlt', 'fa f4', { kind: 'dead' }],
    ['ud2 without an IDT', '0f 0b', { kind: 'triple-fault' }],
    ['out 0xf4, 3', 'b0 03 e6 f4', { kind: 'debug-exit', code: 3 }],
    ['reset by the keyboard controller', 'b0 fe e6 64', { kind: 'reset' }],
    ['reset by 0xcf9', '66 ba f9 0c b0 06 ee', { kind: 'reset' }],
    ['power off by ACPI', '66 ba 04 06 66 b8 00 20 66 ef', { kind: 'power-off' }],
    ['a jump to where no memory is', 'b8 00 00 00 f0 ff e0', { kind: 'triple-fault' }],
  ];
  test.each(ENDS)('%s', async (_, code, end) => {
    const { machine } = await runGuest({ image: codeImage(code) });
    expect(machine.end).toEqual(end);
  });

  test('an instruction whose second half is nowhere is not executed', async () => {
    // mov byte [0xffffff], 0xb8; mov eax, 0xffffff; jmp eax: the last byte of memory begins another mov eax
    const { machine } = await runGuest({ image: codeImage('c6 05 ff ff ff 00 b8 b8 ff ff ff 00 ff e0') });
    expect(machine.end).toEqual({ kind: 'triple-fault' });
    expect(machine.executed).toBe(3);
  });

  test('a debugger that looks where nothing is mapped changes nothing', async () => {
    const { cpu, mmu } = (await newMachine()).vcpus[0]!;
    cpu.cr0 |= CR0.PG | CR0.PE;
    Object.assign(cpu, { cr2Low: 1, cr2High: 2, faultVector: 13, faultError: 8 });
    expect(mmu.physicalOf(0x1000, 0)).toBe(-1);
    expect([cpu.cr2Low, cpu.cr2High, cpu.faultVector, cpu.faultError]).toEqual([1, 2, 13, 8]);
  });

  test('a CPU that INIT stops forgets its NMIs', async () => {
    const machine = await newMachine(2);
    const vcpu = machine.vcpus[1]!;
    vcpu.nmiBlocked = true;
    const sendTo1 = (mode: number): void => machine.board.send(machine.vcpus[0]!.lapic, 1, false, mode, 8);
    sendTo1(DELIVERY.nmi);
    expect(vcpu.attention & ATTENTION.nmi).not.toBe(0);
    sendTo1(DELIVERY.init);
    expect([vcpu.nmiBlocked, vcpu.attention & ATTENTION.nmi, vcpu.waitsForStart]).toEqual([false, 0, true]);
  });

  test('a second run of a machine that has ended does nothing', async () => {
    const { machine } = await runGuest({ image: codeImage('fa f4') });
    const { executed } = machine;
    machine.run(1000);
    expect(machine.executed).toBe(executed);
  });
});

describe('images', () => {
  const kernel = new Uint8Array(readFileSync(EXAMPLE_KERNEL));
  const changed = (at: number, byte: number): Uint8Array => kernel.slice().fill(byte, at, at + 1);

  test.each([
    ['nothing', new Uint8Array(0), 'it is no ELF file'],
    ['text', new TextEncoder().encode('#!/bin/sh\n'.repeat(20)), 'it is no ELF file'],
    ['32 bits', changed(4, 1), 'it is no 64-bit x86 ELF file'],
    ['another processor', changed(18, 183), 'it is no 64-bit x86 ELF file'],
    ['cut off', kernel.subarray(0, 5000), 'it is cut off'],
    ['headers beyond the end', changed(38, 0x7f), 'its program headers are damaged'],
  ])('%s is refused', (_, file, reason) => {
    expect(readImage(file)).toBe(reason);
  });

  test('without a PVH note there is no place to start', () => {
    const at = Buffer.from(kernel).indexOf('Xen\0');
    expect(readImage(changed(at, 0))).toMatch('no PVH note');
  });

  test('a segment with more bytes in the file than in memory', () => {
    const headers = kernel[32]!;
    const at = [0, 56, 112].map((header) => headers + header).find((header) => kernel[header] === 1)!;
    expect(readImage(changed(at + 40 + 7, 0))).toBeTypeOf('object');
    expect(readImage(kernel.slice().fill(0, at + 40, at + 48))).toBe('its program headers are damaged');
  });

  test('an image or command line that does not fit', async () => {
    const machine = await newMachine();
    const image = codeImage('f4');
    const endingAt = (end: number) => ({
      ...image,
      segments: [{ physical: end - 1, virtual: 0n, bytes: new Uint8Array(1), size: 1 }],
    });
    expect(loadImage(machine, endingAt((1 << 24) + 1), '')).toBe('it does not fit into 16 MiB');
    expect(loadImage(machine, endingAt((1 << 24) - RESERVED_BYTES + 1), '')).toBe(
      'it does not fit into 16 MiB',
    );
    expect(loadImage(machine, endingAt((1 << 24) - RESERVED_BYTES), '')).toBe(undefined);
    expect(loadImage(machine, image, 'x'.repeat(4095))).toBe(undefined);
    expect(loadImage(machine, image, 'x'.repeat(4096))).toMatch('command line');
  });

  test('damaged images never throw', () => {
    for (let at = 0; at < 800; at++)
      for (const byte of [0, 0x80, 0xff]) expect(() => readImage(changed(at, byte))).not.toThrow();
  });
});
