/**
 * `trapline record`: one execution of a guest, kept so that it can be replayed under any script (recording.ts).
 *
 * In: the words of a QEMU command and a folder. Out: the recording, or why there is none. The guest's console is where the
 * user has it. Its interrupt log is read as it comes and forgotten but for the order of its records, which is what gives
 * a replay its times (execution-log.ts). A recording is whole only when QEMU ends in order: by itself, by `quit`, or by
 * Ctrl-C, which asks it to.
 */
import fs from 'node:fs';
import path from 'node:path';
import { systemReason } from '../base/system-reason.ts';
import { LoggedDeliveries, readDeliveries } from './execution-log.ts';
import { endText, LiveGuest } from './guest.ts';
import { qemuFacts, switchesOf, withChannels } from './qemu-command.ts';
import {
  EXECUTION,
  hashedFiles,
  isRecording,
  qemuVersion,
  type Recording,
  writeRecording,
} from './recording.ts';

export interface RecordRequest {
  readonly folder: string; // where the recording goes
  readonly words: readonly string[];
  readonly workFolder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly nowMs: number; // wall clock
}

export type Refusal = readonly [reason: string, hint: string];

/** 8 ns an instruction: the guest sees a machine of 125 million instructions a second, which TCG keeps up with. */
const DEFAULT_SHIFT = 3;

/** What of a command cannot be recorded, and what helps; undefined when nothing. */
export function whyNotRecordable(words: readonly string[]): Refusal | undefined {
  const facts = qemuFacts(words);
  if (facts.target === '')
    return ['that is no QEMU', 'name the command behind --: trapline record -o DIR -- qemu-system-x86_64 …'];
  if (facts.accelerator !== undefined && facts.accelerator !== 'tcg')
    return [
      `with the accelerator ${facts.accelerator} QEMU records no execution`,
      'leave it out, or say -accel tcg',
    ];
  if (facts.cpus > 1) return ['QEMU records no guest with several CPUs', 'leave -smp out, or say -smp 1'];
  if (facts.daemonizes) return ['-daemonize leaves nobody to record', 'leave it out'];
  for (const { name, value } of switchesOf(words)) {
    const refusal = refusedSwitch(`-${name}`, value, words);
    if (refusal) return refusal;
  }
  return undefined;
}

const DISK_HINT =
  'boot from -kernel and -initrd, or put the disk behind blkreplay: -drive file=FILE,if=none,snapshot=on,id=a -drive driver=blkreplay,if=none,image=a,id=b -device ide-hd,drive=b';

function refusedSwitch(name: string, value: string, words: readonly string[]): Refusal | undefined {
  if (/^-(hd[abcd]|cdrom|fd[ab]|sd|mtdblock|pflash|blockdev)$/.test(name))
    return [`${name} is a disk whose timing QEMU does not record`, DISK_HINT];
  if (name === '-drive' && !words.some((word) => word.includes('driver=blkreplay')))
    return ['-drive is a disk whose timing QEMU does not record', DISK_HINT];
  if (name === '-netdev' || name === '-tftp' || ((name === '-nic' || name === '-net') && value !== 'none'))
    return [
      `${name} brings packets from outside, which are not recorded`,
      'leave it out: the guest has no network',
    ];
  if (name === '-icount' && /(^|,)rr=/.test(value))
    return ['-icount rr= is what trapline adds', 'leave rr and rrfile out'];
  if (name === '-icount' && shiftOf(value) === undefined)
    return [
      `-icount ${value} has no fixed shift, which a recording needs`,
      'say for example -icount shift=3',
    ];
  if (name === '-D' || name === '-dfilter')
    return [`${name} takes the log away by which a recording gets its times`, 'leave it out'];
  if (/^-(loadvm|incoming|snapshot)$/.test(name))
    return [`${name} begins with a state that the recording does not hold`, 'leave it out'];
  return undefined;
}

function shiftOf(icount: string): number | undefined {
  const digits = /(?:^|,)shift=(\d+)(?:,|$)/.exec(icount)?.[1] ?? /^(\d+)(?:,|$)/.exec(icount)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** The user's words without -icount and its value, and with no network, which QEMU would add. */
function plainWords(words: readonly string[]): { readonly words: string[]; readonly shift: number } {
  const at = words.findLastIndex((word) => /^--?icount$/.test(word));
  const shift = at < 0 ? undefined : shiftOf(words[at + 1] ?? '');
  const kept = at < 0 ? [...words] : words.toSpliced(at, 2);
  if (!kept.some((word) => /^--?(net|nic)$/.test(word))) kept.push('-nic', 'none');
  return { words: kept, shift: shift ?? DEFAULT_SHIFT };
}

/** The switch that records or replays; QEMU takes two commas for one in a file's name. */
export function executionSwitch(mode: 'record' | 'replay', folder: string, shift: number): string[] {
  const file = path.resolve(folder, EXECUTION).replaceAll(',', ',,');
  return ['-icount', `shift=${shift},rr=${mode},rrfile=${file}`];
}

export interface Recorded {
  readonly recording: Omit<Recording, 'trapline'>;
  /** Whether its records have times. */
  readonly hasTimes: boolean;
}

export class Recorder {
  private readonly request: RecordRequest;
  private guest: LiveGuest | undefined;
  private interrupts = 0;

  constructor(request: RecordRequest) {
    this.request = request;
  }

  /** First call: QEMU ends in order, and the recording is whole. Second: it ends at once. */
  interrupt(): void {
    this.interrupts++;
    if (this.interrupts === 1) void this.guest?.close();
    else this.guest?.destroy();
  }

  abandon(): void {
    this.guest?.destroy();
  }

  async run(): Promise<Recorded | Refusal> {
    const { folder, workFolder, env, nowMs } = this.request;
    const { words, shift } = plainWords(this.request.words);
    const facts = qemuFacts(words);
    const qemu = qemuVersion(facts.program, workFolder, env);
    if (qemu === undefined)
      return [`${facts.program} does not run`, 'on Debian, apt-get install qemu-system-x86'];
    const files = hashedFiles(words, workFolder);
    if (typeof files === 'string') return [`${files} cannot be read`, ''];
    const refused = makeFolder(folder);
    if (refused) return refused;
    const date = new Date(nowMs).toISOString();
    const made = await this.make({ qemu, command: words, folder: workFolder, shift, files, date });
    if (!('recording' in made)) removeUnfinished(folder);
    return made;
  }

  private async make(what: Omit<Recording, 'trapline' | 'records'>): Promise<Recorded | Refusal> {
    const { folder } = this.request;
    const { command, shift } = what;
    const logged = new LoggedDeliveries();
    try {
      const failed = await this.execute(command, shift, logged);
      if (failed !== undefined) return [failed, ''];
      const deliveries = readDeliveries(path.join(folder, EXECUTION), shift);
      if (typeof deliveries === 'string') return [`the execution cannot be replayed: ${deliveries}`, ''];
      const times = logged.timesFrom(deliveries);
      const recording = { ...what, records: logged.numbered };
      writeRecording(folder, recording, times);
      return { recording, hasTimes: times !== undefined };
    } catch (error) {
      return [`failed to write ${folder}: ${systemReason(error)}`, ''];
    }
  }

  /** Undefined once QEMU has ended well. */
  private async execute(
    words: readonly string[],
    shift: number,
    logged: LoggedDeliveries,
  ): Promise<string | undefined> {
    const { folder, env, workFolder } = this.request;
    const facts = qemuFacts(words);
    const guest = LiveGuest.prepare({ env, usesStdin: facts.readsStdin, folder: workFolder });
    if (typeof guest === 'string') return guest;
    this.guest = guest;
    try {
      const all = withChannels(words, facts, {
        logItems: ['int', 'cpu_reset'],
        logPath: guest.logPath,
        dfilter: undefined,
        singleThread: false,
        gdbSocket: undefined,
        qmpSocket: guest.qmpPath,
        stopped: false,
        more: executionSwitch('record', folder, shift),
      });
      const failed = await guest.start(all, [guest.qmpPath]);
      if (failed !== undefined) return failed;
      if (this.interrupts > 0) void guest.close();
      await guest.readLog((path) => readLog(fs.openSync(path, 'r'), logged));
      const end = await guest.ended;
      return end.status === 0
        ? undefined
        : `the guest ended with ${endText(end)}, so its execution is not whole`;
    } finally {
      await guest.close();
    }
  }
}

/** Half a recording is none. */
function removeUnfinished(folder: string): void {
  fs.rmSync(path.join(folder, EXECUTION), { force: true });
  try {
    fs.rmdirSync(folder);
  } catch {
    // Somebody put something else there.
  }
}

async function readLog(fd: number, logged: LoggedDeliveries): Promise<void> {
  const stream = fs.createReadStream('', { fd, encoding: 'latin1', highWaterMark: 1 << 18 });
  for await (const text of stream) logged.take(String(text));
}

function makeFolder(folder: string): Refusal | undefined {
  try {
    if (isRecording(folder))
      return [`${folder} holds a recording already`, 'name another folder, or remove it'];
    fs.mkdirSync(folder, { recursive: true });
    if (fs.readdirSync(folder).some((name) => name !== EXECUTION))
      return [`${folder} is not empty`, 'name a new folder'];
    return undefined;
  } catch (error) {
    return [`failed to make ${folder}: ${systemReason(error)}`, ''];
  }
}
