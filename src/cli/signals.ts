/**
 * What reaches a running session from outside: SIGINT, SIGTERM and SIGHUP (its terminal is gone) end it in order (again:
 * at once), SIGUSR1 toggles safe mode, and so does the key `u` on a terminal.
 *
 * Node starts its inspector on SIGUSR1 unless somebody listens to it; listening takes it over. The built program's first
 * statement listens already (scripts/build/launcher.mjs), so that a signal before or after a session does nothing.
 */
import { readFileSync } from 'node:fs';
import type { SessionHandle } from '../session/request.ts';
import { isTerminal, mayBeTerminal } from './terminal.ts';

/** A one-liner is over before this, and then the terminal is never touched. */
const KEYS_AFTER_MS = 200;

const STDIN = 0;

const CTRL_C = '\u0003';
const CTRL_BACKSLASH = '\u001c';
const CTRL_Z = '\u001a';

/** Signals that ask a program to end. */
export const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Route signals to the session. Returns what undoes it. */
export function routeSignals(handle: SessionHandle): () => void {
  const interrupt = () => handle.interrupt();
  const toggle = () => handle.setUnsafe(!handle.unsafe);
  for (const signal of ENDING) process.on(signal, interrupt);
  process.on('SIGUSR1', toggle);
  return () => {
    for (const signal of ENDING) process.off(signal, interrupt);
    process.off('SIGUSR1', toggle);
  };
}

/** However the process ends, a guest of its ends first. */
export function abandonAtExit(handle: SessionHandle): () => void {
  const abandon = () => handle.abandon();
  process.on('exit', abandon);
  return () => process.off('exit', abandon);
}

/**
 * Listen for keys once the run has lasted a while. `process.stdin` is only touched where there is a terminal: what it
 * loads takes milliseconds. Returns what undoes it.
 */
export function listenToKeys(handle: SessionHandle): () => void {
  let restore = () => {};
  if (!mayBeTerminal(STDIN)) return restore;
  const timer = setTimeout(() => {
    if (isTerminal(STDIN) && inForeground() && !handle.keysAreTaken) restore = readKeys(handle);
  }, KEYS_AFTER_MS);
  timer.unref();
  return () => {
    clearTimeout(timer);
    restore();
  };
}

/** A background job that changes the terminal's mode is stopped by the kernel, so it must not try. */
function inForeground(): boolean {
  try {
    const afterName = readFileSync('/proc/self/stat', 'latin1').split(') ').at(-1) ?? '';
    const [, , group, , , foregroundGroup] = afterName.split(' ');
    return group === foregroundGroup;
  } catch {
    return true; // no /proc: as on most systems, assume a shell started us in the foreground
  }
}

function readKeys(handle: SessionHandle): () => void {
  const { stdin } = process;
  const onKeys = (keys: Buffer) => {
    for (const key of keys.toString('latin1')) pressed(key, handle);
  };
  const resume = () => stdin.setRawMode(true);
  const restore = () => {
    stdin.off('data', onKeys);
    process.off('SIGCONT', resume);
    stdin.setRawMode(false);
    stdin.pause();
  };
  stdin.setRawMode(true);
  stdin.on('data', onKeys);
  stdin.unref();
  process.on('SIGCONT', resume);
  return restore;
}

/** In raw mode the terminal makes no signals of its control characters, so we do. */
function pressed(key: string, handle: SessionHandle): void {
  if (key === 'u') handle.setUnsafe(!handle.unsafe);
  if (key === CTRL_C) handle.interrupt();
  if (key === CTRL_BACKSLASH) process.kill(process.pid, 'SIGQUIT');
  if (key === CTRL_Z) {
    process.stdin.setRawMode(false);
    process.kill(process.pid, 'SIGTSTP');
  }
}
