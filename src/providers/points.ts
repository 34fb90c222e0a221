/**
 * Probes of trace points that a trace shows by name (machine/points.ts): `sdt`, `ftrace`, `qemu`, and, where their lines tell
 * them, `fbt`, `syscall` and `vec`.
 *
 * In: the points that the source knows before the program is compiled. Their probes exist at once; args[0] points to a
 * struct of the point's fields by name, which lies over the arguments. Of a trace that cannot be looked through beforehand
 * (a pipe) a description that spells all of `provider:::name` out makes its probe, and the first line of that name fills it.
 */
import type { ProbePattern } from '../dif/program.ts';
import { FIRING, type Firing } from '../engine/firing.ts';
import type { ProbeProvider, ProbeTable } from '../engine/probes.ts';
import {
  EVENT_FLAGS,
  EVENT_KINDS,
  type EventBatch,
  FIRST_POINT_CLASS,
  KIND_COUNT,
} from '../machine/event-batch.ts';
import type { Point, PointField, PointRows } from '../machine/points.ts';
import type { SafeMode } from './safe-mode.ts';

const TYPES = { int: 'int64_t', hex: 'uint64_t', word: 'string' } as const;
/** Names that D has for other things, so that no member can have them. */
const RESERVED = new Set(
  (
    'auto break case char const continue counter default do double else enum extern float for goto if import inline int ' +
    'long offsetof probe provider register restrict return self short signed sizeof static string stringof struct switch ' +
    'this translator typedef union unsigned void volatile while xlate'
  ).split(' '),
);
const GLOB = /[*?[\\]/;
/** Providers whose points are not all known when the trace is a stream. */
const OPEN_PROVIDERS: ReadonlySet<string> = new Set(['sdt', 'ftrace', 'qemu']);

export class PointProvider implements ProbeProvider {
  readonly name = 'points';
  /** D text that declares the structs of args[0]. */
  readonly library: string;
  /** Whether a trace may show points that are not known yet. */
  private readonly isOpen: boolean;
  private readonly points: readonly Point[]; // those known beforehand
  private readonly ids = new Map<string, number>(); // of the probes, by full name
  private readonly spelled: { readonly pattern: ProbePattern; readonly id: number }[] = [];

  constructor(points: readonly Point[], isOpen: boolean, probes: ProbeTable) {
    this.isOpen = isOpen;
    this.points = [...points];
    const structs = new Structs();
    for (const point of points) {
      const { provider, module, function: func, name } = point;
      const types = point.argumentTypes ?? structs.typesOf(point);
      const isAlias = (text: string) =>
        provider === 'vec' && name !== 'return' && text === String(Number(name));
      const probe = probes.create(provider, module, func, name, { argumentTypes: types, isAlias });
      this.ids.set(keyOf(point), probe.id);
    }
    this.library = structs.text;
  }

  provide(pattern: ProbePattern, probes: ProbeTable): void {
    const { provider, module, function: func, name } = pattern;
    if (!this.isOpen || !OPEN_PROVIDERS.has(provider) || name === '') return;
    if (GLOB.test(`${module}${func}${name}`)) return;
    const isKnown =
      this.spelled.some((row) => row.pattern.text === pattern.text) ||
      this.points.some((point) => isNamedBy(point, pattern));
    if (isKnown) return;
    this.spelled.push({ pattern, id: probes.create(provider, module, func, name).id });
  }

  /** The probe of a point, 0 when it has none. */
  idOf(point: Point): number {
    const known = this.ids.get(keyOf(point));
    if (known !== undefined) return known;
    return this.spelled.find(({ pattern }) => isNamedBy(point, pattern))?.id ?? 0;
  }
}

/** Of a pattern without wildcards. */
function isNamedBy(point: Point, pattern: ProbePattern): boolean {
  return (
    pattern.provider === point.provider &&
    pattern.name === point.name &&
    (pattern.module === '' || pattern.module === point.module) &&
    (pattern.function === '' || pattern.function === point.function)
  );
}

function keyOf({ provider, module, function: func, name }: Point): string {
  return `${provider}:${module}:${func}:${name}`;
}

/** Structs of fields; points with the same fields share one. */
class Structs {
  text = '';
  private readonly names = new Map<string, string>(); // by their members
  private readonly taken = new Set<string>();

  typesOf({ provider, name, fields }: Point): readonly string[] {
    if (fields.length === 0) return [];
    const members = fields.map((field) => `${TYPES[field.type]} ${memberName(field)}; `).join('');
    let struct = this.names.get(`${provider} ${members}`);
    if (struct === undefined) {
      struct = this.newName(`${provider}_${name}`.replace(/\W/g, '_'));
      this.names.set(`${provider} ${members}`, struct);
      this.text += `typedef struct ${struct} { ${members}} ${struct}_t;\n`;
    }
    return [`${struct}_t *`];
  }

  private newName(stem: string): string {
    let name = `${stem}_fields`;
    for (let i = 2; this.taken.has(name); i++) name = `${stem}_${i}_fields`;
    this.taken.add(name);
    return name;
  }
}

/** A field's name as D takes it. */
function memberName({ name }: PointField): string {
  const word = name.replace(/\W/g, '_').replace(/^(?=\d)/, '_');
  return RESERVED.has(word) || word.endsWith('_t') ? `${word}_` : word;
}

/** The enabled ones as the dispatcher sees them. Nothing is allocated per event. */
export class EnabledPoints {
  private readonly rows: PointRows;
  private readonly provider: PointProvider;
  private readonly isEnabled: (probeId: number) => boolean;
  private readonly safe: SafeMode;
  private readonly batch: EventBatch;
  private readonly idByPoint: number[] = []; // 0: not enabled

  constructor(
    rows: PointRows,
    provider: PointProvider,
    batch: EventBatch,
    safe: SafeMode,
    isEnabled: (probeId: number) => boolean,
  ) {
    this.rows = rows;
    this.provider = provider;
    this.batch = batch;
    this.safe = safe;
    this.isEnabled = isEnabled;
  }

  /** The probe that the row fires first or second; 0 when there is none, it is not enabled, or safe mode withholds it. */
  probeAt(row: number, which: 0 | 1, cpu: number, flags: number): number {
    const { rows, safe } = this;
    const number = rows.pointAt(row, which);
    if (number < 0) return 0;
    const id = this.idByPoint[number] ?? this.lookUp(number);
    if (id === 0 || safe.unsafe || !rows.points[number]!.isJudged) return id;
    if ((flags & (EVENT_FLAGS.IF | EVENT_FLAGS.IF_KNOWN)) !== EVENT_FLAGS.IF_KNOWN) return id;
    safe.withhold(id, cpu);
    return 0;
  }

  private lookUp(number: number): number {
    const id = this.provider.idOf(this.rows.points[number]!);
    const enabled = id !== 0 && this.isEnabled(id) ? id : 0;
    this.idByPoint[number] = enabled;
    return enabled;
  }

  /**
   * The probe that rows of each kind from FIRST_POINT_CLASS on fire: none of the first. Pairs of points have none of these kinds that
   * fire two probes, that safe mode withholds, or that have an errno.
   */
  giveKinds(firing: Firing): readonly number[] {
    const { rows } = this;
    const probes = [0];
    rows.follow(firing);
    if (rows.classes === undefined) return probes;
    const kinds = rows.classes.pairs.map(({ first, second }) => {
      const ids = [first, second].map((number) => (number < 0 ? 0 : this.aloneAt(number)));
      const [id = 0] = ids.filter((each) => each !== 0);
      if (ids.includes(-1) || ids.every((each) => each !== 0)) return EVENT_KINDS.point;
      if (!probes.includes(id) && probes.length < KIND_COUNT - FIRST_POINT_CLASS) probes.push(id);
      const index = probes.indexOf(id);
      return index < 0 ? EVENT_KINDS.point : FIRST_POINT_CLASS + index;
    });
    rows.classes.setKinds(kinds);
    return probes;
  }

  /** -1: whoever fires the point's probe must look at the row. */
  private aloneAt(number: number): number {
    const id = this.idByPoint[number] ?? this.lookUp(number);
    const { provider, name, isJudged } = this.rows.points[number]!;
    if (id === 0) return 0;
    const hasErrno = provider === 'syscall' && name === 'return';
    return hasErrno || (isJudged && !this.safe.unsafe) ? -1 : id;
  }

  /** Rows before `end` have fired by themselves: the last of those that have a probe is the one whose process runs. */
  firedTo(end: number, start: number): void {
    const { batch, rows } = this;
    for (let row = end - 1; row >= start; row--) {
      if (batch.memory.u8[batch.at.kind + row]! <= FIRST_POINT_CLASS) continue;
      rows.select(row);
      return;
    }
  }

  describe(row: number, which: 0 | 1, firing: Firing, needsArgs: boolean): void {
    this.rows.select(row);
    this.batch.memory.i32[(firing.at + FIRING.errno) >> 2] = this.rows.errnoOf(row, which);
    if (needsArgs) this.rows.setArgs(row, which, firing.at + FIRING.args, firing.at + FIRING.missing);
  }

  /** After the firing: no other has an errno or misses arguments. */
  forget(firing: Firing): void {
    const { i32 } = this.batch.memory;
    i32[(firing.at + FIRING.missing) >> 2] = 0;
    i32[(firing.at + FIRING.errno) >> 2] = 0;
  }
}
