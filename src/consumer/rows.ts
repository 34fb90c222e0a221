/**
 * Rows: what stands around the data of a record (d-language.md 10.3).
 *
 *   default   CPU     ID                    FUNCTION:NAME      once, before the first record
 *               0      1                           :BEGIN …    one row per record
 *   quiet     nothing
 *   -F        CPU FUNCTION                                     rows indented by entry and return probes of their CPU
 *
 * When several clauses record one entry firing, only the first indents; of one return firing only the last un-indents.
 * Whether a return record is the last shows with the next record, so its prefix is put in front of it afterwards.
 */
import type { EcbInfo, ProbeName } from '../dif/consumer-contract.ts';
import type { Settings } from './settings.ts';
import { TextBuffer } from './text-buffer.ts';

const NEWLINE = 0x0a;
const NAME_WIDTH = 32;
const FLOW_WIDTH = 41;
const FLOW_STEP = 2;

interface Flow {
  indent: number;
  last: { ecb: EcbInfo; timestampNs: bigint } | undefined;
}

interface PendingReturn {
  readonly mark: number; // where its prefix belongs
  readonly ecb: EcbInfo;
  readonly cpu: number;
  readonly timestampNs: bigint;
}

export class Rows {
  private readonly out: TextBuffer;
  private readonly settings: Settings;
  private readonly prefix = new TextBuffer();
  /** Of plain rows, as often the same: by probe, then by CPU. */
  private readonly prefixes = new Map<ProbeName, (Uint8Array | undefined)[]>();
  private readonly flows = new Map<number, Flow>();
  private hasHeading = false;
  private isQuiet = false; // when the record began: its own setopt() does not tear its row
  private pending: PendingReturn | undefined;

  constructor(out: TextBuffer, settings: Settings) {
    this.out = out;
    this.settings = settings;
  }

  /** Only indented rows go by the time of their firing. */
  get needsTime(): boolean {
    return this.settings.flowindent || this.pending !== undefined;
  }

  begin(ecb: EcbInfo, cpu: number, timestampNs: bigint): void {
    if (this.pending !== undefined) this.settle(isSameFiring(this.pending, ecb, cpu, timestampNs));
    this.isQuiet = this.settings.quiet;
    if (this.settings.flowindent) this.beginFlow(ecb, cpu, timestampNs);
    else if (!this.isQuiet) this.beginPlain(ecb.probe, cpu);
  }

  end(): void {
    if (!this.isQuiet) this.out.byte(NEWLINE);
  }

  /** Bytes of the buffer that are final: all but a return record whose prefix is still open. */
  get finalLength(): number {
    return this.pending?.mark ?? this.out.length;
  }

  /** No more records of the last firing will come: write the prefix that is still open. */
  settle(isContinued = false): void {
    const { pending } = this;
    if (pending === undefined) return;
    this.pending = undefined;
    const flow = this.flowOf(pending.cpu);
    if (!isContinued) flow.indent = Math.max(0, flow.indent - FLOW_STEP);
    this.prefix.length = 0;
    writeFlowPrefix(
      this.prefix,
      pending.ecb.probe,
      pending.cpu,
      flow.indent,
      isContinued ? 'none' : 'return',
    );
    this.out.insert(pending.mark, this.prefix.since(0));
  }

  private beginPlain(probe: ProbeName, cpu: number): void {
    this.writeHeading('CPU     ID                    FUNCTION:NAME\n');
    let ofCpu = this.prefixes.get(probe);
    if (ofCpu === undefined) {
      ofCpu = [];
      this.prefixes.set(probe, ofCpu);
    }
    const known = ofCpu[cpu];
    if (known !== undefined) {
      this.out.raw(known);
      return;
    }
    const mark = this.out.length;
    writePlainPrefix(this.out, probe, cpu);
    ofCpu[cpu] = this.out.since(mark).slice();
  }

  private beginFlow(ecb: EcbInfo, cpu: number, timestampNs: bigint): void {
    const { out } = this;
    const flow = this.flowOf(cpu);
    const { last } = flow;
    flow.last = { ecb, timestampNs };
    this.writeHeading(`CPU ${'FUNCTION'.padEnd(FLOW_WIDTH)}\n`);
    const kind = flowKind(ecb.probe);
    if (kind === 'return') {
      this.pending = { mark: out.length, ecb, cpu, timestampNs };
      return;
    }
    const isRepeated = last !== undefined && isSameFiring({ ...last, cpu }, ecb, cpu, timestampNs);
    const isEntry = kind === 'entry' && !isRepeated;
    writeFlowPrefix(out, ecb.probe, cpu, flow.indent, isEntry ? 'entry' : 'none');
    if (isEntry) flow.indent += FLOW_STEP;
  }

  private writeHeading(text: string): void {
    if (!this.hasHeading) this.out.text(text);
    this.hasHeading = true;
  }

  private flowOf(cpu: number): Flow {
    let flow = this.flows.get(cpu);
    if (flow === undefined) {
      flow = { indent: 0, last: undefined };
      this.flows.set(cpu, flow);
    }
    return flow;
  }
}

type FlowKind = 'entry' | 'return' | 'none';

/** Another clause's record of the same firing. DIFFERS: dtrace looks at the probe only, not at the time. */
function isSameFiring(
  earlier: { readonly ecb: EcbInfo; readonly cpu: number; readonly timestampNs: bigint },
  ecb: EcbInfo,
  cpu: number,
  timestampNs: bigint,
): boolean {
  return (
    earlier.cpu === cpu &&
    earlier.ecb.probe.id === ecb.probe.id &&
    earlier.ecb.epid !== ecb.epid &&
    earlier.timestampNs === timestampNs
  );
}

function flowKind({ name }: ProbeName): FlowKind {
  if (name === 'entry' || name.endsWith('-entry')) return 'entry';
  return name === 'return' || name.endsWith('-return') ? 'return' : 'none';
}

/** `  0      1                           :BEGIN ` */
function writePlainPrefix(out: TextBuffer, probe: ProbeName, cpu: number): void {
  out.decimalIn(3, cpu);
  out.byte(0x20);
  out.decimalIn(6, probe.id);
  out.byte(0x20);
  const mark = out.length;
  writeProbeName(out, probe);
  out.padLeft(mark, NAME_WIDTH);
  out.byte(0x20);
}

/** `  0  -> open`: the CPU, then a left-justified column of indent, arrow and name. */
function writeFlowPrefix(
  out: TextBuffer,
  probe: ProbeName,
  cpu: number,
  indent: number,
  kind: FlowKind,
): void {
  out.decimalIn(3, cpu);
  out.byte(0x20);
  const mark = out.length;
  out.blanks(indent);
  const shaft = probe.provider === 'syscall' ? '=' : '-';
  if (kind === 'none') {
    out.text('| ');
    writeProbeName(out, probe);
  } else {
    out.text(kind === 'entry' ? ` ${shaft}> ` : ` <${shaft} `);
    out.text(probe.function);
  }
  out.padRight(mark, FLOW_WIDTH);
  out.byte(0x20);
}

function writeProbeName(out: TextBuffer, probe: ProbeName): void {
  out.text(probe.function);
  out.byte(0x3a);
  out.text(probe.name);
}
