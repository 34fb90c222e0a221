/**
 * Cascades: exceptions whose delivery raises further ones, up to the #DF and the triple fault, and resets.
 *
 * In: the rows of CASCADE (rules.ts), in order. Out: chains of steps. QEMU gives the first exception and each #DF a record of
 * their own; an exception raised between them shows as a check_exception line only and has neither registers nor error code.
 * Steps belong to one cascade when no other event lies between them.
 */
import { bits, hex, number, type Row, traceOf } from './rows.ts';
import { DOUBLE_FAULT } from './vectors.ts';

export type Step =
  | {
      readonly kind: 'exception';
      readonly vector: number;
      readonly line: number;
      readonly event: number;
      readonly errorCode: bigint;
      readonly pc: bigint;
      readonly sp: bigint;
      readonly address: bigint;
      readonly trace?: string;
    }
  | {
      readonly kind: 'nested';
      readonly vector: number;
      readonly during: number;
      readonly line: number;
      readonly trace?: string;
    }
  | { readonly kind: 'triple'; readonly line: number; readonly trace?: string }
  | { readonly kind: 'reset'; readonly line: number; readonly trace?: string };

export interface Cascade {
  readonly cpu: number;
  readonly steps: readonly Step[];
  readonly firstEvent: number;
  readonly lastEvent: number;
  readonly isFatal: boolean; // ended in a triple fault
}

/** A reset that no triple fault caused. */
export interface Reset {
  readonly line: number;
  readonly event: number; // the last one before it
  /** Who ordered it, as far as the registers tell. */
  readonly cause: string;
  readonly trace?: string;
}

interface OpenCascade {
  cpu: number;
  steps: Step[];
  firstEvent: number;
  lastEvent: number;
}

export function findCascades(rows: readonly Row[]): { cascades: Cascade[]; resets: Reset[] } {
  const cascades: Cascade[] = [];
  const resets: Reset[] = [];
  let open: OpenCascade | undefined;
  const close = (): void => {
    if (open) cascades.push({ ...open, isFatal: open.steps.some(({ kind }) => kind === 'triple') });
    open = undefined;
  };
  /** The cascade that an event goes on with, or a new one. */
  const at = (row: Row): OpenCascade => {
    const event = number(row, 'event');
    if (open && (event - open.lastEvent > 1 || open.steps.at(-1)!.kind === 'reset')) close();
    open ??= { cpu: number(row, 'cpu'), steps: [], firstEvent: event, lastEvent: event };
    open.lastEvent = event;
    return open;
  };
  for (const row of rows) {
    const line = number(row, 'line');
    switch (row.word) {
      case 'nested': {
        const { steps } = at(row);
        const [vector, during] = [number(row, 'vector'), number(row, 'during')];
        if (during !== DOUBLE_FAULT) steps.push(exception(row, during, number(row, 'rootline')));
        steps.push({ kind: 'nested', vector, during, line, ...traceOf(row) });
        break;
      }
      case 'double':
        at(row).steps.push(exception(row, DOUBLE_FAULT, line));
        break;
      case 'triple':
        at(row).steps.push({ kind: 'triple', line, ...traceOf(row) });
        break;
      case 'reset': {
        const event = number(row, 'event');
        const last: Step['kind'] | undefined = open?.steps.at(-1)?.kind;
        if (open?.lastEvent === event && (last === 'triple' || last === 'reset')) {
          if (last === 'triple') open.steps.push({ kind: 'reset', line, ...traceOf(row) });
        } else if (resets.at(-1)?.event !== event)
          resets.push({ line, event, cause: causeOf(rows, line), ...traceOf(row) });
        break;
      }
    }
  }
  close();
  return { cascades, resets };
}

/**
 * The dump at a reset has the registers behind the instruction that ordered it: an OUT, whose port is in DX where it is above
 * 0xff, and whose value is in AL. 0xfe is what resets through the keyboard controller, whose port is in the instruction.
 */
function causeOf(rows: readonly Row[], line: number): string {
  const state = rows.find((row) => row.word === 'resetstate' && number(row, 'line') === line);
  if (!state) return UNKNOWN_CAUSE;
  const [al, dx] = [Number(bits(state, 'rax') & 0xffn), Number(bits(state, 'rdx') & 0xffffn)];
  const at = `at pc ${hex(bits(state, 'pc'))}`;
  if (dx === RESET_CONTROL && (al & 4) !== 0)
    return `the guest ordered it ${at} by writing ${hex(BigInt(al))} to the reset control register, port 0xcf9`;
  if (al === PULSE_RESET)
    return `the guest probably ordered it ${at} through the keyboard controller, port 0x64: AL is 0xfe`;
  return `${UNKNOWN_CAUSE}; the CPU was ${at}`;
}

const UNKNOWN_CAUSE =
  'it was ordered by the guest (port 0xcf9, keyboard controller, ACPI) or from outside (system_reset, a watchdog)';
const RESET_CONTROL = 0xcf9;
const PULSE_RESET = 0xfe;

function exception(row: Row, vector: number, line: number): Step {
  return {
    kind: 'exception',
    vector,
    line,
    event: number(row, 'event'),
    errorCode: bits(row, 'error'),
    pc: bits(row, 'pc'),
    sp: bits(row, 'sp'),
    address: bits(row, 'address'),
    ...traceOf(row),
  };
}
