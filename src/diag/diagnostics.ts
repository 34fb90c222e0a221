/**
 * The `Diagnostic` value and the list that collects it. Rooms report; only `cli` turns diagnostics into text
 * (diag/render.ts). A tag fixes the wording (diag/tags.ts); `args` fill its `{placeholders}`.
 */
import type { Span } from './span.ts';
import { type Tag, tagDef } from './tags.ts';

export interface Diagnostic {
  readonly tag: Tag;
  readonly message: string;
  readonly hint: string | undefined;
  /** Absent for messages about no particular place (usage, environment, D_EMPTY). */
  readonly span: Span | undefined;
  readonly notes: readonly { readonly message: string; readonly span: Span | undefined }[];
}

export type DiagnosticArgs = Readonly<Record<string, string | number | bigint>>;

export interface ReportOptions {
  readonly hint?: string;
  readonly notes?: Diagnostic['notes'];
}

/** Build a diagnostic without collecting it; for usage and environment errors that are returned. */
export function diagnostic(
  tag: Tag,
  span: Span | undefined,
  args: DiagnosticArgs = {},
  options: ReportOptions = {},
): Diagnostic {
  const row = tagDef(tag);
  const hint = options.hint ?? row.hint;
  return {
    tag,
    message: fill(row.text, args),
    hint: hint === undefined ? undefined : fill(hint, args),
    span,
    notes: options.notes ?? [],
  };
}

export class Diagnostics {
  readonly list: Diagnostic[] = [];

  get failed(): boolean {
    return this.list.length > 0;
  }

  report(tag: Tag, span: Span | undefined, args: DiagnosticArgs = {}, options: ReportOptions = {}): void {
    this.list.push(diagnostic(tag, span, args, options));
  }
}

function fill(template: string, args: DiagnosticArgs): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = args[name];
    return value === undefined ? whole : String(value);
  });
}
