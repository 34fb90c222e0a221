/** The QMP client against a monitor that misbehaves; what a real QEMU does is in test/live. */
import type { Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { QmpClient, type QmpEvent, type QmpOptions } from '../../../src/qmp/client.ts';
import { MAX_MESSAGE_BYTES, MessageSplitter } from '../../../src/qmp/message-splitter.ts';
import { fakePeer } from '../../support/fake-peer.ts';
import { PATIENCE_MS, until } from '../../support/waiting.ts';

const GREETING =
  '{"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}, "package": ""}, "capabilities": ["oob"]}}\r\n';

interface FakeMonitor {
  readonly path: string;
  readonly heard: string[]; // lines
  readonly send: (bytes: string | Uint8Array) => void;
  readonly hangUp: () => void;
}

/** A monitor that answers qmp_capabilities; everything else is the test's. */
async function fakeMonitor(hello = GREETING): Promise<FakeMonitor> {
  const heard: string[] = [];
  let current: Socket | undefined;
  const path = await fakePeer((socket) => {
    current = socket;
    socket.write(hello);
    socket.on('data', (chunk: Buffer) => {
      for (const line of chunk.toString().trim().split('\n')) {
        heard.push(line);
        if (line.includes('qmp_capabilities')) socket.write('{"return": {}, "id": 1}\r\n');
      }
    });
  });
  return { path, heard, send: (bytes) => void current?.write(bytes), hangUp: () => current?.destroy() };
}

async function connect(path: string, options: QmpOptions = {}): Promise<QmpClient> {
  const client = await QmpClient.connect(path, { timeoutMs: PATIENCE_MS, ...options });
  onTestFinished(() => client.close());
  return client;
}

const errorOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'no error',
    (error) => error,
  );

test('greeting, capabilities, a command with exact integers', async () => {
  const monitor = await fakeMonitor();
  const client = await connect(monitor.path);
  expect(client.version).toBe('7.2.22');
  const answer = client.execute('memsave', { val: -2113856256n, size: 9007199254740993n, filename: 'é"' });
  await until(() => monitor.heard.length === 2);
  expect(monitor.heard).toEqual([
    '{"execute":"qmp_capabilities","id":1}',
    '{"execute":"memsave","arguments":{"val":-2113856256,"size":9007199254740993,"filename":"é\\""},"id":2}',
  ]);
  monitor.send('{"return": {"at": 18446744071562067968}, "id": 2}\r\n');
  expect(await answer).toEqual({ at: 18446744071562067968n });
});

test('answers in any order, torn anywhere, over several lines, with events between', async () => {
  const events: QmpEvent[] = [];
  const monitor = await fakeMonitor();
  const client = await connect(monitor.path, { onEvent: (event) => events.push(event) });
  const answers = Promise.all([client.execute('a'), client.execute('b')]);
  await until(() => monitor.heard.length === 3);
  const text = `{"return": "é}\\"{", "id": 3}\r\n{"timestamp": {"seconds": 1795682150, "microseconds": 148178},
    "event": "STOP"}{\n  "return": [1],\n  "id": 2\n}\n{"event":"X","data":{"n":1},"timestamp":{"seconds":-1,"microseconds":-1}}\n`;
  for (const byte of Buffer.from(text)) {
    monitor.send(Buffer.from([byte]));
  }
  expect(await answers).toEqual([[1], 'é}"{']);
  await until(() => events.length === 2);
  expect(events).toEqual([
    { name: 'STOP', data: {}, timestampNs: 1795682150148178000n },
    { name: 'X', data: { n: 1 }, timestampNs: undefined },
  ]);
});

test('an error has its class and description; one without a number belongs to the only command', async () => {
  const monitor = await fakeMonitor();
  const client = await connect(monitor.path);
  const first = errorOf(client.execute('a'));
  await until(() => monitor.heard.length === 2);
  monitor.send('{"error": {"class": "GenericError", "desc": "JSON parse error"}}\r\n');
  expect(await first).toMatchObject({
    kind: 'error-reply',
    class: 'GenericError',
    desc: 'JSON parse error',
    message: 'QEMU refused a: JSON parse error',
  });
});

test('a late answer is not taken for the next one', async () => {
  const monitor = await fakeMonitor();
  const client = await connect(monitor.path);
  expect(await errorOf(client.execute('slow', {}, { timeoutMs: 30 }))).toMatchObject({
    kind: 'timeout',
    message: expect.stringContaining('did not answer slow within 30 ms'),
  });
  const next = client.execute('next');
  monitor.send('{"return": "slow", "id": 2}{"return": "next", "id": 3}');
  expect(await next).toBe('next');
});

test('the end of the connection rejects what waits, tells once, and refuses what follows', async () => {
  const ends: string[] = [];
  const monitor = await fakeMonitor();
  const client = await connect(monitor.path, { onEnd: (error) => ends.push(error.kind) });
  const answers = Promise.all([errorOf(client.execute('a')), errorOf(client.execute('b'))]);
  await until(() => monitor.heard.length === 3);
  monitor.send('{"return": ');
  monitor.hangUp();
  expect(await answers).toMatchObject([{ kind: 'closed' }, { kind: 'closed' }]);
  expect(await errorOf(client.execute('c'))).toMatchObject({ kind: 'closed' });
  await client.close();
  await client.close();
  expect(ends).toEqual(['closed']);
});

test('the log is held while a command waits, and let go', async () => {
  let held = 0;
  const hold = (): (() => void) => {
    held++;
    return () => void held--;
  };
  const drain = { hold };
  const monitor = await fakeMonitor();
  const client = await connect(monitor.path, { drain });
  expect(held).toBe(0);
  const answers = [errorOf(client.execute('a', {}, { timeoutMs: 30 })), errorOf(client.execute('b'))];
  expect(held).toBe(1);
  await answers[0];
  expect(held).toBe(1);
  monitor.hangUp();
  await answers[1];
  expect(held).toBe(0);
});

test.each([
  ['SSH-2.0-OpenSSH_9.2\r\n', /it said "SSH-2.0-OpenSSH_9.2\\r\\n"/],
  ['$T02thread:01;#04', /it said "\$T02thread/],
  ['{"QMP": }\r\n', /expected a value at offset 8/],
])('%j is no greeting', async (hello, message) => {
  const monitor = await fakeMonitor(hello);
  expect(await errorOf(connect(monitor.path))).toMatchObject({
    kind: 'protocol',
    message: expect.stringMatching(message),
  });
});

test('each message on the wire log is a line with time and direction', async () => {
  const lines: string[] = [];
  const monitor = await fakeMonitor();
  await connect(monitor.path, { wireLog: (line) => lines.push(line) });
  expect(lines.map((line) => line.replace(/^\d+\.\d{3} /, '').slice(0, 24))).toEqual([
    '<-- {"QMP": {"version": ',
    '--> {"execute":"qmp_capa',
    '<-- {"return": {}, "id":',
  ]);
});

test('a message has a largest size', () => {
  const splitter = new MessageSplitter();
  const part = Buffer.alloc(MAX_MESSAGE_BYTES / 4, 0x20);
  expect(splitter.push(Buffer.from('{')).error).toBeUndefined();
  for (let i = 0; i < 3; i++) expect(splitter.push(part).error).toBeUndefined();
  expect(splitter.push(part).error).toContain('more than');
});
