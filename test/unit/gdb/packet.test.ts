/** Packets of gdb's remote protocol, torn anywhere, damaged anyhow. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutRange, packetLimits } from '../../../src/gdb/memory.ts';
import { encodePacket, MAX_PACKET_BYTES, PacketDecoder, type WireItem } from '../../../src/gdb/packet.ts';
import { parseStop } from '../../../src/gdb/stop.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const decode = (text: string): WireItem[] => new PacketDecoder().push(bytes(text));
const packet = (payload: string): WireItem => ({ kind: 'packet', payload });

test.each([
  ['$#00', [packet('')]],
  ['$OK#9a', [packet('OK')]],
  ['$OK#9A', [packet('OK')]],
  ['+-', [{ kind: 'ack' }, { kind: 'nack' }]],
  ['$0*"#7c', [packet('000000')]], // 0 and 0x22 - 29 = 5 more
  ['$a}\x03b#43', [packet('a#b')]],
  ['$}\x03* #ca', [packet('####')]], // a run of an escaped byte
  ['abc$OK#9a', [{ kind: 'noise', text: 'abc' }, packet('OK')]],
  ['$OK#00', [{ kind: 'damaged', reason: 'a packet with checksum 00 that should have 9a' }]],
  ['$OK#zz', [{ kind: 'damaged', reason: 'a packet with checksum zz that should have 9a' }]],
  ['$T05$OK#9a', [{ kind: 'damaged', reason: 'a packet that ends without a checksum' }, packet('OK')]],
  ['$}#7d', [{ kind: 'damaged', reason: 'a packet with a wrong escape or run length' }]],
  ['$*!#4b', [{ kind: 'damaged', reason: 'a packet with a wrong escape or run length' }]],
  ['$0*#5a', [{ kind: 'damaged', reason: 'a packet with a wrong escape or run length' }]],
] as [string, WireItem[]][])('%j', (text, items) => {
  expect(decode(text)).toEqual(items);
});

test('a packet has a largest size', () => {
  const largest = 'x'.repeat(MAX_PACKET_BYTES - 1);
  expect(decode(encodePacket(largest))).toEqual([packet(largest)]);
  expect(decode(encodePacket(`${largest}x`))).toMatchObject([{ kind: 'damaged' }]);
  expect(decode(`$${'x'.repeat(MAX_PACKET_BYTES + 1)}`)).toMatchObject([{ kind: 'damaged' }]); // before it ends
  expect(decode(encodePacket('x').replace('x', `x${'*~'.repeat(1400)}`))).toMatchObject([
    { kind: 'damaged' },
  ]);
});

const payload = fc.string({
  unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
});

test('what is encoded is decoded, however it is torn', () => {
  // `*` in a payload that we send is escaped, so it starts no run.
  const property = fc.property(fc.array(payload), fc.array(fc.nat(40)), (payloads, cuts) => {
    const wire = bytes(payloads.map((text) => `+${encodePacket(text)}`).join(''));
    const decoder = new PacketDecoder();
    const items: WireItem[] = [];
    let at = 0;
    for (const size of [...cuts, wire.length]) {
      items.push(...decoder.push(wire.subarray(at, at + size)));
      at += size;
    }
    expect(items.filter(({ kind }) => kind !== 'ack')).toEqual(payloads.map(packet));
  });
  fc.assert(property, { seed: 20, numRuns: 300 });
});

test('no bytes make the decoder throw, and it finds the packet after them', () => {
  const property = fc.property(fc.uint8Array({ maxLength: 200 }), (garbage) => {
    const decoder = new PacketDecoder();
    decoder.push(garbage);
    decoder.push(bytes('#00')); // ends whatever had begun
    expect(decoder.push(bytes('$OK#9a')).at(-1)).toEqual(packet('OK'));
  });
  fc.assert(property, { seed: 21, numRuns: 500 });
});

test.each([
  ['T05thread:p01.02;', { kind: 'stopped', signal: 5, cpu: 1, watch: undefined }],
  ['T02thread:01;', { kind: 'stopped', signal: 2, cpu: 0, watch: undefined }],
  ['S05', { kind: 'stopped', signal: 5, cpu: undefined, watch: undefined }],
  [
    'T05thread:p2.0a;watch:ffffffff80001000;',
    { kind: 'stopped', signal: 5, cpu: 9, watch: { access: 'write', address: 0xffffffff80001000n } },
  ],
  [
    'T05thread:01;rwatch:10;',
    { kind: 'stopped', signal: 5, cpu: 0, watch: { access: 'read', address: 0x10n } },
  ],
  ['T05thread:p1.-1;', { kind: 'stopped', signal: 5, cpu: undefined, watch: undefined }],
  ['W00', { kind: 'exited', status: 0 }],
  ['W2a', { kind: 'exited', status: 42 }],
])('stop reply %s', (text, stop) => {
  expect(parseStop(text)).toEqual(stop);
});

test('ranges are cut at multiples of the piece, and at the top of the address space', () => {
  expect(packetLimits(0x1000)).toEqual({ readBytes: 0x800, writeBytes: 0x400 }); // QEMU 7.2
  expect(packetLimits(400)).toEqual({ readBytes: 128, writeBytes: 128 });
  expect(packetLimits(1 << 20)).toEqual({ readBytes: 4096, writeBytes: 4096 });
  expect(cutRange(0x7f0n, 0x20, 0x800)).toEqual([
    { address: 0x7f0n, size: 16 },
    { address: 0x800n, size: 16 },
  ]);
  expect(cutRange(2n ** 64n - 1n, 100, 0x800)).toEqual([{ address: 2n ** 64n - 1n, size: 1 }]);
  expect(cutRange(-1n, 1, 0x800)).toEqual([{ address: 2n ** 64n - 1n, size: 1 }]);
  expect(cutRange(5n, 0, 0x800)).toEqual([]);
});
