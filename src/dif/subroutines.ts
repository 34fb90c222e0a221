/**
 * Subroutines: facts shared by check, codegen, disassembler, help and tests. Behaviour is in engine/subroutines.ts; a
 * row without a handler does not compile.
 *
 * `proto` is D, parsed by our own parser; optional parameters are in [ ]. `stringArgs` are the positions passed by
 * address to NUL-terminated bytes. A string result is an address in scratch, or 0 for NULL.
 */
export interface SubrDef {
  readonly id: number;
  readonly proto: string;
  readonly destructive?: true;
  readonly doc: string;
  readonly example: string;
}

export const SUBROUTINES = {
  rand: { id: 0, proto: 'int rand()', doc: 'pseudo-random bits', example: 'trace(rand() & 0)' },
  mutex_owned: {
    id: 1,
    proto: 'int mutex_owned(kmutex_t *)',
    doc: 'whether the current thread holds the mutex; faults where the source does not know the kernel',
    example: 'trace(mutex_owned((kmutex_t *)arg0))',
  },
  mutex_owner: {
    id: 2,
    proto: 'void *mutex_owner(kmutex_t *)',
    doc: 'thread that holds the mutex, or NULL; faults where the source does not know the kernel',
    example: 'trace(mutex_owner((kmutex_t *)arg0))',
  },
  mutex_type_adaptive: {
    id: 3,
    proto: 'int mutex_type_adaptive(kmutex_t *)',
    doc: 'whether waiters for the mutex may sleep; faults where the source does not know the kernel',
    example: 'trace(mutex_type_adaptive((kmutex_t *)arg0))',
  },
  mutex_type_spin: {
    id: 4,
    proto: 'int mutex_type_spin(kmutex_t *)',
    doc: 'whether waiters for the mutex spin; faults where the source does not know the kernel',
    example: 'trace(mutex_type_spin((kmutex_t *)arg0))',
  },
  rw_read_held: {
    id: 5,
    proto: 'int rw_read_held(krwlock_t *)',
    doc: 'whether a reader holds the lock; faults where the source does not know the kernel',
    example: 'trace(rw_read_held((krwlock_t *)arg0))',
  },
  rw_write_held: {
    id: 6,
    proto: 'int rw_write_held(krwlock_t *)',
    doc: 'whether a writer holds the lock; faults where the source does not know the kernel',
    example: 'trace(rw_write_held((krwlock_t *)arg0))',
  },
  rw_iswriter: {
    id: 7,
    proto: 'int rw_iswriter(krwlock_t *)',
    doc: 'whether a writer holds or waits for the lock; faults where the source does not know the kernel',
    example: 'trace(rw_iswriter((krwlock_t *)arg0))',
  },
  copyin: {
    id: 8,
    proto: 'void *copyin(uintptr_t, size_t)',
    doc: 'copies guest user memory to scratch',
    example: 'copyin(arg0, 4)',
  },
  copyinstr: {
    id: 9,
    proto: 'string copyinstr(uintptr_t [, size_t])',
    doc: 'copies a string from guest user memory',
    example: 'trace(copyinstr(arg0))',
  },
  speculation: {
    id: 10,
    proto: 'int speculation()',
    doc: 'a new speculation id, 0 when none is free',
    example: 'trace(speculation())',
  },
  progenyof: {
    id: 11,
    proto: 'int progenyof(pid_t)',
    doc: '1 if the process is the current one or an ancestor',
    example: 'trace(progenyof($pid))',
  },
  strlen: {
    id: 12,
    proto: 'size_t strlen(const char *)',
    doc: 'bytes before the NUL',
    example: 'trace(strlen("abc"))',
  },
  copyout: {
    id: 13,
    proto: 'void copyout(void *, uintptr_t, size_t)',
    destructive: true,
    doc: 'writes guest user memory',
    example: 'copyout(alloca(4), arg0, 4)',
  },
  copyoutstr: {
    id: 14,
    proto: 'void copyoutstr(char *, uintptr_t, size_t)',
    destructive: true,
    doc: 'writes a string to guest user memory',
    example: 'copyoutstr(copyinstr(arg1), arg0, 8)',
  },
  alloca: {
    id: 15,
    proto: 'void *alloca(size_t)',
    doc: 'zeroed scratch until the end of the clause',
    example: 'alloca(8)',
  },
  bcopy: {
    id: 16,
    proto: 'void bcopy(void *, void *, size_t)',
    doc: 'copies source to destination in scratch',
    example: 'bcopy(alloca(8), alloca(8), 8)',
  },
  copyinto: {
    id: 17,
    proto: 'void copyinto(uintptr_t, size_t, void *)',
    doc: 'copies guest user memory to scratch',
    example: 'copyinto(arg0, 4, alloca(4))',
  },
  msgdsize: {
    id: 18,
    proto: 'size_t msgdsize(mblk_t *)',
    doc: 'bytes of data in a STREAMS message; faults where the source does not know the kernel',
    example: 'trace(msgdsize((mblk_t *)arg0))',
  },
  msgsize: {
    id: 19,
    proto: 'size_t msgsize(mblk_t *)',
    doc: 'bytes of a STREAMS message; faults where the source does not know the kernel',
    example: 'trace(msgsize((mblk_t *)arg0))',
  },
  getmajor: {
    id: 20,
    proto: 'major_t getmajor(dev_t)',
    doc: 'major device number',
    example: 'trace(getmajor(0))',
  },
  getminor: {
    id: 21,
    proto: 'minor_t getminor(dev_t)',
    doc: 'minor device number',
    example: 'trace(getminor(0))',
  },
  ddi_pathname: {
    id: 22,
    proto: 'string ddi_pathname(void *, int64_t)',
    doc: 'path of a device; faults where the source does not know the kernel',
    example: 'trace(ddi_pathname((void *)arg0, 0))',
  },
  strjoin: {
    id: 23,
    proto: 'string strjoin(const char *, const char *)',
    doc: 'concatenation',
    example: 'trace(strjoin("a", "b"))',
  },
  lltostr: {
    id: 24,
    proto: 'string lltostr(int64_t [, int])',
    doc: 'integer to text, base 2 to 36',
    example: 'trace(lltostr(255, 16))',
  },
  basename: {
    id: 25,
    proto: 'string basename(const char *)',
    doc: 'last component of a path',
    example: 'trace(basename("/a/b"))',
  },
  dirname: {
    id: 26,
    proto: 'string dirname(const char *)',
    doc: 'all but the last component of a path',
    example: 'trace(dirname("/a/b"))',
  },
  cleanpath: {
    id: 27,
    proto: 'string cleanpath(const char *)',
    doc: 'path without redundant components',
    example: 'trace(cleanpath("/a/../b"))',
  },
  strchr: {
    id: 28,
    proto: 'string strchr(const char *, char)',
    doc: 'rest of the string from the first such character, or NULL',
    example: 'trace(strchr("abc", \'b\'))',
  },
  strrchr: {
    id: 29,
    proto: 'string strrchr(const char *, char)',
    doc: 'rest of the string from the last such character, or NULL',
    example: 'trace(strrchr("abcb", \'b\'))',
  },
  strstr: {
    id: 30,
    proto: 'string strstr(const char *, const char *)',
    doc: 'rest of the string from the first match, or NULL',
    example: 'trace(strstr("hello", "ll"))',
  },
  strtok: {
    id: 31,
    proto: 'string strtok(const char *, const char *)',
    doc: 'next token; state lasts for one firing',
    example: 'trace(strtok("a b", " "))',
  },
  substr: {
    id: 32,
    proto: 'string substr(const char *, int [, int])',
    doc: 'part of a string',
    example: 'trace(substr("abcdef", 2, 2))',
  },
  index: {
    id: 33,
    proto: 'int index(const char *, const char * [, int])',
    doc: 'first position of a substring, or -1',
    example: 'trace(index("hello", "l"))',
  },
  rindex: {
    id: 34,
    proto: 'int rindex(const char *, const char * [, int])',
    doc: 'last position of a substring, or -1',
    example: 'trace(rindex("hello", "l"))',
  },
  htons: { id: 35, proto: 'uint16_t htons(uint16_t)', doc: 'swaps 2 bytes', example: 'trace(htons(1))' },
  htonl: { id: 36, proto: 'uint32_t htonl(uint32_t)', doc: 'swaps 4 bytes', example: 'trace(htonl(1))' },
  htonll: { id: 37, proto: 'uint64_t htonll(uint64_t)', doc: 'swaps 8 bytes', example: 'trace(htonll(1))' },
  ntohs: { id: 38, proto: 'uint16_t ntohs(uint16_t)', doc: 'swaps 2 bytes', example: 'trace(ntohs(1))' },
  ntohl: { id: 39, proto: 'uint32_t ntohl(uint32_t)', doc: 'swaps 4 bytes', example: 'trace(ntohl(1))' },
  ntohll: { id: 40, proto: 'uint64_t ntohll(uint64_t)', doc: 'swaps 8 bytes', example: 'trace(ntohll(1))' },
  inet_ntop: {
    id: 41,
    proto: 'string inet_ntop(int, void *)',
    doc: 'address of a family as text',
    example: 'trace(inet_ntop(2, alloca(4)))',
  },
  inet_ntoa: {
    id: 42,
    proto: 'string inet_ntoa(ipaddr_t *)',
    doc: 'IPv4 address as text',
    example: 'trace(inet_ntoa((ipaddr_t *)alloca(4)))',
  },
  inet_ntoa6: {
    id: 43,
    proto: 'string inet_ntoa6(in6_addr_t *)',
    doc: 'IPv6 address as text',
    example: 'trace(inet_ntoa6((in6_addr_t *)alloca(16)))',
  },
  toupper: {
    id: 44,
    proto: 'string toupper(const char *)',
    doc: 'ASCII upper case',
    example: 'trace(toupper("abc"))',
  },
  tolower: {
    id: 45,
    proto: 'string tolower(const char *)',
    doc: 'ASCII lower case',
    example: 'trace(tolower("ABC"))',
  },
  memref: {
    id: 46,
    proto: 'uintptr_t *memref(void *, size_t)',
    doc: 'address and size as a pair in scratch, for printm()',
    example: 'trace(memref(alloca(8), 8)[1])',
  },
  sx_shared_held: {
    id: 47,
    proto: 'int sx_shared_held(struct sx *)',
    doc: 'whether a reader holds the lock; faults where the source does not know the kernel',
    example: 'trace(sx_shared_held((struct sx *)arg0))',
  },
  sx_exclusive_held: {
    id: 48,
    proto: 'int sx_exclusive_held(struct sx *)',
    doc: 'whether the current thread holds the lock exclusively; faults where the source does not know the kernel',
    example: 'trace(sx_exclusive_held((struct sx *)arg0))',
  },
  sx_isexclusive: {
    id: 49,
    proto: 'int sx_isexclusive(struct sx *)',
    doc: 'whether any thread holds the lock exclusively; faults where the source does not know the kernel',
    example: 'trace(sx_isexclusive((struct sx *)arg0))',
  },
  memstr: {
    id: 50,
    proto: 'string memstr(void *, char, size_t)',
    doc: 'memory as a string: the last byte becomes its NUL, every other NUL the character',
    example: "trace(memstr(alloca(4), '-', 4))",
  },
  getf: {
    id: 51,
    proto: 'file_t *getf(int)',
    doc: 'open file of a descriptor; faults where the source does not know the kernel',
    example: 'trace(getf(0))',
  },
  json: {
    id: 52,
    proto: 'string json(const char *, const char *)',
    doc: 'element of a JSON text by selector, or NULL',
    example: 'trace(json("{\\"a\\":1}", "a"))',
  },
  strtoll: {
    id: 53,
    proto: 'int64_t strtoll(const char * [, int])',
    doc: 'text to integer, base 2 to 36',
    example: 'trace(strtoll("42"))',
  },
  link_ntop: {
    id: 60,
    proto: 'string link_ntop(int, void *)',
    doc: 'link-layer address as text',
    example: 'trace(link_ntop(1, alloca(6)))',
  },
  d_path: {
    id: 61,
    proto: 'string d_path(struct path *)',
    doc: 'path of a file; faults where the source does not know the kernel',
    example: 'trace(d_path((struct path *)arg0))',
  },
} as const satisfies Record<string, SubrDef>;

export type SubrName = keyof typeof SUBROUTINES;

/**
 * Added to a subroutine's id in the value of a NOVALUE fault, which otherwise is a variable's id: the subroutine needs
 * what the source does not give.
 */
export const SUBROUTINE_FAULT_BASE = 0x10000;

/** `mutex_owned( )` for the value of such a fault; undefined for a variable's id. */
export function faultingSubroutine(value: number): string | undefined {
  const found = Object.entries<SubrDef>(SUBROUTINES).find(
    ([, row]) => row.id + SUBROUTINE_FAULT_BASE === value,
  );
  return found && `${found[0]}( )`;
}
