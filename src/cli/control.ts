/**
 * The control socket: `--control PATH` listens, `trapline ctl PATH …` asks.
 *
 * One request a connection: a line `unsafe on`, `unsafe off`, `unsafe status` or `status`. One answer: a line `ok TEXT`
 * or `error TEXT`, then the connection closes. The socket file is the user's alone (mode 0600) and goes away with the
 * run; one that a killed run left behind is replaced, one that answers is not.
 */
import { lstatSync, statSync, unlinkSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { systemReason } from '../base/system-reason.ts';

/** What a control socket may do to a session. */
export interface Controlled {
  setUnsafe(unsafe: boolean): void;
  status(): string;
}

export interface ControlServer {
  /** Until this is called requests are answered with an error. */
  serve(controlled: Controlled): void;
  close(): void;
}

/** sun_path holds 108 bytes with its NUL; a longer path would be cut silently. */
const MAX_PATH_BYTES = 107;
/** The longest request is 13 characters. */
const MAX_REQUEST_CHARS = 64;
/** A client that says nothing does not keep its connection. */
const IDLE_TIMEOUT_MS = 5000;
/** The session answers between two slices of work, 25 ms apart; a stopped process never does. */
const ANSWER_TIMEOUT_MS = 5000;

/** Listen on `path`, or say why not. */
export async function openControl(path: string): Promise<ControlServer | string> {
  const unusable = unusablePath(path);
  if (unusable !== undefined) return unusable;
  if (await isAnswering(path)) return 'Another session is listening on it';
  removeStale(path);
  let controlled: Controlled | undefined;
  const server = createServer({ allowHalfOpen: true }, (socket) => answer(socket, () => controlled));
  const refusal = await listen(server, path);
  if (refusal !== undefined) return refusal;
  server.unref();
  return {
    serve: (session) => {
      controlled = session;
    },
    close: () => {
      server.close(); // removes the socket file too
      removeStale(path);
    },
  };
}

function unusablePath(path: string): string | undefined {
  if (Buffer.byteLength(path) > MAX_PATH_BYTES)
    return `The path is longer than the ${MAX_PATH_BYTES} bytes a socket may have`;
  try {
    // For a folder that is not there, listening would say `Permission denied`.
    statSync(dirname(path));
    const found = lstatSync(path, { throwIfNoEntry: false });
    return found && !found.isSocket() ? 'It exists and is not a socket' : undefined;
  } catch (error) {
    return systemReason(error);
  }
}

function isAnswering(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createConnection(path);
    const settle = (answering: boolean) => {
      probe.destroy();
      resolve(answering);
    };
    probe.on('connect', () => settle(true));
    probe.on('error', () => settle(false));
  });
}

function removeStale(path: string): void {
  try {
    if (lstatSync(path, { throwIfNoEntry: false })?.isSocket()) unlinkSync(path);
  } catch {
    // Listening will fail next, and says why.
  }
}

function listen(server: Server, path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const mask = process.umask(0o177);
    server.on('error', (error) => resolve(systemReason(error)));
    server.listen(path, () => resolve(undefined));
    process.umask(mask);
  });
}

function answer(socket: Socket, controlled: () => Controlled | undefined): void {
  let received = '';
  socket.setEncoding('utf8');
  socket.setTimeout(IDLE_TIMEOUT_MS, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  const finish = () => socket.end(`${perform(received.split('\n')[0] ?? '', controlled())}\n`);
  socket.on('data', (chunk: string) => {
    received += chunk;
    if (!socket.writableEnded && (received.includes('\n') || received.length > MAX_REQUEST_CHARS)) finish();
  });
  socket.on('end', () => {
    if (!socket.writableEnded) finish();
  });
}

/** One request line → one answer line. */
export function perform(request: string, controlled: Controlled | undefined): string {
  if (!controlled) return 'error the session has not started yet';
  switch (request.trim()) {
    case 'unsafe on':
    case 'unsafe off':
      controlled.setUnsafe(request.trim() === 'unsafe on');
      return `ok ${controlled.status()}`;
    case 'unsafe status':
    case 'status':
      return `ok ${controlled.status()}`;
    default:
      return `error unknown request '${request.slice(0, MAX_REQUEST_CHARS).trim()}'; there are unsafe on|off|status`;
  }
}

/** Ask a session. The answer's text, or why there is none. */
export function askControl(
  path: string,
  request: string,
): Promise<{ readonly answer: string } | { readonly failure: string }> {
  return new Promise((resolve) => {
    let received = '';
    const socket = createConnection(path, () => socket.end(`${request}\n`));
    const settle = (result: { answer: string } | { failure: string }) => {
      socket.destroy();
      resolve(result);
    };
    socket.setEncoding('utf8');
    socket.setTimeout(ANSWER_TIMEOUT_MS, () =>
      settle({ failure: `no answer within ${ANSWER_TIMEOUT_MS / 1000} seconds` }),
    );
    socket.on('error', (error) => settle({ failure: connectReason(path, error) }));
    socket.on('data', (chunk: string) => {
      received += chunk;
    });
    socket.on('end', () => {
      const [, verdict, text] = /^(ok|error) (.*)\n/.exec(received) ?? [];
      if (verdict === 'ok') settle({ answer: text ?? '' });
      else settle({ failure: text ?? 'The session ended without an answer' });
    });
  });
}

function connectReason(path: string, error: Error): string {
  const reason = systemReason(error);
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ECONNREFUSED')
    return statSync(path, { throwIfNoEntry: false })?.isSocket()
      ? 'No session is listening on it'
      : 'It is not a socket';
  if (code === 'ENOENT') return `${reason}; was the session started with --control?`;
  return reason;
}
