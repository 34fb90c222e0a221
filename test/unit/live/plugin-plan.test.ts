/** When the plan takes the TCG plugin, and what is said when it cannot. */
import { expect, test } from 'vitest';
import { MAX_FILTERED, type PlanRequest, planChannels } from '../../../src/live/plan.ts';
import type { CodeSite } from '../../../src/machine/sites.ts';

const sites = (count: number): CodeSite[] =>
  Array.from({ length: count }, (_, i) => ({ address: BigInt(9 * (count - i)), probe: `fbt:k:f${i}:entry` }));
const free = { isWanted: false, reads: undefined, whyNot: () => undefined };
const asked = { ...free, isWanted: true };
const many = MAX_FILTERED + 1;

function plan(more: Partial<PlanRequest>) {
  const none = { needsMarker: () => false, markerIn: () => undefined };
  return planChannels({
    sites: [],
    interrupts: false,
    memory: false,
    attached: false,
    cpus: 1,
    ...none,
    ...more,
  });
}

/** The number of addresses that the plugin watches, or what is refused. */
function outcome(more: Partial<PlanRequest>): number | string {
  const made = plan(more);
  return 'tag' in made ? `${made.tag} ${made.message} ${made.hint ?? ''}` : made.plugin.length;
}

test('it is taken when asked for, and when a log would have too many places', () => {
  expect(outcome({ sites: sites(MAX_FILTERED), plugin: free })).toBe(0);
  expect(outcome({ sites: sites(many), plugin: free })).toBe(many);
  expect(outcome({ sites: sites(1), plugin: asked })).toBe(1);
});

test('its addresses ascend, each once, and there is no log', () => {
  const made = plan({ sites: [...sites(3), ...sites(3)], plugin: asked });
  if ('tag' in made) throw new Error(made.message);
  expect(made.plugin).toEqual([9n, 18n, 27n]);
  expect([made.logItems, made.filtered, made.markers, made.stops]).toEqual([[], [], [], []]);
});

const REFUSED: readonly (readonly [Partial<PlanRequest>, string])[] = [
  [{ sites: [] }, 'no fbt probe'],
  [{ plugin: { ...asked, reads: 'arguments' } }, 'reads arguments of a hit'],
  [{ interrupts: true }, 'no order among them'],
  [{ sites: [{ ...sites(1)[0]!, readsRegisters: true }] }, 'registers tell what fbt:k:f0:entry is about'],
  [{ plugin: { ...asked, whyNot: () => 'there is no compiler' } }, 'there is no compiler'],
];

test.each(REFUSED.map(([more, reason]) => [reason, more] as const))('%s', (reason, more) => {
  const refused = outcome({ sites: sites(2), plugin: asked, ...more });
  expect(refused).toMatch(/^U_PLUGIN /);
  expect(refused).toContain(reason);
});

test('without it, too many places are refused with the reason', () => {
  const refused = outcome({ sites: sites(many), interrupts: true, plugin: free });
  expect(refused).toMatch(/^U_LIVE_TOO_MANY .*a TCG plugin counts any number, but .* no order among them/);
});
