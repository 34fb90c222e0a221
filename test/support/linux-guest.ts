/**
 * The Linux guest of the live tests: what scripts/linux-guest.mjs makes, asked for once a process, and the command that
 * boots it. Where it cannot be had its tests are skipped aloud; with CI set they fail.
 */
import { execFileSync } from 'node:child_process';
import { describe, test } from 'vitest';
import { TOP } from './cli.ts';
import { findProgram, QEMU } from './qemu.ts';

export interface LinuxGuest {
  readonly kernel: string; // paths
  readonly initramfs: string;
  readonly workload: string;
}

let made: LinuxGuest | { readonly missing: string } | undefined;

/** The guest, or what is missing for it. */
export function linuxGuest(): LinuxGuest | { readonly missing: string } {
  made ??= JSON.parse(
    execFileSync(process.execPath, ['scripts/linux-guest.mjs'], { cwd: TOP, encoding: 'utf8' }),
  ) as LinuxGuest | { readonly missing: string };
  return made;
}

export interface Boot {
  /** What the workload does: `priority:5000,fault:100`; several lists run side by side. */
  readonly work?: readonly string[];
  /** More of the kernel's command line. */
  readonly append?: string;
  /** More of QEMU's, by default a console on its standard output. */
  readonly switches?: string;
  readonly memoryMiB?: number;
}

/** The command that boots it, for -c. The guest powers off at its end. */
export function bootCommand({
  work = [],
  append = '',
  switches = '-serial stdio',
  memoryMiB = 256,
}: Boot): string {
  const guest = linuxGuest();
  if ('missing' in guest) throw new Error(guest.missing);
  const words = ['console=ttyS0 nokaslr panic=-1 quiet', append, ...work.map((list) => `work=${list}`)];
  return [
    `${QEMU} -accel tcg -m ${memoryMiB} -display none -no-reboot -net none -monitor none`,
    `-kernel ${guest.kernel} -initrd ${guest.initramfs} -append "${words.join(' ')}" ${switches}`,
  ].join(' ');
}

/** What the guest's programs said they did, by name: `workload: fault 2000`. */
export function workOf(console: string): Readonly<Record<string, number>> {
  const lines = console.matchAll(/^workload: (\w+) (\d+)\r?$/gm);
  return Object.fromEntries([...lines].map(([, name = '', count]) => [name, Number(count)]));
}

/** `describe` when the guest can be booted. */
export function describeLinux(name: string, body: () => void): void {
  const guest = findProgram(QEMU) === undefined ? { missing: `${QEMU} is not on PATH` } : linuxGuest();
  if (!('missing' in guest)) {
    describe(name, body);
    return;
  }
  if (process.env['CI']) {
    test(`${name}: needs a Linux guest`, () => {
      throw new Error(`${guest.missing}, and CI is set`);
    });
    return;
  }
  console.warn(`SKIPPED: ${name}: ${guest.missing}`);
  describe.skip(`${name} [${guest.missing}]`, body);
}
