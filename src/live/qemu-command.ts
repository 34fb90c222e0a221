/**
 * The command line of a QEMU that trapline is to start: what it says already, and what the channels add to it.
 *
 * In: the text of -c. Out: its words, facts about them, and the words with channels added. What the user gave stays as it
 * is and where it is: their -d items are joined with ours, their -gdb, -qmp and -S are kept beside ours (QEMU takes
 * several monitors, but one gdbstub).
 */

/** Words of a command, quoted as in a shell: '…', "…" and \; nothing else is special. Undefined: a quote is not closed. */
export function splitCommand(text: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (char === "'" || char === '"') {
      const end = closingQuote(text, i);
      if (end < 0) return undefined;
      const inside = text.slice(i + 1, end);
      word = (word ?? '') + (char === '"' ? inside.replace(/\\(["\\$`])/g, '$1') : inside);
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

/** What a QEMU command says that matters here. Options may be written with one dash or two. */
export interface QemuFacts {
  readonly program: string;
  /** `x86_64`, `i386`, `aarch64`, … */
  readonly target: string;
  readonly kernel: string | undefined;
  readonly append: string;
  readonly cpus: number;
  /** The accelerator asked for, `kvm` or `tcg` …; undefined: QEMU's own choice, which is TCG. */
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
}

export function qemuFacts(words: readonly string[]): QemuFacts {
  const value = (...names: string[]): string | undefined => {
    const at = words.findLastIndex(
      (word) => names.includes(word.replace(/^--?/, '')) && word.startsWith('-'),
    );
    return at < 0 ? undefined : (words[at + 1] ?? '');
  };
  const has = (name: string): boolean => words.some((word) => word === `-${name}` || word === `--${name}`);
  const accel = value('accel');
  const machine = value('machine', 'M') ?? '';
  const smp = value('smp') ?? '1';
  return {
    program: words[0] ?? '',
    target: /qemu-system-([a-z0-9_]+)$/.exec(words[0] ?? '')?.[1] ?? '',
    kernel: value('kernel'),
    append: value('append') ?? '',
    cpus: Number(/(?:^|cpus=)(\d+)/.exec(smp)?.[1] ?? cpusOf(smp)),
    accelerator: has('enable-kvm') ? 'kvm' : (accel?.split(',')[0] ?? /accel=(\w+)/.exec(machine)?.[1]),
    thread: /thread=(\w+)/.exec(accel ?? '')?.[1],
    gdb: has('s') ? 'tcp::1234' : value('gdb'),
    startsStopped: has('S'),
    logItems: (value('d') ?? '').split(',').filter((item) => item !== ''),
    logFile: value('D'),
    dfilter: value('dfilter'),
    daemonizes: has('daemonize'),
    icount: value('icount') !== undefined,
  };
}

/** `sockets=2,cores=2,threads=1` → 4 */
function cpusOf(smp: string): number {
  const factors = [...smp.matchAll(/(?:sockets|dies|clusters|cores|threads)=(\d+)/g)];
  return factors.reduce((product, match) => product * Number(match[1]), 1);
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
  const kept = [...words];
  const added: string[] = [];
  const items = [...new Set([...facts.logItems, ...channels.logItems])];
  if (channels.logItems.length > 0) {
    drop(kept, 'd', 1);
    added.push('-d', items.join(','));
  }
  if (channels.logPath !== undefined) added.push('-D', channels.logPath);
  if (channels.dfilter !== undefined) added.push('-dfilter', channels.dfilter);
  if (channels.singleThread && facts.thread === undefined) addSingleThread(kept, added);
  if (channels.gdbSocket !== undefined) added.push('-gdb', `unix:${channels.gdbSocket},server=on,wait=off`);
  if (channels.qmpSocket !== undefined) added.push('-qmp', `unix:${channels.qmpSocket},server=on,wait=off`);
  if (channels.stopped && !facts.startsStopped) added.push('-S');
  return [...kept, ...added, ...channels.more];
}

function drop(words: string[], name: string, values: number): void {
  for (let at = words.length - 1; at > 0; at--) {
    if (words[at] === `-${name}` || words[at] === `--${name}`) words.splice(at, 1 + values);
  }
}

/** `-accel tcg` of the user's is extended; without one, ours is added. */
function addSingleThread(words: string[], added: string[]): void {
  const at = words.findLastIndex((word) => word === '-accel' || word === '--accel');
  if (at < 0) added.push('-accel', 'tcg,thread=single');
  else if (words[at + 1]?.startsWith('tcg')) words[at + 1] += ',thread=single';
}
