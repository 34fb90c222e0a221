/** The gdb client against a stub that misbehaves; what a real QEMU does is in test/live. */
import { expect, onTestFinished, test, vi } from 'vitest';
import { GdbClient, type GdbOptions } from '../../../src/gdb/client.ts';
import { encodePacket } from '../../../src/gdb/packet.ts';
import type { Stop } from '../../../src/gdb/stop.ts';
import { fakePeer, fakeStub } from '../../support/fake-peer.ts';
import { PATIENCE_MS, until } from '../../support/waiting.ts';

async function connect(path: string, options: GdbOptions = {}): Promise<GdbClient> {
  const client = await GdbClient.connect(path, { timeoutMs: PATIENCE_MS, ...options });
  onTestFinished(() => client.close());
  return client;
}

const errorOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'no error',
    (error) => error,
  );

test('a description with includes and comments gives the layout; values are exact', async () => {
  const stub = await fakeStub();
  const client = await connect(stub.path);
  expect(client.layout?.slots).toEqual([
    { name: 'rax', number: 0, sizeBytes: 8, offset: 0, group: 'general' },
    { name: 'eflags', number: 1, sizeBytes: 4, offset: 8, group: 'general' },
    { name: 'rip', number: 2, sizeBytes: 8, offset: 12, group: 'pc' },
  ]);
  const view = await client.readRegisters(0);
  expect(view.entries()).toEqual([
    ['rax', 0xff22334455667788n],
    ['eflags', 0x246n],
    ['rip', 0xf070605040302010n],
  ]);
});

test('registers that the reply leaves out or marks unavailable have no value', async () => {
  const stub = await fakeStub((payload) => (payload === 'g' ? 'xxxxxxxxxxxxxxxx46020000' : undefined));
  const view = await (await connect(stub.path)).readRegisters(0);
  expect([view.get('rax'), view.get('eflags'), view.get('rip')]).toEqual([undefined, 0x246n, undefined]);
});

test('one write per turn, one selection per vCPU and stop', async () => {
  const stub = await fakeStub((payload) => (payload.startsWith('m') ? '00' : undefined));
  const client = await connect(stub.path);
  stub.heard.length = 0;
  await Promise.all([client.readRegisters(0), client.readMemory(0x10n, 1, 0)]);
  await client.readRegisters(0);
  expect(stub.heard).toEqual(['Hgp01.01', 'g', 'm10,1', 'g']);
  const stop = client.step(0);
  stub.reply('T05thread:p01.01;');
  await stop;
  await client.readRegisters(0);
  expect(stub.heard.slice(4)).toEqual(['vCont;s:p01.01', 'Hgp01.01', 'g']);
});

test('a stop that nobody asked for answers nothing, wherever it comes', async () => {
  const stops: Stop[] = [];
  const answer = (payload: string) =>
    payload === 'g' ? `!${encodePacket('T02thread:p01.01;')}$00#60` : undefined;
  const stub = await fakeStub(answer, '$T02thread:01;#04');
  const client = await connect(stub.path, { onStop: (stop) => stops.push(stop) });
  expect((await client.readRegisters(0)).get('rax')).toBeUndefined(); // the reply is 00
  expect(stops).toEqual([
    { kind: 'stopped', signal: 2, cpu: 0, watch: undefined },
    { kind: 'stopped', signal: 2, cpu: 0, watch: undefined },
  ]);
});

test('a packet with a wrong checksum is asked for again, three times', async () => {
  let bad = 0;
  const stub = await fakeStub((payload, heard) => {
    if (payload !== 'g') return undefined;
    bad = heard.length;
    return '!$00#00';
  });
  const client = await connect(stub.path);
  await client.readRegister(0, 'rax').catch(() => {}); // selects vCPU 0, so that g is alone
  const reply = client.readRegisters(0);
  await until(() => stub.heard.at(-1) === '-');
  expect(stub.heard.slice(bad)).toEqual(['-']);
  stub.send('$46#6a');
  expect((await reply).get('rax')).toBeUndefined();

  const second = stub.heard.length;
  const lost = errorOf(client.readRegisters(0));
  for (let i = 0; i < 3; i++) {
    await until(() => stub.heard.slice(second).length === i + 2); // the request, and what asks for it again
    stub.send('$46#00');
  }
  expect(await lost).toMatchObject({
    kind: 'protocol',
    message: expect.stringContaining('checksum 00 that should have'),
  });
});

test('a packet that did not reach the stub is sent again', async () => {
  const stub = await fakeStub((payload, heard) => {
    const times = heard.filter((packet) => packet === 'Z0,10,1').length;
    return payload === 'Z0,10,1' && times < 3 ? '!-' : undefined;
  });
  const client = await connect(stub.path);
  await client.setBreakpoint('software', 0x10n);
  expect(stub.heard.filter((packet) => packet === 'Z0,10,1')).toHaveLength(3);
});

test('damage among several unanswered requests ends the connection: it is not clear whose it is', async () => {
  const stub = await fakeStub((payload) => (payload === 'g' ? '!$00#00' : undefined));
  const client = await connect(stub.path);
  const [view, memory] = await Promise.all([
    errorOf(client.readRegisters(0)),
    errorOf(client.readMemory(0n, 1, 0)),
  ]);
  expect([view, memory]).toMatchObject([{ kind: 'protocol' }, { kind: 'protocol' }]);
  expect(client.state).toBe('closed');
});

const WATCHED = 'Z2,ffffffffffffffff,8';

test.each([
  ['an error', 'E22', 'error-reply'],
  ['an unknown command', '', 'refused'],
  ['something else', 'what?', 'protocol'],
])('%s instead of OK', async (_, answer, kind) => {
  const stub = await fakeStub((payload) => (payload.startsWith('Z') ? answer : undefined));
  const client = await connect(stub.path);
  expect(await errorOf(client.setBreakpoint('write', 2n ** 64n - 1n, 8))).toMatchObject({ kind });
  expect(stub.heard).toContain(WATCHED);
});

test('silence instead of OK', async () => {
  const stub = await fakeStub((payload) => (payload.startsWith('Z') ? null : undefined));
  const client = await connect(stub.path);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const silence = errorOf(client.setBreakpoint('write', 2n ** 64n - 1n, 8));
  await vi.advanceTimersByTimeAsync(PATIENCE_MS);
  expect(await silence).toMatchObject({ kind: 'timeout' });
  vi.useRealTimers();
  await until(() => stub.heard.includes(WATCHED));
});

test('the connection lost in the middle of a packet rejects what waits, once', async () => {
  const ends: number[] = [];
  const drain = { hold: () => () => void ends.push(1) };
  const stub = await fakeStub((payload) => {
    if (payload === 'g') return '!$0011';
    return payload.startsWith('m') ? null : undefined;
  });
  const client = await connect(stub.path, { drain });
  ends.length = 0;
  const both = Promise.all([errorOf(client.readRegisters(0)), errorOf(client.readMemory(0n, 8, 0))]);
  await until(() => stub.heard.at(-1)?.startsWith('m') === true);
  stub.hangUp();
  expect(await both).toMatchObject([{ kind: 'closed' }, { kind: 'closed' }]);
  expect(ends).toEqual([1]); // the log was held while they waited, and let go
});

test('the log is held during each wait, also for a stop', async () => {
  let held = 0;
  let changes = 0;
  const drain = {
    hold: () => {
      held++;
      changes++;
      return () => void held--;
    },
  };
  const stub = await fakeStub();
  const client = await connect(stub.path, { drain });
  expect(held).toBe(0);
  changes = 0;
  await Promise.all([client.readRegisters(0), client.setBreakpoint('software', 1n)]);
  expect([held, changes]).toEqual([0, 1]);
  client.continue();
  const stop = client.waitForStop(50);
  expect(held).toBe(1);
  expect(await errorOf(stop)).toMatchObject({ kind: 'timeout' });
  expect(held).toBe(0);
  const broken = client.interrupt();
  await until(() => stub.heard.at(-1) === '^C');
  stub.reply('T02thread:p01.01;');
  expect(await broken).toMatchObject({ signal: 2 });
});

test('an error reply to a resumption is the end of the wait, and the guest stays stopped', async () => {
  const stub = await fakeStub((payload) => (payload.startsWith('vCont') ? 'E22' : undefined));
  const client = await connect(stub.path);
  expect(await errorOf(client.step(0))).toMatchObject({ kind: 'error-reply', errno: 22 });
  expect(client.state).toBe('stopped');
  client.continue();
  await expect.poll(() => client.state).toBe('stopped'); // nobody waits when the error comes
  expect(await errorOf(client.waitForStop())).toMatchObject({ kind: 'error-reply', errno: 22 });
  stub.reply('T02thread:p01.01;');
  await expect.poll(() => client.lastStop).toMatchObject({ signal: 2 });
  expect(await client.waitForStop()).toMatchObject({ signal: 2 });
});

test('what is no gdb stub is told by what it says', async () => {
  const ssh = await fakePeer((socket) => void socket.write('SSH-2.0-OpenSSH_9.2p1\r\n'));
  expect(await errorOf(connect(ssh))).toMatchObject({
    kind: 'protocol',
    message: expect.stringMatching(/does not speak gdb's remote protocol; it said "SSH-2.0-OpenSSH/),
  });
  const short = await fakePeer((socket) => void socket.end('?\n'));
  expect(await errorOf(connect(short))).toMatchObject({
    kind: 'protocol',
    message: expect.stringContaining('"?\\n"'),
  });
  const gone = await fakePeer((socket) => socket.destroy());
  expect(await errorOf(connect(gone))).toMatchObject({ kind: 'closed' });
  expect(await errorOf(GdbClient.connect('nowhere'))).toMatchObject({ kind: 'connect' });
  expect(await errorOf(GdbClient.connect('/no/such/socket'))).toMatchObject({
    kind: 'connect',
    message: 'cannot connect to unix:/no/such/socket: No such file or directory',
  });
});

test.each([
  ['a register without a size', '<target><reg name="a"/></target>', 'a has undefined bits'],
  ['no registers', '<target/>', 'it names no registers'],
  ['a file that includes itself', '<target><xi:include href="target.xml"/></target>', 'more than 64 files'],
])('a description with %s', async (_, xml, message) => {
  const stub = await fakeStub((payload) => (payload.startsWith('qXfer') ? `l${xml}` : undefined));
  expect(await errorOf(connect(stub.path))).toMatchObject({
    kind: 'protocol',
    message: expect.stringContaining(message),
  });
});

test('a big-endian target', async () => {
  const xml = '<target><architecture>powerpc:common64</architecture><reg name="r0" bitsize="64"/></target>';
  const stub = await fakeStub((payload) => {
    if (payload.startsWith('qXfer')) return `l${xml}`;
    return payload === 'g' ? '00112233445566ff' : undefined;
  });
  const client = await connect(stub.path);
  expect((await client.readRegisters(0)).get('r0')).toBe(0x00112233445566ffn);
  await client.writeRegister(0, 'r0', -2n);
  expect(stub.heard.at(-1)).toBe('P0=fffffffffffffffe');
});

test('a stub without a description still has memory', async () => {
  const stub = await fakeStub((payload) => {
    if (payload.startsWith('qSupported')) return 'PacketSize=80';
    return payload.startsWith('m') ? '11'.repeat(Number.parseInt(payload.split(',')[1]!, 16)) : undefined;
  });
  const client = await connect(stub.path);
  expect(client.layout).toBeUndefined();
  expect(await errorOf(client.readRegisters(0))).toMatchObject({ kind: 'refused' });
  expect(await client.readMemory(0x10n, 100)).toHaveLength(100);
  expect(stub.heard.slice(-2)).toEqual(['m10,30', 'm40,34']); // 64 bytes at most, aligned
});

test('monitor output in pieces, torn inside a character', async () => {
  const hex = Buffer.from('é\r\nOK').toString('hex');
  const pieces = [hex.slice(0, 2), hex.slice(2)].map((piece) => encodePacket(`O${piece}`)).join('');
  const stub = await fakeStub((payload) =>
    payload.startsWith('qRcmd') ? `!${pieces}${encodePacket('OK')}` : undefined,
  );
  expect(await (await connect(stub.path)).hmp('x')).toBe('é\nOK');
});

test('whoever asks after the detaching is refused, and QEMU hears nothing of it', async () => {
  const stub = await fakeStub((payload) => (payload.startsWith('D') ? 'OK' : undefined));
  const client = await connect(stub.path);
  stub.heard.length = 0;
  const left = client.detach();
  const asked = errorOf(client.readRegisters(0));
  expect(() => client.continue()).toThrow('we have detached');
  await left;
  expect(await asked).toMatchObject({ kind: 'closed', message: expect.stringContaining('we have detached') });
  expect(stub.heard).toEqual(['D;01']);
});
