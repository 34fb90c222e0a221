/**
 * Functions for keys with strings, and for strings: as look-up.ts gives them. Keys are in memory, as long as their strings.
 */
import { WasmCode } from '../../base/wasm-encode.ts';
import { ENTRY, HASH } from '../keyed-table.ts';
import { emitMixing, pushBucket } from './entry-code.ts';

export function findTextCode(): WasmCode {
  const [header, key, keyBytes] = [0, 1, 2] as const;
  const code = new WasmCode(3);
  const [hash, at, end, entry] = [code.local('i32'), code.local('i32'), code.local('i32'), code.local('i32')];
  code.get(key).get(keyBytes).op('i32.add').set(end);
  code.get(keyBytes).set(hash).get(key).set(at);
  const hashing = code.loop();
  code.get(hash).get(at).access('i32.load').op('i32.add').i32(HASH.multiplier).op('i32.mul').set(hash);
  code.get(at).i32(4).op('i32.add').tee(at).get(end).op('i32.lt_u').brIf(hashing).end();
  emitMixing(code, hash);
  pushBucket(code, () => code.get(header), 0, hash);
  code.access('i32.load').set(entry);
  const again = code.loop();
  code.get(entry).op('i32.eqz').if();
  code.i32(0).op('return').end();
  const next = code.block();
  code.get(entry).access('i32.load', ENTRY.hash).get(hash).op('i32.ne').brIf(next);
  code.get(entry).access('i32.load', ENTRY.keyBytes).get(keyBytes).op('i32.ne').brIf(next);
  code.i32(0).set(at);
  const comparing = code.loop();
  code.get(entry).get(at).op('i32.add').access('i64.load', ENTRY.key);
  code.get(key).get(at).op('i32.add').access('i64.load').op('i64.ne').brIf(next);
  code.get(at).i32(8).op('i32.add').tee(at).get(keyBytes).op('i32.lt_u').brIf(comparing).end();
  code.get(entry).op('return').end();
  code.get(entry).access('i32.load', ENTRY.next).set(entry).br(again).end();
  return code.op('unreachable');
}

/** What lies at offset 0 of linear memory is nobody's, and 0. */
export function compareTextCode(): WasmCode {
  const [a, b, most] = [0, 1, 2] as const;
  const code = new WasmCode(3);
  const [left, right] = [code.local('i32'), code.local('i32')];
  const equal = code.block();
  const again = code.loop();
  code.get(most).op('i32.eqz').brIf(equal);
  code.get(a).access('i32.load8_u').tee(left).get(b).access('i32.load8_u').tee(right).op('i32.ne').if();
  code.i32(-1).i32(1).get(left).get(right).op('i32.lt_u', 'select', 'return').end();
  code.get(left).op('i32.eqz').brIf(equal);
  code.get(a).i32(1).op('i32.add').set(a).get(b).i32(1).op('i32.add').set(b);
  code.get(most).i32(1).op('i32.sub').set(most).br(again).end();
  code.end();
  return code.i32(0);
}

export function copyTextCode(): WasmCode {
  const [from, to, most] = [0, 1, 2] as const;
  const code = new WasmCode(3);
  const [length, byte] = [code.local('i32'), code.local('i32')];
  const done = code.block();
  code.get(from).op('i32.eqz').brIf(done);
  const again = code.loop();
  code.get(length).get(most).op('i32.ge_u').brIf(done);
  code.get(from).get(length).op('i32.add').access('i32.load8_u').tee(byte).op('i32.eqz').brIf(done);
  code.get(to).get(length).op('i32.add').get(byte).access('i32.store8');
  code.get(length).i32(1).op('i32.add').set(length).br(again).end();
  code.end();
  return code.get(length);
}
