/** Which event columns a program uses; sources decode only these (event-batch.ts). */
export interface SourceNeeds {
  readonly cpl: boolean;
  readonly errcode: boolean;
  readonly pc: boolean;
  readonly sp: boolean;
  readonly faddr: boolean;
  readonly time: boolean;
  readonly line: boolean;
  readonly registers: boolean;
}
