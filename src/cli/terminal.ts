/**
 * What a stream's other end can show: whether it is a terminal, and whether that one knows UTF-8 (by the usual
 * locale variables, the first that is set).
 */
import { fstatSync } from 'node:fs';
import { isatty } from 'node:tty';

/** Linux' /dev/null and its like: no terminals. To ask isatty costs Node's module for sockets, some milliseconds. */
const MEMORY_DEVICES = 1;

export function isTerminal(fd: number): boolean {
  return mayBeTerminal(fd) && isatty(fd);
}

/** Costs little. */
export function mayBeTerminal(fd: number): boolean {
  const stats = fstatSync(fd);
  if (!stats.isCharacterDevice()) return false;
  return !(process.platform === 'linux' && stats.rdev >> 8 === MEMORY_DEVICES);
}

export function isUtf8Terminal(fd: number, env: NodeJS.ProcessEnv): boolean {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  return /utf-?8/i.test(locale) && isTerminal(fd);
}
