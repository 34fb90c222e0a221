/** Inside such a thread (chunk-threads.ts). What goes wrong ends it, and its pieces are read by the main thread. */
import { parentPort, workerData } from 'node:worker_threads';
import { serveChunks } from '../session/parallel/chunk-thread.ts';
import type { ThreadSetup, ToThread } from '../session/parallel/thread.ts';

export function serve(): void {
  const port = parentPort;
  if (!port) return;
  serveChunks(
    {
      post: (message) => port.postMessage(message),
      listen: (take) => void port.on('message', (message: ToThread) => take(message)),
    },
    workerData as ThreadSetup,
  );
}
