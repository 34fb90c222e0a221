/** The control socket, both ends, over a real socket in a directory of its own. */
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  askControl,
  type Controlled,
  type ControlServer,
  openControl,
  perform,
} from '../../../src/cli/control.ts';

function fakeSession(): Controlled & { unsafe: boolean } {
  return {
    unsafe: false,
    setUnsafe(unsafe) {
      this.unsafe = unsafe;
    },
    status() {
      return `safe mode ${this.unsafe ? 'off' : 'on'}`;
    },
  };
}

describe('requests', () => {
  test.each([
    ['unsafe on', 'ok safe mode off'],
    ['unsafe off', 'ok safe mode on'],
    ['unsafe status', 'ok safe mode on'],
    ['status\r', 'ok safe mode on'],
    ['', "error unknown request ''; there are unsafe on|off|status"],
    ['unsafe', "error unknown request 'unsafe'; there are unsafe on|off|status"],
    ['x'.repeat(100), `error unknown request '${'x'.repeat(64)}'; there are unsafe on|off|status`],
  ])('%j', (request, answer) => {
    expect(perform(request, fakeSession())).toBe(answer);
  });

  test('before the session has started', () => {
    expect(perform('status', undefined)).toBe('error the session has not started yet');
  });
});

describe('sockets', () => {
  let folder: string;
  let path: string;
  let open: ControlServer[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'trapline-'));
    path = join(folder, 'sock');
    open = [];
  });
  afterEach(() => {
    for (const server of open) server.close();
    rmSync(folder, { recursive: true });
  });

  async function opened(): Promise<ControlServer> {
    const server = await openControl(path);
    if (typeof server === 'string') throw new Error(server);
    open.push(server);
    return server;
  }

  test('a request reaches the session and its answer comes back', async () => {
    const session = fakeSession();
    (await opened()).serve(session);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(await askControl(path, 'unsafe on')).toEqual({ answer: 'safe mode off' });
    expect(session.unsafe).toBe(true);
    expect(await askControl(path, 'unsafe off')).toEqual({ answer: 'safe mode on' });
    expect(await askControl(path, 'dance')).toEqual({
      failure: expect.stringContaining("unknown request 'dance'"),
    });
  });

  test('a request in pieces, and one without a newline', async () => {
    (await opened()).serve(fakeSession());
    const socket = createConnection(path);
    const answer = new Promise<string>((resolve) => socket.setEncoding('utf8').on('data', resolve));
    socket.write('unsafe ');
    setTimeout(() => socket.end('on'), 20);
    expect(await answer).toBe('ok safe mode off\n');
  });

  test('the file goes away with the server', async () => {
    (await opened()).close();
    expect(existsSync(path)).toBe(false);
  });

  test('a socket that nobody answers is replaced', async () => {
    const dead = createServer();
    await new Promise<void>((resolve) => dead.listen(path, resolve));
    // Close the descriptor but keep the file, as a killed process does.
    const { _handle } = dead as unknown as { _handle: { close(): void } };
    const backup = join(folder, 'kept');
    const { renameSync } = await import('node:fs');
    renameSync(path, backup);
    _handle.close();
    renameSync(backup, path);
    expect(await askControl(path, 'status')).toEqual({ failure: 'No session is listening on it' });
    (await opened()).serve(fakeSession());
    expect(await askControl(path, 'status')).toEqual({ answer: 'safe mode on' });
  });

  test('a socket that answers is left alone', async () => {
    (await opened()).serve(fakeSession());
    expect(await openControl(path)).toBe('Another session is listening on it');
    expect(await askControl(path, 'status')).toEqual({ answer: 'safe mode on' });
  });

  test('a file that is no socket is left alone', async () => {
    writeFileSync(path, 'mine');
    expect(await openControl(path)).toBe('It exists and is not a socket');
    expect(existsSync(path)).toBe(true);
  });

  test('a path that no socket can have', async () => {
    expect(await openControl(join(folder, 'x'.repeat(120)))).toMatch(/longer than the 107 bytes/);
    expect(await openControl(join(folder, 'nowhere', 'sock'))).toBe('No such file or directory');
  });

  test('a path that cannot be looked at', async () => {
    writeFileSync(path, 'mine');
    expect(await openControl(join(path, 'sock'))).toBe('Not a directory');
  });

  test('asking what is no socket', async () => {
    writeFileSync(path, 'mine');
    expect(await askControl(path, 'status')).toEqual({ failure: 'It is not a socket' });
  });

  test('asking where nothing is', async () => {
    expect(await askControl(path, 'status')).toEqual({
      failure: 'No such file or directory; was the session started with --control?',
    });
  });

  test('a server that closes without a word', async () => {
    const rude = createServer((socket) => socket.end());
    await new Promise<void>((resolve) => rude.listen(path, resolve));
    expect(await askControl(path, 'status')).toEqual({ failure: 'The session ended without an answer' });
    rude.close();
  });
});
