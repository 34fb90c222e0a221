/**
 * Marker breakpoints: set before the guest runs, on addresses that are never executed, so that QEMU translates their pages
 * one instruction a block (qemu.md section 6). They hold as long as the connection to the gdbstub does.
 */
import { GdbClient } from '../gdb/client.ts';

/** A guest that waits for its markers. */
export interface MarkedGuest {
  run(): void;
  close(): Promise<void>;
}

/** How long to wait for the stub of a guest that has not begun to run. */
const GDB_TIMEOUT_MS = 10_000;

/** Or a sentence that says what failed. */
export async function setMarkers(address: string, markers: readonly bigint[]): Promise<MarkedGuest | string> {
  try {
    const gdb = await GdbClient.connect(address, { timeoutMs: GDB_TIMEOUT_MS });
    for (const marker of markers) await gdb.setBreakpoint('software', marker);
    return {
      run: () => {
        if (gdb.state === 'stopped') gdb.continue();
      },
      close: () => gdb.close().catch(() => {}),
    };
  } catch (error) {
    return `its gdbstub failed: ${error instanceof Error ? error.message : String(error)}`;
  }
}
