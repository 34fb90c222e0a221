/** What the parsers of ftrace's lines share: who did it and where, and how a record is made of it. */
import { MAX_FIELDS } from '../../machine/points.ts';
import type { FieldValues, PointTable, TextRecord } from '../text-trace/points.ts';

/** Names of system calls, as the session knows them. */
export interface SyscallNames {
  readonly personality: string;
  readonly names: ReadonlyMap<number, string>;
}

/** What stands in front of an event. */
export interface Place {
  readonly cpu: number;
  readonly tid: number | undefined;
  readonly pid: number | undefined;
  readonly comm: string | undefined;
  readonly timeNs: number;
  readonly flags: number;
}

/** The point that a line fires besides its own, and what else it tells of the event. */
export interface Fired {
  readonly point: number;
  readonly values: FieldValues; // hexadecimal
  readonly errno?: number | undefined;
  readonly place?: { readonly pc?: string; readonly address?: string; readonly level?: number } | undefined;
}

/** A record of a point with named fields. */
export function recordOf(
  table: PointTable,
  place: Place,
  point: number,
  named: ReadonlyMap<string, string>,
  second: Fired | undefined,
): TextRecord {
  const values = valuesOf(table, point, named);
  // Member by member: a spread costs more than all the rest of the line.
  return {
    point,
    values,
    second,
    cpu: place.cpu,
    seq: Number.NaN,
    timeNs: place.timeNs,
    flags: place.flags,
    pc: second?.place?.pc,
    address: second?.place?.address,
    level: second?.place?.level,
    pid: place.pid,
    tid: place.tid,
    comm: place.comm,
    line: 0,
  };
}

/** Values of fields by their places, which the table gets when they are new. */
export function valuesOf(table: PointTable, point: number, named: ReadonlyMap<string, string>): FieldValues {
  const values: FieldValues = [];
  for (const [name, value] of named) {
    const index = table.fieldOf(point, name, value);
    if (index >= 0) values[index] = value;
  }
  return values;
}

/** Arguments that nothing is known of. */
export function unknown(): FieldValues {
  return new Array<undefined>(MAX_FIELDS).fill(undefined);
}

/** `4.714044`. Other clocks than those of time print a bare count, which is no time. */
export function nanoseconds(whole: string, fraction: string | undefined): number {
  return fraction === undefined
    ? Number.NaN
    : Number(whole) * 1e9 + Number(fraction.padEnd(9, '0').slice(0, 9));
}
