/**
 * Which channels feed the enabled probes of a live guest: the cheapest set that is exact (design section 6a).
 *
 *   interrupts       `-d int,cpu_reset,guest_errors`: nothing to choose
 *   sites            code addresses (fbt, syscall). Up to MAX_FILTERED of them: `-d exec,cpu -dfilter A+1,…`, where the
 *                    guest never stops. A block is logged when it is looked up, which a direct jump or call within its own
 *                    4 KiB page avoids; where such a jump leads to a site, or the site is a return in the middle of a
 *                    block, a marker breakpoint on a never-executed address of the page makes QEMU run the page one
 *                    instruction a block, without stopping (qemu.md section 6)
 *   more sites       a TCG plugin, built on this machine, where a hit's place, CPU and time are enough
 *   guest memory     a clause that reads memory at a site must find it as it was then: a breakpoint that stops the guest
 *
 * Pure: what is known of the code comes in as functions.
 */
import { type Diagnostic, diagnostic } from '../diag/diagnostics.ts';
import type { CodeSite } from '../machine/sites.ts';

/** More ranges slow every block lookup down: 14 are free, 300 cost 5–8×, 2,470 cost 45× (qemu.md section 5). */
export const MAX_FILTERED = 20;
/** QEMU accepted ten breakpoints at once; hundreds cost nothing until they are hit. */
export const MAX_STOPS = 1000;
const PAGE_BYTES = 4096n;

export interface PlanRequest {
  readonly sites: readonly CodeSite[];
  /** Interrupts, exceptions, resets or guest errors are asked for. */
  readonly interrupts: boolean;
  /** A clause reads the guest's memory: of these sites, or (without) of all. */
  readonly memory: boolean;
  readonly stopsAt?: (site: CodeSite) => boolean;
  /** The guest is attached to, not started: there is no log. */
  readonly attached: boolean;
  readonly cpus: number;
  /** `single` or `multi`: what the command says of its threads already. */
  readonly thread?: string | undefined;
  /** Whether the site is seen only with a marker in its page. */
  readonly needsMarker: (site: CodeSite) => boolean;
  /** An address of the page that no instruction begins at; undefined when none is known. */
  readonly markerIn: (page: bigint) => bigint | undefined;
  readonly plugin?: PluginOffer;
}

/** The TCG plugin, which counts any number of sites, and knows of a hit but where it was, on which CPU, and when. */
export interface PluginOffer {
  readonly isWanted: boolean; // --plugin
  /** What else of its hits the program reads: `arguments`. Undefined: nothing. */
  readonly reads: string | undefined;
  /** Makes it. Undefined when it is there, else why it cannot be. */
  readonly whyNot: () => string | undefined;
}

export interface Plan {
  readonly logItems: readonly string[];
  readonly filtered: readonly bigint[]; // addresses of -dfilter
  readonly markers: readonly bigint[];
  readonly stops: readonly bigint[]; // breakpoints that stop the guest
  readonly plugin: readonly bigint[]; // addresses that the TCG plugin watches, ascending
  /** Memory is read through the stub. */
  readonly readsMemory: boolean;
  readonly singleThread: boolean;
  /** For -v, one line each. */
  readonly lines: readonly string[];
}

export function planChannels(request: PlanRequest): Plan | Diagnostic {
  const { interrupts, memory, attached, cpus } = request;
  if (attached) return planAttached(request);
  if (request.plugin?.isWanted) return planPlugin(request, request.plugin);
  const stops = memory ? addressesOf(request.sites.filter(request.stopsAt ?? (() => true))) : [];
  if (stops.length > MAX_STOPS) return tooManyStops(request.sites, stops.length);
  const sites = request.sites.filter(({ address }) => !stops.includes(address));
  const addresses = addressesOf(sites);
  if (addresses.length > MAX_FILTERED) {
    const reason = request.plugin === undefined ? '' : whyNoPlugin(request, request.plugin);
    if (reason === undefined) return pluginPlan(addresses);
    return tooMany(sites, addresses.length, reason);
  }
  const pages = new Map<bigint, bigint>();
  for (const site of sites) {
    const page = site.address & ~(PAGE_BYTES - 1n);
    if (pages.has(page) || !request.needsMarker(site)) continue;
    const marker = request.markerIn(page);
    if (marker !== undefined) pages.set(page, marker);
    else if (!stops.includes(site.address)) stops.push(site.address); // the log would not show it
  }
  if (stops.length > MAX_STOPS) return tooManyStops(request.sites, stops.length);
  const filtered = addresses.filter((address) => !stops.includes(address));
  // Resets are always logged: that the log has begun shows that QEMU runs.
  const logItems = ['cpu_reset', ...(interrupts ? ['int', 'guest_errors'] : [])];
  if (filtered.length > 0) logItems.push('exec', 'cpu');
  return {
    logItems,
    filtered,
    markers: [...pages.values()],
    stops,
    plugin: [],
    readsMemory: memory,
    singleThread: cpus > 1,
    lines: [
      `log through a FIFO: -d ${logItems.join(',')}`,
      ...(filtered.length > 0
        ? [
            `${counted(filtered.length, 'address', 'addresses')} logged with registers; the guest does not stop`,
          ]
        : []),
      ...(pages.size > 0
        ? [`${counted(pages.size, 'page', 'pages')} run one instruction a block, by a marker breakpoint`]
        : []),
      ...(stops.length > 0 ? [stopLine(stops.length)] : []),
      ...threadLines(request),
    ],
  };
}

/** As --plugin asks. */
function planPlugin(request: PlanRequest, offer: PluginOffer): Plan | Diagnostic {
  const addresses = addressesOf(request.sites);
  const reason = addresses.length === 0 ? 'the program has no fbt probe' : whyNoPlugin(request, offer);
  return reason === undefined ? pluginPlan(addresses) : diagnostic('U_PLUGIN', undefined, { reason });
}

function whyNoPlugin({ sites, interrupts, memory }: PlanRequest, offer: PluginOffer): string | undefined {
  if (memory) return 'the program reads the memory of the guest, which a plugin does not';
  if (offer.reads !== undefined)
    return `the program reads ${offer.reads} of a hit, which a plugin does not know`;
  const told = sites.find(({ readsRegisters }) => readsRegisters);
  if (told) return `registers tell what ${told.probe} is about, and a plugin does not know them`;
  // Two pipes have no order between them.
  if (interrupts) return "events of the interrupt log and a plugin's hits come with no order among them";
  return offer.whyNot();
}

function pluginPlan(addresses: readonly bigint[]): Plan {
  return {
    logItems: [],
    filtered: [],
    markers: [],
    stops: [],
    plugin: addresses.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)),
    readsMemory: false,
    singleThread: false,
    lines: [
      `a TCG plugin counts at ${counted(addresses.length, 'address', 'addresses')}; no registers, and whether interrupts are enabled is not known`,
    ],
  };
}

function planAttached({ sites, interrupts }: PlanRequest): Plan | Diagnostic {
  const stops = addressesOf(sites);
  if (interrupts) return diagnostic('U_LIVE_NO_LOG', undefined, {});
  if (stops.length > MAX_STOPS) return tooManyStops(sites, stops.length);
  return {
    logItems: [],
    filtered: [],
    markers: [],
    stops,
    plugin: [],
    readsMemory: true,
    singleThread: false,
    lines: [stopLine(stops.length)],
  };
}

function addressesOf(sites: readonly CodeSite[]): bigint[] {
  return [...new Set(sites.map(({ address }) => address))];
}

function stopLine(count: number): string {
  const what = count === 1 ? '1 breakpoint that stops' : `${count} breakpoints that stop`;
  return `${what} the guest at each hit (on QEMU before 10.2 some 50 to 80 hits a second on a large guest)`;
}

/** CPUs that share a log tear each other's records unless they take turns. */
function threadLines({ cpus, thread }: PlanRequest): string[] {
  if (cpus === 1 || thread === 'single') return [];
  return thread === 'multi'
    ? ['a thread for each CPU, as asked: records that they tear are put together, or counted as lost']
    : ['one thread for all CPUs, so that their records do not tear each other (-accel tcg,thread=single)'];
}

function tooMany(sites: readonly CodeSite[], count: number, noPlugin = ''): Diagnostic {
  const values = { count, first: sites[0]?.probe ?? '', most: MAX_FILTERED };
  const hint = noPlugin === '' ? '' : `; a TCG plugin counts any number, but ${noPlugin}`;
  return diagnostic('U_LIVE_TOO_MANY', undefined, values, { hint: `name fewer functions${hint}` });
}

function tooManyStops(sites: readonly CodeSite[], count: number): Diagnostic {
  const values = { count, first: sites[0]?.probe ?? '', most: MAX_STOPS };
  return diagnostic('U_LIVE_TOO_MANY_STOPS', undefined, values);
}

function counted(count: number, one: string, several: string): string {
  return `${count} ${count === 1 ? one : several}`;
}
