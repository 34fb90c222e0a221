/**
 * A byte connection to a live guest, and what the gdb and the QMP client have in common: opening within a time,
 * one reason for its end, the wire log, and the promise to keep the guest's log flowing.
 *
 * In: an address as text. Out: a `Connection`; bytes and the end arrive through handlers, always after `attach`.
 * Opening is the only thing that rejects here (with a WireError); protocols know their own errors.
 */
import { connect, type Socket } from 'node:net';
import { systemReason } from '../base/system-reason.ts';
import { formatSocketAddress, parseSocketAddress, type SocketAddress } from './address.ts';

/**
 * Whoever reads the guest's log. A full log pipe stops QEMU's main loop, and then no monitor answers: from `hold()`
 * to the call of what it returned the log must be read without waiting for anybody downstream.
 */
export interface LogDrain {
  hold(): () => void;
}

export interface WireOptions {
  /** The longest any single wait takes; DEFAULT_TIMEOUT_MS when absent. */
  readonly timeoutMs?: number;
  /** Gets a line per message: milliseconds since the connection was opened, direction, text. */
  readonly wireLog?: (line: string) => void;
  /** How long a socket that is absent or refuses is tried again, for a guest that is just starting; 0 when absent. */
  readonly startupMs?: number;
  /** Absent: nobody reads a log, or it is a file and cannot fill up. */
  readonly drain?: LogDrain;
}

/** Long beside the worst measured answer (20 ms), short beside a user's patience; a host may be busy. */
export const DEFAULT_TIMEOUT_MS = 5000;
/** Short beside the 50 ms that QEMU takes to start. */
const RETRY_MS = 5;
/** A wire-log line is for reading; a memory dump of megabytes is not. */
const MAX_WIRE_TEXT = 1000;

export class WireError extends Error {
  readonly kind: 'connect' | 'timeout';
  readonly notYet: boolean; // nobody listens there, but somebody may soon

  constructor(kind: WireError['kind'], message: string, code?: string) {
    super(message);
    this.name = 'WireError';
    this.kind = kind;
    this.notYet = code === 'ENOENT' || code === 'ECONNREFUSED';
  }
}

export interface ConnectionHandlers {
  readonly data: (chunk: Uint8Array) => void;
  /** Once, when no byte will come any more; `reason` is a clause such as "the other side closed the connection". */
  readonly end: (reason: string) => void;
}

export class Connection {
  readonly name: string; // the address, for messages
  private readonly socket: Socket;
  private readonly wireLog: WireOptions['wireLog'];
  private readonly openedAtMs = performance.now();
  private readonly closed: Promise<void>;
  private failure: string | undefined;

  constructor(socket: Socket, name: string, wireLog: WireOptions['wireLog']) {
    this.socket = socket;
    this.name = name;
    this.wireLog = wireLog;
    socket.on('error', (error) => {
      this.failure = systemReason(error);
    });
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
  }

  static async open(text: string, options: WireOptions): Promise<Connection> {
    const address = parseSocketAddress(text);
    if (address.kind === 'bad') throw new WireError('connect', address.reason);
    const name = formatSocketAddress(address);
    const giveUpAtMs = performance.now() + (options.startupMs ?? 0);
    const socket = await openPatiently(address, name, options.timeoutMs ?? DEFAULT_TIMEOUT_MS, giveUpAtMs);
    return new Connection(socket, name, options.wireLog);
  }

  /** Bytes that came earlier are delivered now. */
  attach(handlers: ConnectionHandlers): void {
    this.socket.on('data', handlers.data);
    void this.closed.then(() => handlers.end(this.failure ?? 'the other side closed the connection'));
  }

  write(bytes: string | Uint8Array): void {
    if (this.socket.writable) this.socket.write(bytes, 'latin1');
  }

  log(direction: '-->' | '<--', text: string): void {
    if (this.wireLog === undefined) return;
    const ms = (performance.now() - this.openedAtMs).toFixed(3);
    const rest = text.length - MAX_WIRE_TEXT;
    const shown = rest > 0 ? `${text.slice(0, MAX_WIRE_TEXT)}… ${rest} more` : text;
    this.wireLog(`${ms} ${direction} ${printable(shown)}`);
  }

  /** Gives up the connection at once; `end` follows. May be called again. */
  close(): Promise<void> {
    this.socket.destroy();
    return this.closed;
  }
}

/** QEMU creates its socket some time before it listens, so a new guest refuses for a moment. */
async function openPatiently(
  address: SocketAddress,
  name: string,
  timeoutMs: number,
  giveUpAtMs: number,
): Promise<Socket> {
  for (;;) {
    try {
      return await openSocket(address, name, timeoutMs);
    } catch (error) {
      if (!(error instanceof WireError) || !error.notYet || performance.now() >= giveUpAtMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

function openSocket(address: SocketAddress, name: string, timeoutMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = address.kind === 'unix' ? connect(address.path) : connect(address.port, address.host);
    const fail = (error: WireError): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(error);
    };
    const timer = setTimeout(
      () => fail(new WireError('timeout', `${name} did not accept a connection within ${timeoutMs} ms`)),
      timeoutMs,
    );
    const onError = (error: NodeJS.ErrnoException): void =>
      fail(new WireError('connect', `cannot connect to ${name}: ${systemReason(error)}`, error.code));
    socket.once('error', onError);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.off('error', onError);
      socket.setNoDelay(true); // each request waits for its answer
      resolve(socket);
    });
  });
}

/** Control characters and bytes beyond ASCII as \xNN, so that a line stays a line. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e…]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** Holds the drain while at least one wait is under way. */
export class WaitCount {
  private readonly drain: LogDrain | undefined;
  private count = 0;
  private release: (() => void) | undefined;

  constructor(drain: LogDrain | undefined) {
    this.drain = drain;
  }

  begin(): void {
    if (this.count++ === 0) this.release = this.drain?.hold();
  }

  end(): void {
    if (--this.count > 0) return;
    this.release?.();
    this.release = undefined;
  }
}
