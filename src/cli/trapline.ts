/**
 * The program's entry: runs the command line and leaves with its status. Output is written by then, so leaving is safe.
 * The thread that holds the connection to a guest's gdb stub runs this file too, and those that trace pieces of a log; they
 * say so by their first argument.
 */
import { GDB_THREAD } from '../live/gdb-protocol.ts';
import { CHUNK_THREAD } from './chunk-threads.ts';
import { failed, main } from './main.ts';
import { messageWriter } from './streams.ts';

const STDERR = 2;

/** Errors outside any call of ours: in a timer or a socket. */
function leave(error: unknown): never {
  process.exit(failed(error, messageWriter(STDERR)));
}

if (process.argv[2] === GDB_THREAD) {
  void import('../live/gdb-worker.ts').then(({ serveGdb }) => serveGdb());
} else if (process.argv[2] === CHUNK_THREAD) {
  void import('./chunk-thread.ts').then(({ serve }) => serve());
} else {
  process.on('uncaughtException', leave);
  process.on('unhandledRejection', leave);
  Promise.resolve()
    .then(() => main(process.argv.slice(2))) // when this file has ended: modules that are loaded later read what the core exports
    .then((status) => process.exit(status), leave);
}
