/** Lets the event loop turn once: signals, sockets and timers that wait are served before what comes behind it. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
