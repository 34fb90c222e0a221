/**
 * Fault status codes of Arm: why an access was not allowed.
 *
 *   long    six bits of ESR_ELx.ISS (DFSC, IFSC), and of DFSR and IFSR with LPAE   (Arm ARM DDI 0487, ESR_EL1, "ISS encoding
 *           for an exception from a Data Abort")
 *   short   five bits of DFSR and IFSR without LPAE                               (Arm ARM DDI 0487, DFSR, "FS")
 */

/** By code; families of four are levels of translation. */
const LEVELS: Readonly<Record<number, string>> = {
  0: 'address size fault',
  4: 'translation fault',
  8: 'access flag fault',
  12: 'permission fault',
  20: 'synchronous external abort on a translation table walk',
  28: 'synchronous parity or ECC error on a translation table walk',
  36: 'granule protection fault on a translation table walk',
};
const SINGLES: Readonly<Record<number, string>> = {
  16: 'synchronous external abort, not on a translation table walk',
  17: 'synchronous tag check fault',
  19: 'synchronous external abort on a translation table walk, level -1',
  24: 'synchronous parity or ECC error, not on a translation table walk',
  27: 'synchronous parity or ECC error on a translation table walk, level -1',
  33: 'alignment fault',
  35: 'granule protection fault on a translation table walk, level -1',
  40: 'granule protection fault, not on a translation table walk',
  41: 'address size fault, level -1',
  43: 'translation fault, level -1',
  48: 'TLB conflict abort',
  49: 'unsupported atomic hardware update fault',
  52: 'lockdown (implementation defined)',
  53: 'unsupported exclusive or atomic access',
};

const MEANINGS: readonly (readonly [RegExp, string])[] = [
  [/^translation/, 'no page is mapped there'],
  [/^permission/, 'the page is mapped, its permissions forbid the access'],
  [/^access flag/, 'the page’s access flag is 0, which the kernel is to set'],
  [/^address size/, 'an address in a table or register is larger than the CPU has'],
  [/^alignment/, 'the address is not aligned as the access or the memory type needs'],
  [/^synchronous external abort/, 'nothing answers at that physical address'],
  [/^TLB conflict/, 'two TLB entries for one address: break-before-make was not kept'],
];

/** `translation fault, level 3: no page is mapped there` */
export function faultStatus(code: number): string {
  const family = LEVELS[code & 0x3c];
  const single = SINGLES[code];
  return explained(single ?? (family === undefined ? 'reserved' : `${family}, level ${code & 3}`));
}

const SHORT: Readonly<Record<number, string>> = {
  1: 'alignment fault',
  2: 'debug event',
  3: 'access flag fault, level 1',
  4: 'fault on instruction cache maintenance',
  5: 'translation fault, level 1',
  6: 'access flag fault, level 2',
  7: 'translation fault, level 2',
  8: 'synchronous external abort, not on a translation table walk',
  9: 'domain fault, level 1',
  11: 'domain fault, level 2',
  12: 'synchronous external abort on a translation table walk, level 1',
  13: 'permission fault, level 1',
  14: 'synchronous external abort on a translation table walk, level 2',
  15: 'permission fault, level 2',
  16: 'TLB conflict abort',
  20: 'lockdown (implementation defined)',
  21: 'unsupported exclusive or atomic access',
  22: 'asynchronous external abort',
  24: 'asynchronous parity or ECC error',
  25: 'synchronous parity or ECC error',
  28: 'synchronous parity or ECC error on a translation table walk, level 1',
  30: 'synchronous parity or ECC error on a translation table walk, level 2',
};

const FSR_LPAE = 1 << 9;

/** DFSR or IFSR: which of the two encodings it has, it says itself. */
export function shortFaultStatus(fsr: number): string {
  if ((fsr & FSR_LPAE) !== 0) return faultStatus(fsr & 0x3f);
  return explained(SHORT[((fsr >>> 6) & 0x10) | (fsr & 0xf)] ?? 'reserved');
}

function explained(name: string): string {
  const meaning = MEANINGS.find(([pattern]) => pattern.test(name))?.[1];
  return meaning === undefined ? name : `${name}: ${meaning}`;
}
