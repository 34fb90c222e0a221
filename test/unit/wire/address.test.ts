/** How a user writes the address of a live guest. */
import { expect, test } from 'vitest';
import { formatSocketAddress, parseSocketAddress } from '../../../src/wire/address.ts';

const tcp = (host: string, port: number) => ({ kind: 'tcp', host, port });
const unix = (path: string) => ({ kind: 'unix', path });

test.each([
  ['unix:gdb.sock', unix('gdb.sock')],
  ['unix:/tmp/gdb,server=on,wait=off', unix('/tmp/gdb')],
  ['/tmp/gdb', unix('/tmp/gdb')],
  ['./gdb', unix('./gdb')],
  ['../gdb:1234', unix('../gdb:1234')],
  ['localhost:1234', tcp('localhost', 1234)],
  [':1234', tcp('127.0.0.1', 1234)],
  ['tcp::1234', tcp('127.0.0.1', 1234)],
  ['tcp:10.0.0.1:1234,server', tcp('10.0.0.1', 1234)],
  ['[::1]:1234', tcp('::1', 1234)],
  ['tcp:[fe80::1%eth0]:65535', tcp('fe80::1%eth0', 65535)],
])('%s', (text, address) => {
  const parsed = parseSocketAddress(text);
  expect(parsed).toEqual(address);
  expect(parsed.kind !== 'bad' && parseSocketAddress(formatSocketAddress(parsed))).toEqual(address);
});

test.each([
  ['', "expected host:port, :port, or a path with a '/', and found ''"],
  ['gdb.sock', "expected host:port, :port, or a path with a '/', and found 'gdb.sock'"],
  ['::1:1234', "expected host:port, :port, or a path with a '/', and found '::1:1234'"],
  ['host:', "expected host:port, :port, or a path with a '/', and found 'host:'"],
  ['host:0', 'a port is 1 to 65535, and this one is 0'],
  ['host:65536', 'a port is 1 to 65535, and this one is 65536'],
  ['unix:', 'the path of the socket is empty'],
  [`/${'é'.repeat(54)}`, 'the path of a socket has at most 107 bytes, and this one has 109'],
])('%s is none', (text, reason) => {
  expect(parseSocketAddress(text)).toEqual({ kind: 'bad', reason });
});

test('the longest path', () => {
  expect(parseSocketAddress(`/${'x'.repeat(106)}`)).toMatchObject({ kind: 'unix' });
});
