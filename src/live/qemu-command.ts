/**
 * The command line of a QEMU that trapline is to start: what it says already, and what the channels add to it.
 *
 * In: the text of -c. Out: its words, facts about them, and the words with channels added. What the user gave stays as it
 * is and where it is: their -d items are joined with ours, their -gdb, -qmp and -S are kept beside ours (QEMU takes
 * several monitors, but one gdbstub).
 */

/**
 * Words of a command, quoted as in a shell: '…', "…" and \, which joins lines too; nothing else is special. Undefined: a
 * quote is not closed.
 */
export function splitCommand(text: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (char === '\\' && text[i + 1] === '\n') i++;
    else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (char === "'" || char === '"') {
      const end = closingQuote(text, i);
      if (end < 0) return undefined;
      const inside = text.slice(i + 1, end);
      word = (word ?? '') + (char === '"' ? inside.replace(/\\(?:\n|(["\\$`]))/g, '$1') : inside);
      i = end;
    } else if (char === '\\' && i + 1 < text.length) word = (word ?? '') + text[++i]!;
    else word = (word ?? '') + char;
  }
  if (word !== undefined) words.push(word);
  return words;
}

function closingQuote(text: string, open: number): number {
  const quote = text[open];
  for (let i = open + 1; i < text.length; i++) {
    if (quote === '"' && text[i] === '\\') i++;
    else if (text[i] === quote) return i;
  }
  return -1;
}

/** What a QEMU command says that matters here. */
export interface QemuFacts {
  readonly program: string;
  /** `x86_64`, `i386`, `aarch64`, … */
  readonly target: string;
  readonly kernel: string | undefined;
  readonly append: string;
  readonly cpus: number;
  /** The accelerator asked for first, `kvm` or `tcg` …; undefined: QEMU's own choice, which is TCG. */
  readonly accelerator: string | undefined;
  /** Multi-threaded TCG was asked for or refused by the user. */
  readonly thread: string | undefined;
  readonly gdb: string | undefined; // its address, as given
  readonly startsStopped: boolean; // -S
  readonly logItems: readonly string[]; // of -d
  readonly logFile: string | undefined; // of -D
  readonly dfilter: string | undefined;
  readonly daemonizes: boolean;
  readonly icount: boolean;
  /** The guest's console or a monitor is on QEMU's standard input. */
  readonly readsStdin: boolean;
  /** The guest may end QEMU with a status of its own choice, which is never 0: -device isa-debug-exit. */
  readonly choosesStatus: boolean;
}

/** One switch of a QEMU command. */
interface QemuSwitch {
  readonly name: string; // without its dashes: one or two
  readonly value: string; // the word behind it, which may be the next switch
  readonly at: number;
}

/** Switches whose value may begin with a dash or be spelled like a switch. */
const FREE_VALUES: ReadonlySet<string> = new Set(['append', 'kernel', 'initrd', 'name', 'd', 'D', 'dfilter']);

export function switchesOf(words: readonly string[]): QemuSwitch[] {
  const found: QemuSwitch[] = [];
  for (let at = 1; at < words.length; at++) {
    const name = /^--?(.+)$/s.exec(words[at]!)?.[1];
    if (name === undefined) continue;
    found.push({ name, value: words[at + 1] ?? '', at });
    if (FREE_VALUES.has(name)) at++;
  }
  return found;
}

export function qemuFacts(words: readonly string[]): QemuFacts {
  const switches = switchesOf(words);
  const value = (...names: string[]): string | undefined =>
    switches.findLast(({ name }) => names.includes(name))?.value;
  const has = (name: string): boolean => switches.some((other) => other.name === name);
  const accel = value('accel');
  return {
    program: words[0] ?? '',
    target: /qemu-system-([a-z0-9_]+)$/.exec(words[0] ?? '')?.[1] ?? '',
    kernel: value('kernel'),
    append: value('append') ?? '',
    cpus: cpusOf(value('smp') ?? '1'),
    accelerator: has('enable-kvm') ? 'kvm' : acceleratorOf(switches),
    thread: /(?:^|,)thread=(\w+)/.exec(accel ?? '')?.[1],
    gdb: has('s') ? 'tcp::1234' : value('gdb'),
    startsStopped: has('S'),
    logItems: itemsOf(value('d')),
    logFile: value('D'),
    dfilter: value('dfilter'),
    daemonizes: has('daemonize'),
    icount: value('icount') !== undefined,
    readsStdin: has('nographic') || has('curses') || switches.some(readsStdin),
    choosesStatus: switches.some(
      ({ name, value: text }) => name === 'device' && /^isa-debug-exit\b/.test(text),
    ),
  };
}

/** `4`, `cpus=4,cores=2`, `sockets=2,cores=2,threads=1` and `maxcpus=4` are four CPUs. */
function cpusOf(smp: string): number {
  const given = /(?:^|,)(?:cpus=)?(\d+)/.exec(smp) ?? /(?:^|,)maxcpus=(\d+)/.exec(smp);
  if (given) return Number(given[1]);
  const factors = [...smp.matchAll(/(?:sockets|dies|clusters|cores|threads)=(\d+)/g)];
  return factors.reduce((product, match) => product * Number(match[1]), 1);
}

/** QEMU tries the accelerators in the order given: `-accel A -accel B`, or `accel=A:B` of the machine. */
function acceleratorOf(switches: readonly QemuSwitch[]): string | undefined {
  for (const { name, value } of switches) {
    if (name === 'accel') return value.split(',')[0]?.replace(/^accel=/, '');
    const ofMachine = isMachine(name) ? MACHINE_ACCELERATOR.exec(value)?.[1] : undefined;
    if (ofMachine !== undefined) return ofMachine;
  }
  return undefined;
}

const isMachine = (name: string): boolean => name === 'machine' || name === 'M';
const MACHINE_ACCELERATOR = /(?:^|,)accel=([^,:]+)[^,]*/;

const itemsOf = (list = ''): string[] => list.split(',').filter((item) => item !== '');

/** `-serial mon:stdio`, `-monitor stdio`, `-chardev stdio,id=…`, `-display curses` … */
function readsStdin({ name, value }: QemuSwitch): boolean {
  if (FREE_VALUES.has(name)) return false;
  return /^(mon:)?stdio(,|$)/.test(value) || (name === 'display' && value.startsWith('curses'));
}

export interface Channels {
  readonly logItems: readonly string[];
  readonly logPath: string | undefined;
  readonly dfilter: string | undefined;
  readonly singleThread: boolean;
  readonly gdbSocket: string | undefined; // undefined: none, or the user's
  readonly qmpSocket: string | undefined;
  readonly stopped: boolean; // the guest waits until it is told to run
  readonly more: readonly string[]; // of other channels: -plugin, -icount
}

/** The user's words with the channels' in place of theirs where QEMU takes only one. */
export function withChannels(words: readonly string[], facts: QemuFacts, channels: Channels): string[] {
  let kept = [...words];
  const added: string[] = [];
  if (channels.logItems.length > 0) {
    kept = without(kept, 'd');
    added.push('-d', [...new Set([...facts.logItems, ...channels.logItems])].join(','));
  }
  if (channels.logPath !== undefined) added.push('-D', channels.logPath);
  if (channels.dfilter !== undefined) added.push('-dfilter', channels.dfilter);
  if (channels.singleThread && facts.thread === undefined) kept = singleThreaded(kept);
  if (channels.gdbSocket !== undefined) added.push('-gdb', `unix:${channels.gdbSocket},server=on,wait=off`);
  if (channels.qmpSocket !== undefined) added.push('-qmp', `unix:${channels.qmpSocket},server=on,wait=off`);
  if (channels.stopped && !facts.startsStopped) added.push('-S');
  return [...kept, ...added, ...channels.more];
}

/** The words without a switch and its values, however often it was given. */
function without(words: readonly string[], dropped: string): string[] {
  const gone = switchesOf(words).filter(({ name }) => name === dropped);
  return words.filter((_, i) => !gone.some(({ at }) => i === at || i === at + 1));
}

/** The user's `-accel tcg` is extended; the machine's `accel=tcg`, which QEMU allows no -accel beside, becomes one. */
function singleThreaded(words: readonly string[]): string[] {
  const switches = switchesOf(words);
  const accel = switches.find(({ name }) => name === 'accel');
  if (accel) return words.with(accel.at + 1, `${accel.value},thread=single`);
  const changed = [...words];
  for (const { name, value, at } of switches)
    if (isMachine(name)) changed[at + 1] = value.replace(MACHINE_ACCELERATOR, '').replace(/^,/, '');
  const bare = switches.find(({ name, at }) => isMachine(name) && changed[at + 1] === '');
  if (bare) changed.splice(bare.at, 2);
  return [...changed, '-accel', 'tcg,thread=single'];
}
