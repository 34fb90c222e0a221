/** Drops: data lost for lack of room, counted. `{n}` count, `{s}` plural s, `{cpu}` the CPU (d-language.md 9.9). */
export interface DropDef {
  readonly tag: string;
  readonly text: string;
  readonly perCpu: boolean;
}

export const DROPS = {
  PRINCIPAL: { tag: 'DTRACEDROP_PRINCIPAL', text: '{n} drop{s} on CPU {cpu}', perCpu: true },
  AGGREGATION: { tag: 'DTRACEDROP_AGGREGATION', text: '{n} aggregation drop{s} on CPU {cpu}', perCpu: true },
  DYNAMIC: { tag: 'DTRACEDROP_DYNAMIC', text: '{n} dynamic variable drop{s}', perCpu: false },
  SPEC: { tag: 'DTRACEDROP_SPEC', text: '{n} speculative drop{s}', perCpu: false },
  SPECBUSY: {
    tag: 'DTRACEDROP_SPECBUSY',
    text: '{n} failed speculation{s} (available buffer(s) still busy)',
    perCpu: false,
  },
  SPECUNAVAIL: {
    tag: 'DTRACEDROP_SPECUNAVAIL',
    text: '{n} failed speculation{s} (no speculative buffer available)',
    perCpu: false,
  },
  DBLERROR: { tag: 'DTRACEDROP_DBLERROR', text: '{n} error{s} in ERROR probe enabling', perCpu: false },
} as const satisfies Record<string, DropDef>;

export type DropKind = keyof typeof DROPS;
