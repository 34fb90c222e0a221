/**
 * The stub's target description: `target.xml` with everything that it includes → the registers in `g` order.
 *
 * In: the texts, fetched by name through a callback. Out: architecture and registers; QEMU sends no offsets, so these
 * follow from the sizes. The reader knows just the XML that the format needs: tags with attributes, comments to skip,
 * and the text of <architecture>. It never expands entities of a document's own.
 */

export interface RegisterSlot {
  readonly name: string;
  readonly number: number; // regnum, as `p` and `P` name it
  readonly sizeBytes: number;
  readonly offset: number; // in the bytes of a `g` reply
  readonly group: string; // "general" unless the description says otherwise
}

export interface TargetDescription {
  readonly architecture: string; // "i386:x86-64"; empty when not said
  readonly littleEndian: boolean;
  readonly registers: readonly RegisterSlot[];
}

/** QEMU includes two levels deep; a description that includes itself must end too. */
const MAX_INCLUDED_FILES = 64;
/** AVX-512 registers have 512 bits, SVE's 2048. */
const MAX_REGISTER_BITS = 1 << 16;

/** Architectures that QEMU's stub serves in big-endian byte order, by gdb's names. */
const BIG_ENDIAN = /^(powerpc|rs6000|s390|sparc|m68k|hppa|or1k|mips$)/;

/** Returns why the description cannot be used, as a clause, or the description. */
export async function readTargetDescription(
  fetch: (name: string) => Promise<string>,
): Promise<TargetDescription | { readonly error: string }> {
  const tags: XmlTag[] = [];
  let files = 0;
  const include = async (name: string): Promise<string | undefined> => {
    if (++files > MAX_INCLUDED_FILES) return `more than ${MAX_INCLUDED_FILES} files include each other`;
    for (const tag of xmlTags(await fetch(name))) {
      tags.push(tag);
      const href = tag.attributes['href'];
      const error = tag.name === 'xi:include' && href ? await include(href) : undefined;
      if (error) return error;
    }
    return undefined;
  };
  const error = await include('target.xml');
  if (error) return { error };
  const architecture = tags.find((tag) => tag.name === 'architecture')?.text.trim() ?? '';
  const registers = layOut(tags.filter((tag) => tag.name === 'reg'));
  if (typeof registers === 'string') return { error: registers };
  return { architecture, littleEndian: !BIG_ENDIAN.test(architecture), registers };
}

/** Numbers go on from the last one unless `regnum` says otherwise; `g` has the registers in order of number. */
function layOut(tags: readonly XmlTag[]): RegisterSlot[] | string {
  const slots: Omit<RegisterSlot, 'offset'>[] = [];
  let next = 0;
  for (const { attributes } of tags) {
    const { name, bitsize, regnum, group } = attributes;
    const bits = Number(bitsize);
    const number = regnum === undefined ? next : Number(regnum);
    if (name === undefined) return 'a register has no name';
    if (!(bits > 0 && bits <= MAX_REGISTER_BITS && bits % 8 === 0)) return `${name} has ${bitsize} bits`;
    if (!Number.isSafeInteger(number) || number < 0) return `${name} has number ${regnum}`;
    slots.push({ name, number, sizeBytes: bits / 8, group: group ?? 'general' });
    next = number + 1;
  }
  if (slots.length === 0) return 'it names no registers';
  slots.sort((a, b) => a.number - b.number);
  let offset = 0;
  return slots.map((slot) => {
    const placed = { ...slot, offset };
    offset += slot.sizeBytes;
    return placed;
  });
}

interface XmlTag {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | undefined>>;
  readonly text: string; // up to the next tag
}

/** Opening tags in order; comments, declarations and processing instructions are passed over. */
function xmlTags(xml: string): XmlTag[] {
  const markup = xml.replace(/<!--[\s\S]*?-->/g, '').replace(/<[!?][^>]*>/g, '');
  return [...markup.matchAll(/<([A-Za-z][\w:.-]*)((?:[^>"']|"[^"]*"|'[^']*')*)>([^<]*)/g)].map((match) => ({
    name: match[1]!,
    attributes: xmlAttributes(match[2]!),
    text: unescapeXml(match[3]!),
  }));
}

function xmlAttributes(text: string): Record<string, string> {
  const pairs = text.matchAll(/([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g);
  return Object.fromEntries([...pairs].map((pair) => [pair[1]!, unescapeXml(pair[2] ?? pair[3]!)]));
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
]);

function unescapeXml(text: string): string {
  return text.replace(/&(\w+);/g, (whole, name: string) => ENTITIES.get(name) ?? whole);
}
