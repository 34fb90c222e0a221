/** The gdb and QMP clients against a real QEMU: each quirk of the stub that the clients know of, on a tiny guest. */
import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect as connectSocket, createServer, Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { GdbClient, type GdbOptions, STEP_FLAGS } from '../../src/gdb/client.ts';
import { encodePacket } from '../../src/gdb/packet.ts';
import type { Stop } from '../../src/gdb/stop.ts';
import { QmpClient, type QmpEvent, type QmpOptions } from '../../src/qmp/client.ts';
import { describeLive, type Guest, startQemu } from '../support/qemu.ts';
import {
  COUNTER,
  FS_BASE,
  GUEST_BASE,
  LOOP,
  RBX_OF_WORK,
  SECOND_COUNTER,
  SECOND_LOOP,
  TINY_GUEST,
  WORK,
  WORK_RET,
} from '../support/tiny-guest.ts';
import { PATIENCE_MS, pause, until } from '../support/waiting.ts';

let guest: Guest;
const clients: { close(): Promise<void> }[] = [];

function tinyGuest(...more: readonly string[]): Promise<Guest> {
  return startQemu((dir) => {
    writeFileSync(join(dir, 'guest.bin'), TINY_GUEST);
    return ['-accel', 'tcg', '-smp', '2', '-m', '16M', '-kernel', join(dir, 'guest.bin'), ...more];
  });
}

async function gdb(options: GdbOptions = {}): Promise<GdbClient> {
  const client = await GdbClient.connect(guest.gdb, { timeoutMs: PATIENCE_MS, ...options });
  clients.push(client);
  return client;
}

async function qmp(options: QmpOptions = {}): Promise<QmpClient> {
  const client = await QmpClient.connect(guest.qmp, { timeoutMs: PATIENCE_MS, ...options });
  clients.push(client);
  return client;
}

/** Stopped at WORK in 64-bit mode, both vCPUs counting. */
async function atWork(client: GdbClient): Promise<void> {
  await client.setBreakpoint('hardware', WORK);
  for (;;) {
    client.continue();
    await client.waitForStop();
    if (await secondCounts(client)) break;
    await client.step(0); // off the breakpoint
  }
  await client.removeBreakpoint('hardware', WORK);
}

/** The second vCPU takes a moment to begin. */
async function secondCounts(client: GdbClient): Promise<boolean> {
  const view = await client.readRegisters(1);
  return view.get('cs') === SECOND_LOOP.cs && view.get('rip')! >= SECOND_LOOP.rip;
}

async function counter(client: GdbClient, address: bigint): Promise<bigint> {
  return Buffer.from(await client.readPhysicalMemory(address, 8)).readBigUInt64LE();
}

/** From LOOP to the end; before it, the processor marks descriptors as used. */
const CODE = Buffer.from(TINY_GUEST).subarray(Number(LOOP - GUEST_BASE - 0x100000n));

const errorOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'no error',
    (error) => error,
  );

async function cleanUp(): Promise<void> {
  for (const client of clients.splice(0)) await client.close();
  await guest.stop();
}

describeLive('gdb client and a guest that waits (-S)', () => {
  beforeEach(async () => {
    guest = await tinyGuest('-S');
  });
  afterEach(cleanUp);

  test('connecting tells features, vCPUs and the register layout', async () => {
    const client = await gdb();
    expect(client.state).toBe('stopped');
    expect(client.features.get('PacketSize')).toBe('1000');
    expect((await client.threads()).map(({ cpu }) => cpu)).toEqual([0, 1]);
    expect(client.layout?.architecture).toBe('i386:x86-64');
    expect(client.layout?.slot('rbx')).toMatchObject({ number: 1, offset: 8, sizeBytes: 8 });
    expect(client.layout?.slot('efer')).toMatchObject({ offset: 228 });
    expect(client.layout?.slot('mxcsr')).toMatchObject({ number: 65, offset: 604 });
    // The reset vector: cs base f0000 is not in the description, the selector is.
    const registers = await client.readRegisters(0);
    expect([registers.get('rip'), registers.get('cs'), registers.get('no_such')]).toEqual([
      0xfff0n,
      0xf000n,
      undefined,
    ]);
  });

  test('registers with all their 64 bits, by g and by p', async () => {
    const client = await gdb();
    await atWork(client);
    const view = await client.readRegisters(0);
    expect(view.get('rip')).toBe(WORK);
    expect(view.get('fs_base')).toBe(FS_BASE);
    expect(view.get('cr3')).toBe(0x2000n);
    expect(view.get('efer')! & 0x500n).toBe(0x500n); // LME, LMA
    expect(view.get('rflags')).toBe(view.get('eflags'));
    expect(view.entries()).toHaveLength(client.layout!.slots.length);
    for (const name of ['rip', 'rsp', 'cr3', 'fs_base', 'mxcsr', 'xmm0']) {
      expect(await client.readRegister(0, name)).toBe(view.get(name));
    }
    const value = 0xfedcba9876543210n;
    await client.writeRegisters(0, { r15: value, rax: -2n });
    expect(await client.readRegister(0, 'r15')).toBe(value);
    expect((await client.readRegisters(0)).get('rax')).toBe(2n ** 64n - 2n);
    await expect(client.readRegister(0, 'zmm99')).rejects.toMatchObject({ kind: 'refused' });
    await expect(client.readRegisters(7)).rejects.toMatchObject({ kind: 'refused' });
  });

  test('breakpoints, watchpoints and steps of one vCPU', async () => {
    const client = await gdb();
    await atWork(client);
    expect(client.lastStop).toEqual({ kind: 'stopped', signal: 5, cpu: 0, watch: undefined });
    const before = await counter(client, COUNTER);
    const second = await counter(client, SECOND_COUNTER);
    for (const rip of [WORK + 8n, WORK_RET, LOOP + 5n, LOOP, WORK]) {
      expect(await client.step(0)).toMatchObject({ kind: 'stopped', signal: 5, cpu: 0 });
      expect(await client.readRegister(0, 'rip')).toBe(rip);
    }
    expect(await client.readRegister(0, 'rbx')).toBe(RBX_OF_WORK);
    expect(await counter(client, COUNTER)).toBe(before + 1n);
    expect(await counter(client, SECOND_COUNTER)).toBe(second); // it did not move
    // Two steps of the other's loop count once at most; the first stays.
    await client.step(1);
    expect(await client.step(1)).toMatchObject({ cpu: 1 });
    expect(await client.readRegister(0, 'rip')).toBe(WORK);
    expect((await counter(client, SECOND_COUNTER)) - second).toBe(1n);

    await client.setBreakpoint('software', WORK_RET);
    client.continue();
    expect(client.state).toBe('running');
    await client.waitForStop();
    expect(await client.readRegister(0, 'rip')).toBe(WORK_RET);
    // On the address of a breakpoint a step goes on, a continue does not.
    expect(await client.step(0)).toMatchObject({ signal: 5 });
    expect(await client.readRegister(0, 'rip')).toBe(LOOP + 5n);
    await client.removeBreakpoint('software', WORK_RET);
    await expect(client.removeBreakpoint('software', WORK_RET)).rejects.toMatchObject({
      kind: 'error-reply',
    });

    await client.setBreakpoint('write', COUNTER, 8);
    client.continue();
    expect(await client.waitForStop()).toMatchObject({ watch: { access: 'write', address: COUNTER } });
    await client.removeBreakpoint('write', COUNTER, 8);
  });

  test('a step with interrupts let in; a step of a halted vCPU times out and can be ended', async () => {
    const client = await gdb();
    await client.setStepFlags(STEP_FLAGS.enable);
    expect(await client.step(0)).toMatchObject({ cpu: 0 });
    const late = await errorOf(client.step(1, 200)); // it waits for its start-up signal
    expect(late).toMatchObject({
      kind: 'timeout',
      message: expect.stringContaining('did not stop within 200 ms'),
    });
    expect(client.state).toBe('running');
    expect(await client.interrupt()).toMatchObject({ kind: 'stopped', signal: 2 });
    expect(await client.readRegister(0, 'cs')).toBeDefined();
  });

  test('memory: long ranges, what is unmapped, physical addresses, writes', async () => {
    const client = await gdb();
    await atWork(client);
    expect(Buffer.from(await client.readMemory(LOOP, CODE.length)).equals(CODE)).toBe(true);
    // The page tables map 2 MiB: the rest of the range is not there.
    const top = GUEST_BASE + 0x200000n;
    expect(await client.readMemory(top - 5000n, 9000)).toHaveLength(5000);
    expect(await client.readMemory(top, 16)).toHaveLength(0);
    expect(await client.readMemory(0xfffffffffffffff0n, 64)).toHaveLength(0);
    expect(await client.readMemory(GUEST_BASE, 0x100000)).toHaveLength(0x100000); // 512 packets
    const bytes = Buffer.from(Array.from({ length: 9001 }, (_, i) => (i * 7) & 0xff));
    await client.writeMemory(GUEST_BASE + 0x9ff3n, bytes);
    expect(Buffer.from(await client.readPhysicalMemory(0x9ff3n, 9001)).equals(bytes)).toBe(true);
    await client.writePhysicalMemory(0x9ff3n, Buffer.from([0xaa]));
    expect([...(await client.readMemory(GUEST_BASE + 0x9ff3n, 2))]).toEqual([0xaa, 7]);
    expect(await errorOf(client.writeMemory(top, bytes))).toMatchObject({ kind: 'error-reply', errno: 14 });
    // The mode is off again: 0x200000 is RAM, but not mapped.
    expect(await client.readPhysicalMemory(0x200000n, 16)).toHaveLength(16);
    expect(await client.readMemory(0x200000n, 16)).toHaveLength(0);
    // The second vCPU has no paging.
    expect(await client.readMemory(0x200000n, 16, 1)).toHaveLength(16);
  });

  test('requests of one turn leave in one write', async () => {
    const lines: string[] = [];
    const client = await gdb({ wireLog: (line) => lines.push(line) });
    lines.length = 0;
    const [view, bytes, rip] = await Promise.all([
      client.readRegisters(0),
      client.readMemory(0xfffffff0n, 16),
      client.readRegister(0, 'rip'),
    ]);
    expect([view.get('rip'), bytes.length, rip]).toEqual([0xfff0n, 16, 0xfff0n]);
    expect(lines.map((line) => line.split(' ')[1])).toEqual([
      '-->',
      '-->',
      '-->',
      '-->',
      '<--',
      '<--',
      '<--',
      '<--',
    ]);
    expect(lines[1]).toMatch(/^\d+\.\d{3} --> \+\$g#67$/);
  });

  test('the human monitor prints through gdb and through QMP', async () => {
    const client = await gdb();
    const text = await client.hmp('info registers');
    expect(text).toMatch(/^EIP=0000fff0 EFL=/m);
    expect(text).not.toContain('\r');
    expect(await client.hmp('no_such_command')).toBe("unknown command: 'no_such_command'\n");
    expect((await client.hmp('help')).length).toBeGreaterThan(10_000);
    const monitor = await qmp();
    expect(await monitor.hmp('info registers')).toContain(text.trim());
  });

  test('QEMU that exits is told as exited, to a waiter and afterwards', async () => {
    const stops: Stop[] = [];
    const client = await gdb({ onStop: (stop) => stops.push(stop) });
    const monitor = await qmp();
    client.continue();
    const stop = client.waitForStop();
    await monitor.execute('quit');
    expect(await stop).toEqual({ kind: 'exited', status: 0 });
    expect(stops).toEqual([{ kind: 'exited', status: 0 }]);
    expect(client.state).toBe('exited');
    await expect(client.readRegisters(0)).rejects.toMatchObject({ kind: 'exited' });
    expect(await guest.exited).toEqual({ status: 0, signal: null });
  });

  test('QEMU that is killed ends every wait', async () => {
    const client = await gdb();
    const monitor = await qmp();
    client.continue();
    const stop = errorOf(client.waitForStop());
    guest.child.kill('SIGSTOP'); // so that the command is still under way
    const status = errorOf(monitor.execute('query-status'));
    guest.child.kill('SIGKILL');
    expect(await stop).toMatchObject({ kind: 'closed' });
    expect(await status).toMatchObject({ kind: 'closed' });
    expect(client.state).toBe('closed');
    expect(await errorOf(client.waitForStop())).toMatchObject({ kind: 'closed' });
    expect(() => client.continue()).toThrow(expect.objectContaining({ kind: 'closed' }));
  });

  test('kill ends QEMU; detach lets the guest run without our breakpoints', async () => {
    const first = await gdb();
    await atWork(first);
    await first.setBreakpoint('hardware', WORK);
    await first.detach();
    const second = await gdb();
    const count = await counter(second, COUNTER);
    // Nothing stops it at WORK: that would be a count each time.
    let counted = 0n;
    for (let tries = 0; tries < 100 && counted < 1000n; tries++) {
      second.continue();
      await pause(50);
      await second.interrupt();
      counted = (await counter(second, COUNTER)) - count;
    }
    expect(counted).toBeGreaterThan(1000n);
    await second.kill();
    expect((await guest.exited).signal).toBeNull();
  });

  test('closing without detach leaves it stopped; the next client begins without its breakpoints', async () => {
    const first = await gdb();
    await atWork(first);
    await first.setBreakpoint('hardware', WORK);
    await first.close();
    expect(await (await qmp()).execute('query-status')).toMatchObject({ running: false });
    const second = await gdb();
    expect(await second.readRegister(0, 'rip')).toBe(WORK);
    second.continue();
    expect(await errorOf(second.waitForStop(50))).toMatchObject({ kind: 'timeout' });
  });

  test('QEMU that does not answer is a time-out, and so is a second debugger', async () => {
    const client = await gdb({ timeoutMs: 3000 }); // for each answer while it connects, too
    const other = await errorOf(GdbClient.connect(guest.gdb, { timeoutMs: 200 }));
    expect(other).toMatchObject({ kind: 'timeout', message: expect.stringContaining('another debugger') });
    guest.child.kill('SIGSTOP');
    expect(await errorOf(client.readRegisters(0))).toMatchObject({ kind: 'timeout' });
    expect(client.state).toBe('closed'); // its answer would be taken for that of the next request
  });
});

describeLive('gdb and QMP clients and a guest that runs', () => {
  beforeEach(async () => {
    guest = await tinyGuest();
  });
  afterEach(cleanUp);

  test('connecting stops it with T02, which answers nothing', async () => {
    const stops: Stop[] = [];
    const client = await gdb({ onStop: (stop) => stops.push(stop) });
    expect(stops).toEqual([{ kind: 'stopped', signal: 2, cpu: 0, watch: undefined }]);
    expect(await client.waitForStop()).toEqual(stops[0]);
    expect((await client.threads()).map(({ thread }) => thread)).toEqual(['p01.01', 'p01.02']);
  });

  test('while it runs requests are refused unsent, and only interrupt speaks', async () => {
    const client = await gdb();
    client.continue();
    const refused = { kind: 'refused', message: expect.stringContaining('any byte would stop it') };
    expect(await errorOf(client.readRegisters(0))).toMatchObject(refused);
    expect(await errorOf(client.readMemory(0n, 16))).toMatchObject(refused);
    expect(await errorOf(client.hmp('info status'))).toMatchObject(refused);
    expect(() => client.continue()).toThrow(expect.objectContaining(refused));
    expect(client.state).toBe('running');
    expect(await (await qmp()).execute('query-status')).toMatchObject({ running: true }); // indeed
    expect(await client.interrupt()).toMatchObject({ signal: 2 });
    expect(await client.interrupt()).toMatchObject({ signal: 2 }); // the same stop: nothing runs
  });

  test('QMP stops it: a stop like any other; resumed behind our back, the next request stops it and is answered', async () => {
    const stops: Stop[] = [];
    const client = await gdb({ onStop: (stop) => stops.push(stop) });
    const monitor = await qmp();
    client.continue();
    await monitor.execute('stop');
    expect(await client.waitForStop()).toMatchObject({ signal: 2 });
    await monitor.execute('cont');
    stops.length = 0;
    expect((await client.readRegisters(0)).get('cs')).toBeDefined();
    expect(stops).toMatchObject([{ kind: 'stopped', signal: 2 }]);
    await monitor.execute('cont');
    client.noteRunning();
    expect(await errorOf(client.readRegisters(0))).toMatchObject({ kind: 'refused' });
    expect(await client.interrupt()).toMatchObject({ signal: 2 });
  });

  test('the raw facts: a packet to a running guest loses its first byte, p needs target.xml, m has a limit', async () => {
    let heard = '';
    const socket = connectSocket(guest.gdb);
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1');
    });
    const say = async (bytes: string, until: RegExp): Promise<void> => {
      heard = '';
      if (bytes !== '') socket.write(bytes, 'latin1');
      await expect.poll(() => heard, { interval: 2 }).toMatch(until);
    };
    const stopped = '\\$T02thread:01;#04';
    const value = '\\+\\$[0-9a-f]{16}#..';
    await say('', new RegExp(`^${stopped}$`));
    await say(`+${encodePacket('p10')}`, /^\+\$#00$/);
    await say(`+${encodePacket('m0,801')}`, /^\+\$E22#a9$/);
    await say(`+${encodePacket('qXfer:features:read:target.xml:0,7f0')}`, /^\+\$l.*#..$/);
    await say(`+${encodePacket('p10')}`, new RegExp(`^${value}$`));
    await say(`+${encodePacket('vCont;c')}`, /^\+$/);
    await say(encodePacket('p10'), new RegExp(`^${stopped}$`)); // the $ is lost, and with it the packet
    await say(`+${encodePacket('vCont;c')}`, /^\+$/); // so nothing of it comes now
    await say(`+${encodePacket('p10')}`, new RegExp(`^${stopped}${value}$`)); // here it is the + that is lost
    socket.destroy();
  });

  test('QMP: numbers, errors, events with exact times, large answers', async () => {
    const events: QmpEvent[] = [];
    const monitor = await qmp({ onEvent: (event) => events.push(event) });
    expect(monitor.version).toMatch(/^\d+\.\d+\.\d+$/);
    const [status, cpus, wrong] = await Promise.all([
      monitor.execute('query-status'),
      monitor.execute('query-cpus-fast'),
      errorOf(monitor.execute('no-such-command')),
    ]);
    expect(status).toMatchObject({ running: true });
    expect(cpus).toMatchObject([{ 'cpu-index': 0 }, { 'cpu-index': 1 }]);
    expect(wrong).toMatchObject({ kind: 'error-reply', class: 'CommandNotFound' });
    const before = BigInt(Date.now()) * 1_000_000n;
    await monitor.execute('stop');
    await monitor.execute('cont');
    expect(events.map(({ name }) => name)).toEqual(['STOP', 'RESUME']);
    expect(events[0]!.timestampNs! - before).toBeGreaterThan(-1_000_000_000n);
    expect(events[1]!.timestampNs! - events[0]!.timestampNs!).toBeGreaterThan(0n);
    expect(JSON.stringify(await monitor.execute('query-qmp-schema')).length).toBeGreaterThan(100_000);
  });

  test('QMP: memory at a kernel address, whose number QEMU wants signed', async () => {
    const monitor = await qmp();
    const filename = join(guest.dir, 'memory');
    await monitor.execute('stop');
    await expectLongMode(monitor);
    const args = { size: CODE.length, filename };
    const unsigned = await errorOf(monitor.execute('memsave', { ...args, val: LOOP }));
    expect(unsigned).toMatchObject({
      kind: 'error-reply',
      desc: expect.stringContaining("'val', expected: integer"),
    });
    await monitor.execute('memsave', { ...args, val: BigInt.asIntN(64, LOOP) });
    expect(readFileSync(filename).equals(CODE)).toBe(true);
  });

  test('QMP: a command that is late is a time-out of its own', async () => {
    const monitor = await qmp();
    guest.child.kill('SIGSTOP');
    expect(await errorOf(monitor.execute('query-status', undefined, { timeoutMs: 100 }))).toMatchObject({
      kind: 'timeout',
    });
    guest.child.kill('SIGCONT');
    expect(await monitor.execute('query-version')).toHaveProperty('qemu'); // not the answer of the late one
    const other = await errorOf(QmpClient.connect(guest.qmp, { timeoutMs: 200 }));
    expect(other).toMatchObject({ kind: 'timeout', message: expect.stringContaining('another monitor') });
  });

  test('each client tells when it meets the other one', async () => {
    expect(await errorOf(GdbClient.connect(guest.qmp))).toMatchObject({
      kind: 'protocol',
      message: expect.stringContaining('it said "{\\"QMP\\"'),
    });
    expect(await errorOf(QmpClient.connect(guest.gdb))).toMatchObject({
      kind: 'protocol',
      message: expect.stringContaining('it said "$T02thread'),
    });
  });
});

/** The guest is in 64-bit mode some milliseconds after its firmware let go. */
async function expectLongMode(monitor: QmpClient): Promise<void> {
  while (!(await monitor.hmp('info registers')).includes('RIP=ffffffff801')) {
    await monitor.execute('cont');
    await pause(50);
    await monitor.execute('stop');
  }
}

/** A FIFO without room for a line more, so that whoever writes to it waits. */
function isFull(fifo: string): boolean {
  const fd = openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK);
  try {
    writeSync(fd, '\n');
    return false;
  } catch {
    return true;
  } finally {
    closeSync(fd);
  }
}

describeLive('a guest whose log pipe is full', () => {
  afterEach(cleanUp);

  test('stops for a client that holds the drain, and for no other', async () => {
    let log: Socket | undefined;
    guest = await startQemu((dir) => {
      writeFileSync(join(dir, 'guest.bin'), TINY_GUEST);
      execFileSync('mkfifo', [join(dir, 'log')]);
      // Open before QEMU is, which otherwise waits for a reader; read by nobody as long as it is paused.
      log = new Socket({ fd: openSync(join(dir, 'log'), constants.O_RDONLY | constants.O_NONBLOCK) });
      const logging = ['-d', 'exec,nochain', '-D', join(dir, 'log')];
      return ['-accel', 'tcg,thread=single', '-m', '16M', '-kernel', join(dir, 'guest.bin'), ...logging];
    });
    const reader = log!;
    const filled = async (): Promise<void> => {
      await until(() => isFull(join(guest.dir, 'log')));
      await pause(300); // the guest comes to its next line
    };
    clients.push({ close: async () => void reader.destroy() });
    const bytes = (): number => reader.bytesRead;
    reader.on('data', () => {});
    const drain = {
      hold: () => {
        reader.resume();
        return () => void reader.pause();
      },
    };
    const monitor = await qmp({ drain });
    reader.pause();
    await filled();
    const deaf = await errorOf(GdbClient.connect(guest.gdb, { timeoutMs: 300 }));
    expect(deaf).toMatchObject({ kind: 'timeout' });
    const before = bytes();
    await monitor.execute('stop');
    expect(bytes()).toBeGreaterThan(before);
    await monitor.execute('cont');
    await filled();
    const client = await gdb({ drain });
    expect(client.state).toBe('stopped');
  });
});

describeLive('a guest that is starting', () => {
  afterEach(cleanUp);

  test('is waited for, when asked to', async () => {
    guest = await startQemu(() => ['-accel', 'tcg', '-S'], { startMs: 0 });
    const late = await errorOf(GdbClient.connect(join(guest.dir, 'nobody'), { startupMs: 50 }));
    expect(late).toMatchObject({
      kind: 'connect',
      message: expect.stringMatching(/No such file or directory$/),
    });
    const [client, monitor] = await Promise.all([
      gdb({ startupMs: PATIENCE_MS }),
      qmp({ startupMs: PATIENCE_MS }),
    ]);
    expect(client.state).toBe('stopped');
    expect(await monitor.execute('query-status')).toMatchObject({ running: false });
  });
});

test('a socket that nobody answers, and an HTTP server', async () => {
  const silent = createServer((socket) => socket.resume()); // else it would not see that we left
  const http = createHttpServer();
  for (const server of [silent, http]) await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = (server: typeof silent): string => `:${(server.address() as AddressInfo).port}`;
  const timeout = { kind: 'timeout', message: expect.stringContaining('within 150 ms') };
  expect(await errorOf(GdbClient.connect(address(silent), { timeoutMs: 150 }))).toMatchObject(timeout);
  expect(await errorOf(QmpClient.connect(address(silent), { timeoutMs: 150 }))).toMatchObject(timeout);
  expect(await errorOf(GdbClient.connect(address(http)))).toMatchObject({
    kind: 'protocol',
    message: expect.stringContaining('HTTP/1.1 400'),
  });
  expect(await errorOf(QmpClient.connect(address(http), { timeoutMs: 150 }))).toMatchObject(timeout);
  http.closeAllConnections();
  for (const server of [silent, http]) await new Promise((done) => server.close(done));
});
