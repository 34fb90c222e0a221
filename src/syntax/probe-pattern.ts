/**
 * A probe description as text → its four fields (d-language.md section 2.6). Fields are filled from the right; the
 * rightmost one written is the probe's name, or with -P, -m and -f its provider, module or function.
 */

export interface ProbePattern {
  readonly provider: string;
  readonly module: string;
  readonly function: string;
  readonly name: string;
  readonly id: number | undefined;
  /** The canonical four-field text, as messages show it. */
  readonly text: string;
}

/** What the rightmost field of a description is. */
const FIELDS_UP_TO = { provider: 1, module: 2, function: 3, name: 4 } as const;
export type PatternLevel = keyof typeof FIELDS_UP_TO;

/**
 * Longest field contents, per field, in characters: one less than the fields of dtrace's probe descriptions, which
 * end with a NUL.
 */
const MAX_FIELD_LENGTHS = [63, 63, 191, 63] as const;

/** Most groups of `*` in one field; matching more takes too many ways to split a name. */
const MAX_STARS = 8;

/** Any other kind of program text (a script, a library, -i) writes whole descriptions, as -n does. */
export function parseProbePattern(text: string, kind: string): ProbePattern | { readonly error: string } {
  const level = Object.hasOwn(FIELDS_UP_TO, kind) ? (kind as PatternLevel) : 'name';
  const allowed = FIELDS_UP_TO[level];
  const written = text.split(':');
  if (written.length > allowed) return { error: 'Overspecified probe description' };
  const leading = new Array<string>(allowed - written.length).fill('');
  const trailing = new Array<string>(4 - allowed).fill('');
  const fields = [...leading, ...written, ...trailing];
  const tooLong = fields.findIndex((field, index) => field.length > (MAX_FIELD_LENGTHS[index] ?? 0));
  if (tooLong !== -1) {
    return {
      error: `${Object.keys(FIELDS_UP_TO)[tooLong]} is longer than ${MAX_FIELD_LENGTHS[tooLong]} characters`,
    };
  }
  if (fields.some((field) => starGroups(field) > MAX_STARS)) {
    return { error: 'Probe description has too many globbing characters' };
  }
  const [provider = '', module = '', func = '', name = ''] = fields;
  return { provider, module, function: func, name, id: undefined, text: fields.join(':') };
}

function starGroups(field: string): number {
  if (!field.includes('*')) return 0;
  return field.replace(/\\.|\[[^\]]*\]/g, 'x').match(/\*+/g)?.length ?? 0;
}

/** The pattern of a numeric probe specifier, which names one probe by its id. */
export function probeIdPattern(id: number): ProbePattern {
  return { provider: '', module: '', function: '', name: '', id, text: String(id) };
}
