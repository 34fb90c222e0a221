/**
 * `-p PID` of a process that is no QEMU: as under DTrace it gives $target, and tracing ends when it is gone. Nothing of
 * it is traced, and it is neither stopped nor ended.
 *
 * In: its pid. Out: the same as of a command of -c. Only its parent may wait for it, so /proc is asked again and again; a
 * process that has ended and that nobody has waited for is gone.
 */
import { readFileSync } from 'node:fs';
import type { CommandEnd, TracedCommand } from '../session/request.ts';

const ASK_EVERY_MS = 50;
const QEMU = /(^|\/)qemu-system-[^/]*$/;
/** The state follows the name, which may hold brackets itself: `12 (name) S 1 …`. */
const HAS_ENDED = /\) [ZX] [^)]*$/;

/** Undefined when it is a guest's, or nobody's. */
export function watchProcess(pid: number): TracedCommand | undefined {
  const program = readProc(pid, 'cmdline')?.split('\0')[0];
  if (program === undefined || QEMU.test(program) || hasEnded(pid)) return undefined;
  let timer: NodeJS.Timeout | undefined;
  const ended = new Promise<CommandEnd>((resolve) => {
    timer = setInterval(() => {
      if (!hasEnded(pid)) return;
      clearInterval(timer);
      resolve({ status: 0, signal: null }); // how, its parent knows
    }, ASK_EVERY_MS);
  });
  return { pid, go: () => {}, kill: () => clearInterval(timer), ended };
}

function hasEnded(pid: number): boolean {
  const state = readProc(pid, 'stat');
  return state === undefined || HAS_ENDED.test(state);
}

function readProc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return undefined;
  }
}
