/**
 * Why src/patch is not used through QEMU's gdb stub: an INT3 that is written into the guest's code is the guest's own to
 * take. The stub tells of breakpoints that it was asked to set, and of nothing else, so a trap of ours could not be
 * claimed. Probes of live guests are breakpoints of the stub instead (src/live/stop-source.ts).
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { GdbClient } from '../../src/gdb/client.ts';
import { describeLive, startQemu } from '../support/qemu.ts';
import { PATIENCE_MS } from '../support/waiting.ts';

const KERNEL = 'examples/guest/kernel.elf';
const INT3 = 0xcc;

describeLive('an INT3 written through the gdb stub', () => {
  test('traps into the guest, and the stub tells nobody', async () => {
    const symbols = execFileSync('nm', [KERNEL], { encoding: 'utf8' });
    const fib = BigInt(`0x${/^(\w+) . fib$/m.exec(symbols)![1]}`);
    const guest = await startQemu((dir) => [
      ...['-S', '-no-reboot', '-kernel', KERNEL, '-serial', `file:${dir}/console`],
      ...['-d', 'int', '-D', `${dir}/log`],
    ]);
    try {
      const gdb = await GdbClient.connect(guest.gdb, { timeoutMs: PATIENCE_MS });
      await gdb.setBreakpoint('software', fib); // the kernel's code is mapped once it is reached
      gdb.continue();
      expect((await gdb.waitForStop()).kind).toBe('stopped');
      await gdb.removeBreakpoint('software', fib);
      await gdb.writeMemory(fib, Uint8Array.of(INT3));
      gdb.continue();
      expect((await gdb.waitForStop()).kind).toBe('exited');
      const taken = readFileSync(`${guest.dir}/log`, 'latin1').match(
        new RegExp(`v=03 .* IP=[0-9a-f]{4}:${fib.toString(16)} `, 'g'),
      );
      expect(taken?.length).toBeGreaterThan(0);
    } finally {
      await guest.stop();
    }
  });
});
