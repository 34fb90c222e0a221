/**
 * A pipe holds 64 KiB unless somebody makes it larger, so its two sides wait for each other ten thousand times per gigabyte.
 * Linux can make it larger while it is in use (fcntl F_SETPIPE_SZ). Node cannot ask for that; small programs that are
 * nearly everywhere can, for a pipe that they are given. Where there is none, the pipe stays as it is.
 *
 * They are not given it as one of their three standard descriptors: for those Node clears O_NONBLOCK, which the pipe has
 * in common for all who hold it, and then a read of ours that comes to its end would wait, and the event loop with it.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';

/** More than this does not fit the cache. */
const PIPE_BYTES = 1 << 20;
/** Linux alone has it: what anybody may ask for. */
const LIMIT = '/proc/sys/fs/pipe-max-size';
const F_SETPIPE_SZ = 1031;
/** The program's descriptor of the pipe. */
const PIPE = 3;

const PROGRAMS: readonly ((sizeBytes: number) => readonly [command: string, ...args: string[]])[] = [
  (sizeBytes) => ['pipesz', '--fd', `${PIPE}`, '--set', `${sizeBytes}`],
  (sizeBytes) => [
    'perl',
    '-e',
    `open(PIPE, '<&=', ${PIPE}) && fcntl(PIPE, ${F_SETPIPE_SZ}, ${sizeBytes}) || exit 1`,
  ],
];

/** Whether it could be done. */
export async function enlargePipe(fd: number): Promise<boolean> {
  if (!fs.existsSync(LIMIT) || !fs.fstatSync(fd).isFIFO()) return false;
  const sizeBytes = Math.min(PIPE_BYTES, Number(fs.readFileSync(LIMIT, 'latin1')));
  for (const program of PROGRAMS) if (await succeeds(program(sizeBytes), fd)) return true;
  return false;
}

function succeeds([command, ...args]: readonly [string, ...string[]], fd: number): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'ignore', fd] });
    child.unref(); // nobody waits for it
    child.on('error', () => resolve(false));
    child.on('exit', (status) => resolve(status === 0));
  });
}
