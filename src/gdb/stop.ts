/**
 * Why the guest does not run: stop replies (`T05thread:p01.02;`, `W00`) → `Stop`, and thread ids ↔ vCPUs.
 *
 * QEMU's threads are vCPUs: thread number = vCPU index + 1. With the multiprocess feature an id is `pPID.TID`, where
 * the process is a cluster of CPUs; the numbers of threads go on through all clusters.
 */

export type Stop =
  | {
      readonly kind: 'stopped';
      /**
       * QEMU's gdb_vm_state_change maps its run states to these: 2 asked for (by us, QMP or a connection), 3 shut down,
       * 5 breakpoint, watchpoint or step, 6 internal error or panic of the guest, 14 watchdog, 23 input or output error
       * of a device, 24 migration finished.
       */
      readonly signal: number;
      readonly cpu: number | undefined; // vCPU index; absent when the stub does not say
      readonly watch: Watch | undefined;
    }
  | { readonly kind: 'exited'; readonly status: number };

export interface Watch {
  readonly access: 'write' | 'read' | 'access';
  readonly address: bigint;
}

export interface Vcpu {
  readonly cpu: number; // index, from 0
  readonly thread: string; // as packets name it: p01.02
}

/** True for packets that tell a stop and never answer anything but `?`, a step or a resumption. */
export function isStopReply(payload: string): boolean {
  return /^[TSWX][0-9a-fA-F]{2}/.test(payload);
}

export function parseStop(payload: string): Stop {
  const code = Number.parseInt(payload.slice(1, 3), 16);
  if (payload[0] === 'W' || payload[0] === 'X') return { kind: 'exited', status: code };
  const fields = new Map(
    payload
      .slice(3)
      .split(';')
      .map((field) => field.split(':', 2) as [string, string | undefined]),
  );
  const thread = fields.get('thread');
  return {
    kind: 'stopped',
    signal: code,
    cpu: thread === undefined ? undefined : cpuOfThread(thread),
    watch: watchOf(fields),
  };
}

const WATCHES = { watch: 'write', rwatch: 'read', awatch: 'access' } as const;

function watchOf(fields: ReadonlyMap<string, string | undefined>): Watch | undefined {
  for (const [name, access] of Object.entries(WATCHES)) {
    const address = fields.get(name);
    if (address && /^[0-9a-fA-F]{1,16}$/.test(address)) return { access, address: BigInt(`0x${address}`) };
  }
  return undefined;
}

/** `p01.02` or `02` → 1; undefined for "all" and "any". */
export function cpuOfThread(thread: string): number | undefined {
  const match = /^(?:p[0-9a-fA-F]+\.)?([0-9a-fA-F]+)$/.exec(thread);
  const number = match === null ? 0 : Number.parseInt(match[1]!, 16);
  return number > 0 ? number - 1 : undefined;
}

/** `p01.02` → `1`; undefined without multiprocess. */
export function processOfThread(thread: string): string | undefined {
  return /^p([0-9a-fA-F]+)\./.exec(thread)?.[1];
}
