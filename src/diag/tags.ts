/**
 * Every diagnostic tag, by family. `text` is the message after dtrace's prefix (d-language.md section 11),
 * with `{name}` placeholders; where one tag has several wordings the text is `{message}` and the site words it.
 * `hint` is one line of help in the user's words.
 */
import { CHECK_TAGS } from './tags/check.ts';
import { CODEGEN_TAGS } from './tags/codegen.ts';
import { SOURCE_TAGS } from './tags/source.ts';
import { SYNTAX_TAGS } from './tags/syntax.ts';
import { USAGE_TAGS } from './tags/usage.ts';

export interface TagDef {
  readonly text: string;
  readonly hint?: string;
}

export const TAGS = {
  ...SYNTAX_TAGS,
  ...CHECK_TAGS,
  ...CODEGEN_TAGS,
  ...USAGE_TAGS,
  ...SOURCE_TAGS,
} as const satisfies Record<string, TagDef>;

export type Tag = keyof typeof TAGS;
