/**
 * The payload of a clause's record, laid out field by field as the actions are generated.
 *
 * Fields follow one another in the order of the actions, each aligned: integers to their size, the rest to 8. The
 * `taken` bitmap comes last, in clauses with branches only, when the number of actions is known. Fields of branches
 * that exclude one another do not share space: a record has one layout whatever ran, and consumers stay simple.
 *
 *   0        4        8                              264      272
 *   +--------+--------+-------------------------------+--------+
 *   | int    | int    | string, strsize + 1, padded   | taken  |
 *   +--------+--------+-------------------------------+--------+
 */
import { alignmentOf, recordedBytes } from '../dif/action-facts.ts';
import type { RecordField, RecordLayout, ValueShape } from '../dif/program.ts';

const WORD_BYTES = 8;

export class RecordBuilder {
  private end = 0;
  private readonly strsize: number;

  constructor(strsize: number) {
    this.strsize = strsize;
  }

  field(shape: ValueShape): RecordField {
    const offset = roundUp(this.end, alignmentOf(shape));
    const sizeBytes = recordedBytes(shape, this.strsize);
    this.end = offset + sizeBytes;
    return { offset, shape, sizeBytes };
  }

  layout(actionCount: number, hasBranches: boolean): RecordLayout {
    if (!hasBranches) return { payloadBytes: roundUp(this.end, WORD_BYTES), taken: undefined };
    const taken = roundUp(this.end, WORD_BYTES);
    return { payloadBytes: roundUp(taken + Math.ceil(actionCount / 8), WORD_BYTES), taken };
  }
}

function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}
