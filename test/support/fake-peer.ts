/** A server in this process that plays the other side of a gdb or QMP connection, mistakes included. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { encodePacket, PacketDecoder, type WireItem } from '../../src/gdb/packet.ts';

/** Listens until the test ends; `serve` is called with each connection. Returns the path of its socket. */
export async function fakePeer(serve: (socket: Socket) => void): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'trapline-peer-'));
  const path = join(dir, 'socket');
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {}); // the client may leave at any time
    socket.resume();
    serve(socket);
  });
  await new Promise<void>((done) => server.listen(path, done));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((done) => server.close(done));
    rmSync(dir, { recursive: true, force: true });
  });
  return path;
}

const XML = `<?xml version="1.0"?><!DOCTYPE target SYSTEM "gdb-target.dtd"><target>
  <architecture>i386:x86-64</architecture><xi:include href="core.xml"/></target>`;
const CORE = `<feature name="core"><!-- <reg name="no" bitsize="8"/> -->
  <reg name="rax" bitsize="64" regnum="0"/><reg name="eflags" bitsize="32"/><reg name="rip" bitsize="64" group="pc"/>
</feature>`;

/** What a well-behaved stub with two vCPUs answers; undefined where it answers nothing. */
const ANSWERS: Readonly<Record<string, string | undefined>> = {
  '?': 'T05thread:p01.01;',
  qfThreadInfo: 'mp01.01',
  qsThreadInfo: 'l',
  g: '88776655443322ff4602000010203040506070f0',
  OK: 'OK',
};

export interface FakeStub {
  readonly path: string;
  /** Packets that came, and `^C` for a break. */
  readonly heard: string[];
  /** Sends bytes as they are. */
  readonly send: (bytes: string) => void;
  /** Sends a packet. */
  readonly reply: (payload: string) => void;
  readonly hangUp: () => void;
}

/**
 * A gdb stub. `answer` is asked first: a payload to send, bytes as they are after '!', '' for an empty packet, null for
 * silence, undefined for what a well-behaved stub says.
 */
export async function fakeStub(
  answer: (payload: string, heard: readonly string[]) => string | null | undefined = () => undefined,
  hello = '',
): Promise<FakeStub> {
  const heard: string[] = [];
  let current: Socket | undefined;
  const send = (bytes: string): void => void current?.write(bytes, 'latin1');
  const reply = (payload: string): void => send(encodePacket(payload));
  const path = await fakePeer((socket) => {
    current = socket;
    send(hello);
    const decoder = new PacketDecoder();
    socket.on('data', (chunk: Buffer) => {
      for (const item of decoder.push(chunk)) hear(item);
    });
  });
  const hear = (item: WireItem): void => {
    if (item.kind === 'noise') heard.push('^C');
    if (item.kind === 'nack') heard.push('-');
    if (item.kind !== 'packet') return;
    heard.push(item.payload);
    const said = answer(item.payload, heard);
    send('+');
    if (said === null) return;
    if (said?.startsWith('!')) send(said.slice(1));
    else {
      const usual = said ?? usualAnswer(item.payload);
      if (usual !== undefined) reply(usual);
    }
  };
  return { path, heard, send, reply, hangUp: () => current?.destroy() };
}

function usualAnswer(payload: string): string | undefined {
  if (payload.startsWith('qSupported'))
    return 'PacketSize=1000;qXfer:features:read+;vContSupported+;multiprocess+';
  if (payload.startsWith('qXfer:features:read:')) return annex(payload);
  if (/^(Hg|Z|z|P|M|Q|D)/.test(payload)) return 'OK';
  if (payload.startsWith('vCont')) return undefined;
  return ANSWERS[payload] ?? '';
}

function annex(payload: string): string {
  const [, , , name, range] = payload.split(':') as [string, string, string, string, string];
  const [from, size] = range.split(',').map((hex) => Number.parseInt(hex, 16)) as [number, number];
  const text = name === 'target.xml' ? XML : CORE;
  const part = text.slice(from, from + Math.min(size, 100)); // several parts each
  return `${from + part.length < text.length ? 'm' : 'l'}${part}`;
}
