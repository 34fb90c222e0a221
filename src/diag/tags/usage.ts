/** Tags of usage and environment errors: the command line, input files, options. Their texts are whole messages. */
import type { TagDef } from '../tags.ts';

export const USAGE_TAGS = {
  U_OPEN: { text: 'failed to open {path}: {reason}' },
} as const satisfies Record<string, TagDef>;
