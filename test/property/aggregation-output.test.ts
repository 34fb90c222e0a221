/**
 * Random data through all nine aggregating functions, sorted and printed by the built command line, against a model that
 * follows the definitions of the reference with BigInts and knows nothing of how the product does it.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { trapline } from '../support/cli.ts';

interface Datum {
  readonly key: number | string;
  readonly value: bigint;
  readonly weight: bigint;
}

interface Linear {
  readonly base: number;
  readonly step: number;
  readonly levels: number;
}

interface LogLinear {
  readonly factor: bigint;
  readonly low: bigint;
  readonly high: bigint;
  readonly steps: bigint;
}

interface Plan {
  readonly data: readonly Datum[];
  readonly linear: Linear;
  readonly logLinear: LogLinear;
  readonly options: readonly string[];
}

/** A bucket as printed, what it weighs in sorting, and whether it takes a value. */
interface Row {
  readonly label: string;
  readonly weight: bigint;
  readonly takes: (value: bigint) => boolean;
}

const value = fc.oneof(fc.bigInt(-20n, 20n), fc.bigInt(-3000n, 3000n), fc.bigInt(-(1n << 40n), 1n << 40n));
const data = (key: fc.Arbitrary<number | string>) =>
  fc.array(fc.record({ key, value, weight: fc.bigInt(-3n, 5n) }), { minLength: 1, maxLength: 40 });
const plan: fc.Arbitrary<Plan> = fc.record({
  data: fc.oneof(data(fc.integer({ min: -3, max: 3 })), data(fc.constantFrom('b', 'a', 'ab', 'zz', ''))),
  linear: fc.record({
    base: fc.integer({ min: -50, max: 50 }),
    step: fc.integer({ min: 1, max: 9 }),
    levels: fc.integer({ min: 1, max: 12 }),
  }),
  logLinear: fc.constantFrom(
    { factor: 10n, low: 0n, high: 3n, steps: 10n },
    { factor: 10n, low: 1n, high: 4n, steps: 20n },
    { factor: 2n, low: 0n, high: 6n, steps: 4n },
    { factor: 10n, low: 2n, high: 3n, steps: 100n },
  ),
  options: fc.uniqueArray(fc.constantFrom('aggsortrev', 'aggzoom'), { maxLength: 2 }),
});

const SCALARS = ['count', 'sum', 'min', 'max', 'avg', 'stddev'] as const;

test('all functions print what the reference says', async () => {
  await fc.assert(
    fc.asyncProperty(plan, async (chosen) => {
      const options = chosen.options.flatMap((name) => ['-x', name]);
      const result = await trapline(['-q', ...options, '-n', program(chosen)]);
      expect(result.stderr).toBe('');
      expect(result.stdout).toBe(`\n${expected(chosen)}`);
    }),
    { numRuns: 30, seed: 20240611 },
  );
});

/** Each datum goes to every function, in clauses of a few data each. */
function program({ data, linear, logLinear }: Plan): string {
  const { base, step, levels } = linear;
  const { factor, low, high, steps } = logLinear;
  const lines = data.map(({ key, value, weight }) => {
    const k = typeof key === 'string' ? `"${key}"` : key;
    const linearArguments = `${base}, ${base + step * levels}, ${step}`;
    const logArguments = `${factor}, ${low}, ${high}, ${steps}`;
    return [
      `@f0[${k}] = count();`,
      ...SCALARS.slice(1).map((name, i) => `@f${i + 1}[${k}] = ${name}(${value});`),
      `@f6[${k}] = quantize(${value}, ${weight});`,
      `@f7[${k}] = lquantize(${value}, ${linearArguments}, ${weight});`,
      `@f8[${k}] = llquantize(${value}, ${logArguments}, ${weight});`,
    ].join(' ');
  });
  return `${lines.map((line) => `BEGIN { ${line} }`).join('\n')}\nBEGIN { exit(0); }`;
}

function expected({ data, linear, logLinear, options }: Plan): string {
  const groups = new Map<number | string, Datum[]>();
  for (const datum of data) groups.set(datum.key, [...(groups.get(datum.key) ?? []), datum]);
  const reversed = options.includes('aggsortrev');
  const zoom = options.includes('aggzoom');
  const sections = [
    ...SCALARS.map((name) => scalarSection(groups, name, reversed)),
    ...[quantizeRows(), linearRows(linear), logLinearRows(logLinear)].map((rows, i) =>
      histogramSection(groups, rows, i, reversed, zoom),
    ),
  ];
  return (reversed ? sections.reverse() : sections).join('');
}

type Groups = ReadonlyMap<number | string, readonly Datum[]>;

function scalarSection(groups: Groups, name: (typeof SCALARS)[number], reversed: boolean): string {
  const entries = [...groups].map(([key, members]) => {
    const number = scalar(name, members);
    return { key, order: [number], text: `${keyText(key)} ${String(number).padStart(16)}\n` };
  });
  return sorted(entries, reversed);
}

function scalar(name: (typeof SCALARS)[number], members: readonly Datum[]): bigint {
  const values = members.map((member) => member.value);
  const count = BigInt(values.length);
  const sum = values.reduce((a, b) => a + b, 0n);
  switch (name) {
    case 'count':
      return count;
    case 'sum':
      return sum;
    case 'min':
      return ascending(values)[0]!;
    case 'max':
      return ascending(values).at(-1)!;
    case 'avg':
      return sum / count;
    case 'stddev': {
      const squares = values.reduce((a, b) => a + b * b, 0n);
      return root(squares / count - (sum / count) ** 2n);
    }
  }
}

function ascending(values: readonly bigint[]): readonly bigint[] {
  return [...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/** The largest r with r * r <= n, by bisection. */
function root(n: bigint): bigint {
  let [low, high] = [0n, 1n << 64n];
  while (low < high) {
    const middle = (low + high + 1n) / 2n;
    if (middle * middle <= n) low = middle;
    else high = middle - 1n;
  }
  return low;
}

function keyText(key: number | string): string {
  return typeof key === 'string' ? `  ${key.padEnd(50)}` : ` ${String(key).padStart(8)}`;
}

interface Entry {
  readonly key: number | string;
  readonly order: readonly bigint[]; // compared before the key
  readonly text: string;
}

function sorted(entries: readonly Entry[], reversed: boolean): string {
  const compare = (a: Entry, b: Entry): number => {
    for (let i = 0; i < a.order.length; i++) {
      if (a.order[i] !== b.order[i]) return a.order[i]! < b.order[i]! ? -1 : 1;
    }
    return a.key < b.key ? -1 : 1;
  };
  const order = [...entries].sort(compare);
  return (reversed ? order.reverse() : order).map((entry) => entry.text).join('');
}

// ---------------------------------------------------------------------------------------------- histograms

function quantizeRows(): Row[] {
  const rows: Row[] = [];
  for (let power = 62n; power >= 0n; power--) {
    const low = 1n << power;
    rows.push({ label: `-${low}`, weight: -low, takes: (v) => -v >= low && -v < 2n * low });
  }
  rows.push({ label: '0', weight: 0n, takes: (v) => v === 0n });
  for (let power = 0n; power <= 62n; power++) {
    const low = 1n << power;
    rows.push({ label: `${low}`, weight: low, takes: (v) => v >= low && v < 2n * low });
  }
  return rows;
}

function linearRows({ base, step, levels }: Linear): Row[] {
  const [from, width] = [BigInt(base), BigInt(step)];
  const top = from + width * BigInt(levels);
  const between = Array.from({ length: levels }, (_, i) => from + width * BigInt(i));
  return [
    { label: `< ${from}`, weight: from - 1n, takes: (v) => v < from },
    ...between.map((low) => ({
      label: `${low}`,
      weight: low,
      takes: (v: bigint) => v >= low && v < low + width,
    })),
    { label: `>= ${top}`, weight: top + 1n, takes: (v) => v >= top },
  ];
}

function logLinearRows({ factor, low, high, steps }: LogLinear): Row[] {
  const ranges: { from: bigint; to: bigint }[] = [];
  for (let order = low; order <= high; order++) {
    const next = factor ** (order + 1n);
    const width = next / (next < steps ? next : steps);
    for (let from = factor ** order; from < next; from += width) ranges.push({ from, to: from + width });
  }
  const top = factor ** (high + 1n);
  const bottom = factor ** low;
  const abs = (v: bigint) => (v < 0n ? -v : v);
  return [
    { label: `<= -${top}`, weight: -top, takes: (v) => v <= -top },
    ...ranges
      .map(({ from, to }) => ({
        label: `-${from}`,
        weight: -from,
        takes: (v: bigint) => -v >= from && -v < to,
      }))
      .reverse(),
    { label: `abs() < ${bottom}`, weight: 0n, takes: (v) => abs(v) < bottom },
    ...ranges.map(({ from, to }) => ({
      label: `${from}`,
      weight: from,
      takes: (v: bigint) => v >= from && v < to,
    })),
    { label: `>= ${top}`, weight: top, takes: (v) => v >= top },
  ];
}

function histogramSection(
  groups: Groups,
  rows: readonly Row[],
  which: number,
  reversed: boolean,
  zoom: boolean,
): string {
  const entries = [...groups].map(([key, members]) => {
    const counts = rows.map((row) =>
      members.filter(({ value }) => row.takes(value)).reduce((sum, { weight }) => sum + weight, 0n),
    );
    const sum = counts.reduce((total, count, i) => total + count * rows[i]!.weight, 0n);
    const ties = counts[rows.findIndex((row) => row.weight === 0n)] ?? 0n;
    return { key, order: [sum, ties], text: `${keyText(key)}${histogram(rows, counts, which, zoom)}\n` };
  });
  return sorted(entries, reversed);
}

/** Rows shown when nothing counts, by function: quantize, lquantize, llquantize. */
const EMPTY: readonly ((rows: number) => [number, number])[] = [
  () => [62, 64],
  (rows) => [0, Math.min(2, rows - 1)],
  (rows) => [(rows - 1) / 2, (rows - 1) / 2 + 1],
];

function histogram(rows: readonly Row[], counts: readonly bigint[], which: number, zoom: boolean): string {
  const used = counts.flatMap((count, i) => (count === 0n ? [] : [i]));
  const [first, last] =
    used.length === 0
      ? EMPTY[which]!(rows.length)
      : [Math.max(used[0]! - 1, 0), Math.min(used.at(-1)! + 1, rows.length - 1)];
  const heading = `\n           value  ------------- Distribution ------------- count    \n`;
  const sizes = counts.map((count) => Math.abs(Number(count)));
  const total = zoom ? Math.max(...sizes) / 0.95 : sizes.reduce((a, b) => a + b, 0);
  const isMixed = counts.some((count) => count > 0n) && counts.some((count) => count < 0n);
  const isNegative = !isMixed && counts.some((count) => count < 0n);
  const width = isMixed ? 20 : 40;
  const lines = rows.slice(first, last + 1).map((row, i) => {
    const count = counts[first + i]!;
    const length = total === 0 ? 0 : Math.floor((Math.abs(Number(count)) * width) / total + 0.5);
    const bar = '@'.repeat(length);
    const left = count < 0n ? bar.padStart(width) : ''.padStart(width);
    const right = count > 0n ? bar.padEnd(width) : ''.padEnd(width);
    const drawn = isMixed ? `${left}|${right}` : isNegative ? `${left}|` : `|${right}`;
    return `${row.label.padStart(16)} ${drawn} ${String(count).padEnd(9)}\n`;
  });
  return heading + lines.join('');
}
