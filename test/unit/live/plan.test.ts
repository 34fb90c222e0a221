/** Which channels feed which probes, and what of it -v says. */
import { expect, test } from 'vitest';
import {
  MAX_FILTERED,
  MAX_STOPS,
  type Plan,
  type PlanRequest,
  planChannels,
} from '../../../src/live/plan.ts';
import type { CodeSite } from '../../../src/machine/sites.ts';

const PAGE = 0xffffffff81000000n;

/** Sites at these offsets from PAGE. */
const at = (...offsets: number[]): CodeSite[] =>
  offsets.map((offset) => ({ address: PAGE + BigInt(offset), probe: `fbt:vmlinux:f${offset}:entry` }));
const many = (count: number): CodeSite[] => at(...Array.from({ length: count }, (_, i) => 16 * i));

const NOTHING: PlanRequest = {
  sites: [],
  interrupts: false,
  memory: false,
  attached: false,
  cpus: 1,
  needsMarker: () => false,
  markerIn: (page) => page + 0xfffn,
};

const plan = (request: Partial<PlanRequest>): Partial<Plan> & { readonly tag?: string } =>
  planChannels({ ...NOTHING, ...request });
const isReturn = ({ address }: CodeSite): boolean => (address & 1n) === 1n;

const rows: readonly (readonly [string, Partial<PlanRequest>, Partial<Plan> | { readonly tag: string }])[] = [
  ['nothing: the log shows that QEMU runs', {}, { logItems: ['cpu_reset'], filtered: [], stops: [] }],
  ['interrupts', { interrupts: true }, { logItems: ['cpu_reset', 'int', 'guest_errors'] }],
  ['one CPU needs no thread mode', { interrupts: true, cpus: 1 }, { singleThread: false }],
  ['several CPUs share the log in turns', { interrupts: true, cpus: 2 }, { singleThread: true }],
  [
    'sites are filtered, each address once',
    { sites: at(0, 16, 0) },
    { logItems: ['cpu_reset', 'exec', 'cpu'], filtered: [PAGE, PAGE + 16n], markers: [], stops: [] },
  ],
  [
    'sites and interrupts in one log',
    { sites: at(0), interrupts: true },
    { logItems: ['cpu_reset', 'int', 'guest_errors', 'exec', 'cpu'] },
  ],
  [
    'a marker for each page that has a site that needs one',
    { sites: at(0, 1, 17, 0x1000, 0x2001), needsMarker: isReturn },
    {
      filtered: [0n, 1n, 17n, 0x1000n, 0x2001n].map((o) => PAGE + o),
      markers: [PAGE + 0xfffn, PAGE + 0x2fffn],
    },
  ],
  [
    'a page without a place for a marker: the guest stops there',
    { sites: at(0, 1), needsMarker: isReturn, markerIn: () => undefined },
    {
      logItems: ['cpu_reset', 'exec', 'cpu'],
      filtered: [PAGE],
      markers: [],
      stops: [PAGE + 1n],
      readsMemory: false,
    },
  ],
  ['the most that are filtered', { sites: many(MAX_FILTERED) }, { stops: [] }],
  ['one more', { sites: many(MAX_FILTERED + 1) }, { tag: 'U_LIVE_TOO_MANY' }],
  [
    'memory at a site stops the guest there',
    { sites: at(0, 16), memory: true },
    { logItems: ['cpu_reset'], filtered: [], markers: [], stops: [PAGE, PAGE + 16n] },
  ],
  [
    'memory at a site, and interrupts',
    { sites: at(0), memory: true, interrupts: true },
    { logItems: ['cpu_reset', 'int', 'guest_errors'], filtered: [], stops: [PAGE] },
  ],
  ['memory without a site stops nothing', { memory: true, interrupts: true }, { stops: [], filtered: [] }],
  ['the most that stop', { sites: many(MAX_STOPS), memory: true }, { filtered: [] }],
  ['one more stop', { sites: many(MAX_STOPS + 1), memory: true }, { tag: 'U_LIVE_TOO_MANY_STOPS' }],
  [
    'one more stop, in a page without a place for a marker',
    {
      sites: [...many(MAX_STOPS), ...at(-15)],
      memory: true,
      stopsAt: (site) => !isReturn(site),
      needsMarker: isReturn,
      markerIn: () => undefined,
    },
    { tag: 'U_LIVE_TOO_MANY_STOPS' },
  ],
  [
    'a guest that is attached to has no log',
    { sites: at(0), attached: true, cpus: 2 },
    { logItems: [], filtered: [], stops: [PAGE], singleThread: false },
  ],
  ['nor interrupts', { interrupts: true, attached: true }, { tag: 'U_LIVE_NO_LOG' }],
];

test.each(rows)('%s', (_name, request, expected) => {
  expect(plan(request)).toMatchObject(expected);
});

test.each<readonly [string, Partial<PlanRequest>, readonly RegExp[]]>([
  ['the log', { interrupts: true }, [/^log through a FIFO: -d cpu_reset,int,guest_errors$/]],
  [
    'sites and markers',
    { sites: at(1, 3), needsMarker: isReturn },
    [/^log/, /^2 addresses logged with registers; the guest does not stop$/, /^1 page run/],
  ],
  ['one address', { sites: at(0) }, [/^log/, /^1 address logged/]],
  ['CPUs in turns', { cpus: 2 }, [/^log/, /^one thread for all CPUs/]],
  ['CPUs in turns already', { cpus: 2, thread: 'single' }, [/^log/]],
  ['CPUs at once, as asked', { cpus: 2, thread: 'multi' }, [/^log/, /^a thread for each CPU, as asked/]],
  ['stops', { sites: at(0), memory: true }, [/^log/, /^1 breakpoint that stop.* 50 to 80 hits a second/]],
])('-v says: %s', (_name, request, expected) => {
  const { lines = [] } = plan(request);
  expect(lines).toHaveLength(expected.length);
  for (const [i, pattern] of expected.entries()) expect(lines[i]).toMatch(pattern);
});
