/**
 * Where a kernel really lies, told by the code that its events interrupted.
 *
 * KASLR moves the whole image of an x86-64 Linux by a multiple of 2 MiB. Two things give the move away: every
 * interrupted kernel pc lies in a function, and those of page faults and of the idle loop lie in a few functions whose
 * names are known. A slide is claimed only when it explains all that and no other does; anything less is no answer.
 */
import type { SymbolTable } from './symbol-table.ts';

/** Kernel-mode pcs of a trace's events, each as often as it was seen. */
export interface KernelPcs {
  readonly pageFaults: readonly bigint[];
  readonly interrupts: readonly bigint[];
}

const SLIDE_STEP = 0x20_0000n;
/** Linux has 1 GiB for the image and its slide; tables of a slid kernel may have to move down as well. */
const SLIDE_STEPS = 512n;
/** Fewer say nothing. */
const MIN_PCS = 16;
/** Pcs that no slide explains: modules, firmware, trampolines. */
const STRAYS_ALLOWED = 0.05;
/**
 * So many lie in telling functions when the slide is right. In boots of Debian's kernel it was between 9 % (cut off before
 * the first process) and 79 %; under wrong slides 0.2 % at most.
 */
const TELLING_SHARE = 0.03;
/** Below this, chance may have put them there. */
const MIN_TELLING = 8;
/** And so many times more than under any other slide. */
const LEAD = 5;

/**
 * Functions that access user memory, where kernel-mode faults are; that wait for interrupts; and that allow them again,
 * where those that waited come in.
 */
const TELLING = new RegExp(
  [
    '^(_?_?(copy|clear)_(from_|to_|mc_)?user|copy_mc|rep_(stos|movs)|__(get|put)_user|strn(cpy|len)_.*user|fault_in_',
    'int3_selftest|int3_magic|default_idle|native_safe_halt|pv_native_safe_halt|arch_cpu_idle|mwait_idle|intel_idle',
    'acpi_(idle|safe_halt)|_raw_(spin|read|write)_unlock_irq|finish_task_switch|__do_softirq|handle_softirqs)',
  ].join('|'),
);

/** The slide of a table, in bytes; 0 when it fits as it is; undefined when the pcs do not tell. */
export function guessSlide(pcs: KernelPcs, table: SymbolTable): bigint | undefined {
  const all = [...pcs.pageFaults, ...pcs.interrupts];
  if (all.length < MIN_PCS) return undefined;
  const counts = new Map<bigint, number>();
  for (const pc of all) counts.set(pc, (counts.get(pc) ?? 0) + 1);
  const score = (slide: bigint) => scoreOf(slide, counts, table);
  if (isConvincing(score(0n), all.length)) return 0n;
  const ranked = candidates()
    .map((slide) => ({ slide, ...score(slide) }))
    .filter(({ inFunctions }) => inFunctions >= all.length * (1 - STRAYS_ALLOWED))
    .sort((a, b) => b.telling - a.telling);
  const [best, second] = ranked;
  if (best === undefined || !isConvincing(best, all.length)) return undefined;
  return second === undefined || best.telling >= second.telling * LEAD ? best.slide : undefined;
}

interface Score {
  readonly inFunctions: number;
  readonly telling: number;
}

function isConvincing({ inFunctions, telling }: Score, total: number): boolean {
  return (
    inFunctions >= total * (1 - STRAYS_ALLOWED) && telling >= Math.max(MIN_TELLING, total * TELLING_SHARE)
  );
}

function candidates(): bigint[] {
  const slides: bigint[] = [];
  for (let step = 1n; step <= SLIDE_STEPS; step++) slides.push(step * SLIDE_STEP, -step * SLIDE_STEP);
  return slides;
}

function scoreOf(slide: bigint, counts: ReadonlyMap<bigint, number>, table: SymbolTable): Score {
  let [inFunctions, telling] = [0, 0];
  for (const [pc, count] of counts) {
    const address = pc - slide;
    if (address < 0n) continue;
    const row = table.find(Number(BigInt.asUintN(32, address >> 32n)), Number(BigInt.asUintN(32, address)));
    if (row < 0 || table.kind(row) !== 'function') continue;
    inFunctions += count;
    if (TELLING.test(table.name(row))) telling += count;
  }
  return { inFunctions, telling };
}
