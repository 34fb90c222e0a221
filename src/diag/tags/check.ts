/** Tags of the type checker: names, types, clauses, actions. */
import type { TagDef } from '../tags.ts';

export const CHECK_TAGS = {
  D_PDESC_ZERO: { text: 'probe description {description} does not match any probes' },
  D_IDENT_UNDEF: { text: 'failed to resolve {name}: {reason}' },
} as const satisfies Record<string, TagDef>;
