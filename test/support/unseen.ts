/** L4 of sources/qemu-x86/layouts.ts for tests that damage logs: where a scan that steps over dumps does not look. */
const LF = 0x0a;
const CR = 0x0d;

const DUMP_LINE = /^(?:[RE](?:AX|SI|IP)=|R(?:8 |12)=|[CDEFGS]S =|LDT=|TR =|[GI]DT=|CR0=|DR[06]=|CCS=|EFER=)/;
/** What the scanner needs: groups are the places. */
const NEEDED: readonly RegExp[] = [
  /^[RE]SI=.*(?<=[RE]SP=)(\w+)$/d,
  /^[RE]IP=(\w+) [RE]FL=(\w{8}) \[.{7}\] CPL=(.)/d,
  /^TR =(\w{4} \w{8}(?:\w{8})?)/d,
];
/** L3: the end of a line that may be longer than others of its kind, and ` DPL=`. */
const LONGER: readonly RegExp[] = [/^.. =.*( DPL=)/d, /^(?:TR |LDT)=.*( DPL=).*(.{8})$/d, /^CCS=.*(.{8})$/d];
const LABEL_BYTES = 4;

/**
 * Whether `to` at `at` would be a newline inside a line of a dump, or a CR at its end, where nothing looks: only then may a scan
 * that walks every line find something else.
 */
export function isUnseen(bytes: Uint8Array, at: number, to: number): boolean {
  const start = bytes.lastIndexOf(LF, at - 1) + 1;
  const found = bytes.indexOf(LF, at);
  const end = found < 0 ? bytes.length : found;
  const line = Buffer.from(bytes.subarray(start, end)).toString('latin1');
  if (!(to === LF || (to === CR && at === end - 1)) || at === end || !DUMP_LINE.test(line)) return false;
  const column = at - start;
  if (column < LABEL_BYTES) return false;
  const looked = [...NEEDED, ...LONGER].flatMap((form) => form.exec(line)?.indices?.slice(1) ?? []);
  return !looked.some((place) => place !== undefined && column >= place[0] && column < place[1]);
}
