/**
 * The types D has from the start (d-language.md 3.1), as one table each: intrinsic integers and floats, the special
 * types, and the typedefs every program sees.
 *
 * The order of INTEGERS is the order of conversion: of two types with equal rank the later one wins
 * (`long long` over `long`).
 */
import type { FloatType, IntType, SpecialType, Type } from './type.ts';

function int(name: string, sizeBytes: IntType['sizeBytes'], signed: boolean): IntType {
  return { kind: 'int', name, sizeBytes, signed };
}

export const CHAR = int('char', 1, true);
export const UNSIGNED_CHAR = int('unsigned char', 1, false);
const SHORT = int('short', 2, true);
const UNSIGNED_SHORT = int('unsigned short', 2, false);
export const INT = int('int', 4, true);
export const UNSIGNED_INT = int('unsigned int', 4, false);
export const LONG = int('long', 8, true);
export const UNSIGNED_LONG = int('unsigned long', 8, false);
export const LONG_LONG = int('long long', 8, true);
export const UNSIGNED_LONG_LONG = int('unsigned long long', 8, false);
const SIGNED_CHAR = int('signed char', 1, true);
const BOOL = int('_Bool', 1, false);

export const INTEGERS: readonly IntType[] = [
  BOOL,
  CHAR,
  SIGNED_CHAR,
  UNSIGNED_CHAR,
  SHORT,
  UNSIGNED_SHORT,
  INT,
  UNSIGNED_INT,
  LONG,
  UNSIGNED_LONG,
  LONG_LONG,
  UNSIGNED_LONG_LONG,
];

export const FLOATS: readonly FloatType[] = [
  { kind: 'float', name: 'float', sizeBytes: 4 },
  { kind: 'float', name: 'double', sizeBytes: 8 },
  { kind: 'float', name: 'long double', sizeBytes: 16 },
];

export const VOID: SpecialType = { kind: 'void' };
export const STRING: SpecialType = { kind: 'string' };
export const DYNAMIC: SpecialType = { kind: 'dynamic' };
/** The type of what was already reported; it fits everything. */
export const ERROR: SpecialType = { kind: 'error' };

export const CHAR_POINTER: Type = { kind: 'pointer', to: CHAR };

/** D's own typedefs: name → intrinsic type. No variable may have one of these names. */
export const D_TYPEDEFS: Readonly<Record<string, Type>> = {
  int8_t: SIGNED_CHAR,
  int16_t: SHORT,
  int32_t: INT,
  int64_t: LONG,
  uint8_t: UNSIGNED_CHAR,
  uint16_t: UNSIGNED_SHORT,
  uint32_t: UNSIGNED_INT,
  uint64_t: UNSIGNED_LONG,
  intptr_t: LONG,
  uintptr_t: UNSIGNED_LONG,
  size_t: UNSIGNED_LONG,
  ssize_t: LONG,
  ptrdiff_t: LONG,
  off_t: LONG,
  uchar_t: UNSIGNED_CHAR,
  ushort_t: UNSIGNED_SHORT,
  uint_t: UNSIGNED_INT,
  ulong_t: UNSIGNED_LONG,
  longlong_t: LONG_LONG,
  u_longlong_t: UNSIGNED_LONG_LONG,
  id_t: INT,
  pid_t: INT,
  uid_t: UNSIGNED_INT,
  gid_t: UNSIGNED_INT,
  mode_t: UNSIGNED_INT,
  processorid_t: INT,
  time_t: LONG,
  hrtime_t: LONG_LONG,
  dev_t: UNSIGNED_INT,
  major_t: UNSIGNED_INT,
  minor_t: UNSIGNED_INT,
  ipaddr_t: UNSIGNED_INT,
  in_addr_t: UNSIGNED_INT,
  in_port_t: UNSIGNED_SHORT,
};

/** Typedefs of kernels that programs use without having one; a variable may take such a name. */
export const KERNEL_TYPEDEFS: Readonly<Record<string, Type>> = {
  uchar: UNSIGNED_CHAR,
  ushort: UNSIGNED_SHORT,
  uint: UNSIGNED_INT,
  ulong: UNSIGNED_LONG,
  bool: BOOL,
  __u8: UNSIGNED_CHAR,
  __u16: UNSIGNED_SHORT,
  __u32: UNSIGNED_INT,
  __u64: UNSIGNED_LONG,
  __s8: SIGNED_CHAR,
  __s16: SHORT,
  __s32: INT,
  __s64: LONG,
  __be16: UNSIGNED_SHORT,
  __be32: UNSIGNED_INT,
  __be64: UNSIGNED_LONG,
  __le16: UNSIGNED_SHORT,
  __le32: UNSIGNED_INT,
  __le64: UNSIGNED_LONG,
  u8: UNSIGNED_CHAR,
  u16: UNSIGNED_SHORT,
  u32: UNSIGNED_INT,
  u64: UNSIGNED_LONG,
  s8: SIGNED_CHAR,
  s16: SHORT,
  s32: INT,
  s64: LONG,
  u_int8_t: UNSIGNED_CHAR,
  u_int16_t: UNSIGNED_SHORT,
  u_int32_t: UNSIGNED_INT,
  u_int64_t: UNSIGNED_LONG,
  u_char: UNSIGNED_CHAR,
  u_short: UNSIGNED_SHORT,
  u_int: UNSIGNED_INT,
  u_long: UNSIGNED_LONG,
  caddr_t: CHAR_POINTER,
  clock_t: LONG,
  clockid_t: INT,
  loff_t: LONG_LONG,
  ino_t: UNSIGNED_LONG,
  key_t: INT,
  sa_family_t: UNSIGNED_SHORT,
  socklen_t: UNSIGNED_INT,
};
