/**
 * Cascades: exceptions whose delivery raises further ones, up to the #DF and the triple fault, and resets.
 *
 * In: the rows of CASCADE (rules.ts), in order. Out: chains of steps. QEMU gives the first exception and each #DF a record of
 * their own; an exception raised between them shows as a check_exception line only and has neither registers nor error code.
 * Steps belong to one cascade when no other event lies between them.
 */
import { bits, number, type Row } from './rows.ts';
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
    }
  | { readonly kind: 'nested'; readonly vector: number; readonly during: number; readonly line: number }
  | { readonly kind: 'triple'; readonly line: number }
  | { readonly kind: 'reset'; readonly line: number };

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
        steps.push({ kind: 'nested', vector, during, line });
        break;
      }
      case 'double':
        at(row).steps.push(exception(row, DOUBLE_FAULT, line));
        break;
      case 'triple':
        at(row).steps.push({ kind: 'triple', line });
        break;
      case 'reset': {
        const event = number(row, 'event');
        const last: Step['kind'] | undefined = open?.steps.at(-1)?.kind;
        if (open?.lastEvent === event && (last === 'triple' || last === 'reset')) {
          if (last === 'triple') open.steps.push({ kind: 'reset', line });
        } else if (resets.at(-1)?.event !== event) resets.push({ line, event });
        break;
      }
    }
  }
  close();
  return { cascades, resets };
}

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
  };
}
