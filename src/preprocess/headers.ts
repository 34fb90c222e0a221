/**
 * Headers that `-C` has without any C compiler or library on the machine. What D defines itself (integer types, NULL, SIG*,
 * E*, AF_*) needs no text.
 *
 * OWN_HEADERS come before the system's files of those names, which D could not read or no C library has;
 * STAND_IN_HEADERS help where the system has none.
 */

/** Looked for first. */
export const OWN_HEADERS: Readonly<Record<string, string>> = {
  'stddef.h': 'typedef int wchar_t;\ntypedef unsigned int wint_t;\n',
  'stdbool.h': '#define true 1\n#define false 0\n',
  // Functions with bodies, which D has not.
  'bits/byteswap.h': '',
  'bits/uintn-identity.h': '',
  // Names that every program has.
  'netinet/in.h': '#include <sys/types.h>\n#include <sys/socket.h>\n',
  'signal.h': '',
  'sys/signal.h': '',
  'stdarg.h': 'typedef void *va_list;\ntypedef void *__gnuc_va_list;\n',
};

/** Looked for last. */
export const STAND_IN_HEADERS: Readonly<Record<string, string>> = {
  'errno.h': '',
  'inttypes.h': '#include <stdint.h>\n',
  'limits.h': [
    ...limits('SCHAR', 'UCHAR', 7n),
    ...limits('CHAR', undefined, 7n),
    ...limits('SHRT', 'USHRT', 15n),
    ...limits('INT', 'UINT', 31n),
    ...limits('LONG', 'ULONG', 63n, 'L'),
    ...limits('LLONG', 'ULLONG', 63n, 'LL'),
    '#define CHAR_BIT 8\n#define PATH_MAX 4096\n#define NAME_MAX 255\n',
  ].join(''),
  'stdint.h': [8, 16, 32, 64]
    .map((bits) => exactLimits(bits))
    .concat('#define SIZE_MAX UINT64_MAX\n#define INTPTR_MAX INT64_MAX\n#define UINTPTR_MAX UINT64_MAX\n')
    .join(''),
  'stdio.h': '',
  'stdlib.h': '',
  'string.h': '',
  'sys/errno.h': '',
  'sys/param.h': '',
  'sys/socket.h': '',
  'sys/time.h': 'struct timeval { long tv_sec; long tv_usec; };\n',
  'sys/types.h': '',
  'time.h': 'struct timespec { long tv_sec; long tv_nsec; };\n',
  'unistd.h': '',
};

/** `NAME_MIN`, `NAME_MAX` and, of the unsigned type, `UNSIGNED_MAX`. */
function limits(name: string, unsigned: string | undefined, bits: bigint, suffix = ''): string[] {
  const max = (1n << bits) - 1n;
  const sign = bits < 31n ? '' : 'U';
  return [
    `#define ${name}_MIN (-${max}${suffix} - 1)\n#define ${name}_MAX ${max}${suffix}\n`,
    unsigned === undefined ? '' : `#define ${unsigned}_MAX ${2n * max + 1n}${sign}${suffix}\n`,
  ];
}

function exactLimits(bits: number): string {
  const [name, size] = [`INT${bits}`, BigInt(bits - 1)];
  return limits(name, `U${name}`, size, bits === 64 ? 'L' : '').join('');
}
