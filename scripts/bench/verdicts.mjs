/**
 * From medians to words: whether a goal is met, the tables, and what got worse since an older run.
 *
 * A question's result is `{ name, title, log: { kind, bytes, records }, rounds, keys, rows, goals }` as it stands in the JSON;
 * `rows` are measure()'s (run.mjs), or those of the clause table: `{ name, ns: { column: number } }`. `peaks`: it is about memory.
 */

/** A figure has to grow by this much to be called worse: what repeated runs differ by on a quiet machine. */
const NOISE = 1.1;

const median = (row) => row.ms;
const memory = (row) => row.rssMiB;

/** Of each form of a goal: what it says, the value, and whether more is better. `find(name)` gives a job's row. */
const GOALS = [
  {
    is: (goal) => goal.faster !== undefined,
    says: ({ times, faster, than }) => `${faster}: ≥ ${times} × as fast as ${than}`,
    value: ({ faster, than }, find) => ratio(median, find(than), find(faster)),
    limit: (goal) => goal.times,
    more: true,
  },
  {
    is: (goal) => goal.slower !== undefined,
    says: ({ times, slower, than }) => `${slower}: ≤ ${times} × the time of ${than}`,
    value: ({ slower, than }, find) => ratio(median, find(slower), find(than)),
    limit: (goal) => goal.times,
  },
  {
    is: (goal) => goal.mib !== undefined,
    says: ({ mib, memory: whose, than }) => `${whose}: ≤ ${mib} MiB more than ${than}`,
    value: ({ memory: whose, than }, find) => {
      const [a, b] = [find(whose), find(than)];
      return a && b && a.rssMiB - b.rssMiB;
    },
    limit: (goal) => goal.mib,
  },
  {
    is: (goal) => goal.memory !== undefined,
    says: ({ times, memory: whose, than }) => `${whose}: ≤ ${times} × the memory of ${than}`,
    value: ({ memory: whose, than }, find) => ratio(memory, find(whose), find(than)),
    limit: (goal) => goal.times,
  },
  {
    is: (goal) => goal.ns !== undefined,
    says: ({ ns, column }) => `reference clause, ${column}: ≤ ${ns} ns`,
    value: ({ column }, _, rows) => rows[0]?.ns?.[column],
    limit: (goal) => goal.ns,
  },
];

function ratio(of, a, b) {
  return a && b && of(b) > 0 ? of(a) / of(b) : undefined;
}

/** `{ says, value, met, missedBy }`; without `value` where a job it compares did not run. */
export function judge(goal, rows) {
  const form = GOALS.find(({ is }) => is(goal));
  const value = form.value(goal, (name) => rows.find((row) => row.name === name), rows);
  const says = form.says(goal);
  if (value === undefined) return { says };
  const limit = form.limit(goal);
  const met = form.more ? value >= limit : value <= limit;
  const missedBy = met ? undefined : `${Math.round(Math.abs(1 - value / limit) * 100)} %`;
  return { says, value, met, ...(missedBy && { missedBy }) };
}

const three = (number) => (number >= 100 ? number.toFixed(0) : number.toPrecision(3));
const sizeText = (bytes) => {
  const [unit, name] = bytes >= 0.95e9 ? [1e9, 'GB'] : bytes >= 0.95e6 ? [1e6, 'MB'] : [1e3, 'kB']; // logs are a bit shorter
  return `${Number((bytes / unit).toPrecision(2))} ${name}`;
};
const countText = (count, what) => `${count} ${what}${count === 1 ? '' : 's'}`;
const logText = ({ kind, bytes, records }) =>
  `${kind} log of ${sizeText(bytes)}${records ? `, ${countText(records, 'event')}` : ''}`;

export function asText(result) {
  const about = [
    result.log && logText(result.log),
    result.rounds && countText(result.rounds, 'round'),
    result.keys && `${countText(result.keys, 'line')}, answers agree`,
  ].filter(Boolean);
  const lines = [`${result.name}: ${result.title}${about.length > 0 ? ` (${about.join('; ')})` : ''}`];
  lines.push(...(result.columns ? clauseLines(result) : jobLines(result.rows)));
  for (const goal of result.goals) lines.push(`  goal: ${goalText(goal)}`);
  for (const note of result.notes ?? []) lines.push(`  ${note}`);
  return `${lines.join('\n')}\n`;
}

function goalText({ says, value, met, missedBy }) {
  if (value === undefined) return `${says}: not known here`;
  return `${says}: ${three(value)}, ${met ? 'met' : `missed by ${missedBy}`}`;
}

/** Ratios of medians, and the least and the greatest of single rounds. */
function jobLines(rows) {
  const [own] = rows;
  const lines = [
    `  ${''.padEnd(24)}${['time', 'CPU', 'peak'].map((head) => head.padStart(12)).join('')}   × ${own.name}'s time`,
  ];
  for (const row of rows) {
    const peak = row.rssMiB > 0 ? `${row.rssMiB.toFixed(0)} MiB` : '';
    const cells = [`${row.ms.toFixed(0)} ms`, `${row.cpuMs.toFixed(0)} ms`, peak];
    const rounds = row.all.map((ms, round) => ms / own.all[round]);
    const spread =
      row === own || rounds.length === 1
        ? ''
        : ` (${three(Math.min(...rounds))} to ${three(Math.max(...rounds))})`;
    lines.push(
      `  ${row.name.padEnd(24)}${cells.map((cell) => cell.padStart(12)).join('')}   ${three(row.ms / own.ms)}${spread}`,
    );
  }
  return lines;
}

function clauseLines({ columns, rows }) {
  const line = (name, cells) => `  ${name.padEnd(52)}${cells.map((cell) => cell.padStart(13)).join('')}`;
  return [
    line('ns', columns),
    ...rows.map(({ name, ns }) =>
      line(
        name,
        columns.map((column) => ns[column].toFixed(1)),
      ),
    ),
  ];
}

/** For the README: one row per question; other jobs by how many times trapline's time they take. */
export function asMarkdown(results) {
  const lines = ['| what | log | trapline | takes as long | peak | goals |', '|---|---|---|---|---|---|'];
  for (const { title, log, rows, goals, columns, peaks } of results) {
    if (columns) continue;
    const [own, ...others] = rows;
    const times = others
      .map(({ name, ms, rssMiB }) => `${name} ${peaks ? `${rssMiB.toFixed(0)} MiB` : three(ms / own.ms)}`)
      .join(', ');
    const known = goals.filter((goal) => goal.value !== undefined);
    const missed = known.filter((goal) => !goal.met).map((goal) => `${goal.says}: ${three(goal.value)}`);
    const verdict = known.length === 0 ? '' : missed.length === 0 ? 'met' : `missed: ${missed.join('; ')}`;
    const peak = own.rssMiB > 0 ? `${own.rssMiB.toFixed(0)} MiB` : '';
    const cells = [
      ...[title, log ? `${log.kind}, ${sizeText(log.bytes)}` : '', `${own.ms.toFixed(0)} ms`],
      ...[times, peak, verdict],
    ];
    lines.push(`| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`);
  }
  return `${lines.join('\n')}\n`;
}

/**
 * What got worse, as sentences; `compared` counts what could be compared. Of questions with the same log: trapline's share of
 * its yardstick's time, since seconds of two runs say nothing, its peak of memory, and what clauses cost.
 */
export function compare(older, newer) {
  const worse = [];
  let compared = 0;
  const look = (what, before, now, unit) => {
    compared++;
    if (now > before * NOISE)
      worse.push(`${what}: ${three(before)} ${unit}, now ${three(now)} (${three(now / before)} ×)`);
  };
  for (const now of newer) {
    const before = older.find(({ name, log }) => name === now.name && log?.bytes === now.log?.bytes);
    if (!before) continue;
    const [old, own] = [before.rows, now.rows].map(ownFigures);
    for (const [name, { value, unit }] of own) {
      const was = old.get(name);
      if (was?.unit === unit) look(`${now.name}, ${name}`, was.value, value, unit);
    }
  }
  return { worse, compared };
}

/** By name: `{ value, unit }`. The yardstick is the first job that is not trapline. */
function ownFigures(rows) {
  const isOwn = ({ name }) => /^(trapline|one thread)/.test(name);
  const yardstick = rows.find((row) => !isOwn(row) && row.ms > 0);
  const figures = new Map();
  for (const { name, ms, rssMiB, ns } of rows) {
    for (const [column, value] of Object.entries(ns ?? {}))
      figures.set(`${name}, ${column}`, { value, unit: 'ns' });
    if (!isOwn({ name })) continue;
    if (yardstick) figures.set(name, { value: ms / yardstick.ms, unit: `× ${yardstick.name}'s time` });
    if (rssMiB > 0) figures.set(`peak of ${name}`, { value: rssMiB, unit: 'MiB' });
  }
  return figures;
}
