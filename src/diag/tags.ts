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

/** Each family is looked at when it is asked for: the texts of all are much, and a run without mistakes needs none. */
const FAMILIES = {
  syntax: () => SYNTAX_TAGS,
  check: () => CHECK_TAGS,
  codegen: () => CODEGEN_TAGS,
  usage: () => USAGE_TAGS,
  source: () => SOURCE_TAGS,
} as const;

type Families = { readonly [F in keyof typeof FAMILIES]: ReturnType<(typeof FAMILIES)[F]> };
export type Tag = { readonly [F in keyof Families]: keyof Families[F] }[keyof Families];

/** Of the command line and of sources, which are told of when there is no mistake in the program. */
const USAGE_PREFIX = 'U_';

export function tagDef(tag: Tag): TagDef {
  const { syntax, check, codegen, usage, source } = FAMILIES;
  const families = tag.startsWith(USAGE_PREFIX) ? [source, usage] : [check, syntax, codegen];
  for (const family of families) {
    const found: TagDef | undefined = (family() as Readonly<Record<string, TagDef>>)[tag];
    if (found !== undefined) return found;
  }
  throw new Error(`no text for ${tag}`);
}
