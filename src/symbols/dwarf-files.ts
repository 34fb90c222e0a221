/**
 * Names in a line unit's header: directories and files (DWARF 5, section 6.2.4.1; before, lists of strings).
 *
 * A name is told as its compilation saw it: relative to the directory that was compiled in, as `mm/memory.c`, and absolute when
 * it lies elsewhere.
 */
import type { LineUnit } from './dwarf-line.ts';
import type { DwarfReader } from './dwarf-reader.ts';

/** Sections that names may be in; empty when the file has none. */
export interface NameSections {
  readonly lineStrings: DwarfReader; // .debug_line_str
  readonly strings: DwarfReader; // .debug_str
}

interface Entry {
  readonly path: string;
  readonly directory: number;
}

/** The name of a unit's file by its number in the line program; undefined when there is none. */
export function fileName(
  section: DwarfReader,
  unit: LineUnit,
  names: NameSections,
  file: number,
): string | undefined {
  const reader = section.within(unit.tables, unit.program);
  if (unit.version >= 5) {
    const directories = readEntries(reader, unit, names);
    const found = readEntries(reader, unit, names)[file];
    if (found === undefined || found.path === '') return undefined;
    const [compiled] = directories;
    const directory = found.directory === 0 ? '' : (directories[found.directory]?.path ?? '');
    return joined(directory, found.path, compiled?.path ?? '');
  }
  const directories = ['']; // number 0 is the directory that was compiled in
  for (let text = reader.string(); text !== ''; text = reader.string()) directories.push(text);
  for (let number = 1; !reader.isSpent; number++) {
    const path = reader.string();
    if (path === '') return undefined;
    const directory = reader.uleb();
    reader.uleb(); // its time
    reader.uleb(); // its size
    if (number === file) return joined(directories[directory] ?? '', path, '');
  }
  return undefined;
}

function joined(directory: string, path: string, compiled: string): string {
  const whole = directory === '' || path.startsWith('/') ? path : `${directory}/${path}`;
  const inside =
    compiled !== '' && whole.startsWith(`${compiled}/`) ? whole.slice(compiled.length + 1) : whole;
  return inside.replace(/(^|\/)(?:\.\/)+/g, '$1');
}

const CONTENT_PATH = 1;
const CONTENT_DIRECTORY = 2;
/** More are no header of this world. */
const MAX_ENTRIES = 1 << 20;

function readEntries(reader: DwarfReader, unit: LineUnit, names: NameSections): Entry[] {
  const formats = Array.from({ length: reader.u8() }, () => [reader.uleb(), reader.uleb()] as const);
  const count = Math.min(reader.uleb(), MAX_ENTRIES);
  const entries: Entry[] = [];
  if (formats.length === 0) return entries;
  for (let i = 0; i < count && !reader.isSpent; i++) {
    let [path, directory] = ['', 0];
    for (const [content, form] of formats) {
      const value = readForm(reader, form, unit, names);
      if (content === CONTENT_PATH && typeof value === 'string') path = value;
      if (content === CONTENT_DIRECTORY && typeof value === 'number') directory = value;
    }
    entries.push({ path, directory });
  }
  return entries;
}

/** A value of a form that line headers may have (DWARF 5, table 7.27); undefined for what is passed over. */
function readForm(
  reader: DwarfReader,
  form: number,
  { offsetBytes }: LineUnit,
  { lineStrings, strings }: NameSections,
): string | number | undefined {
  const stringAt = (section: DwarfReader): string => {
    const at = reader.offset(offsetBytes);
    return at < section.end ? section.within(at, section.end).string() : '';
  };
  const passOver = (bytes: number): undefined => {
    reader.skip(bytes);
    return undefined;
  };
  switch (form) {
    case 0x08: // DW_FORM_string
      return reader.string();
    case 0x0e: // strp
      return stringAt(strings);
    case 0x1f: // line_strp
      return stringAt(lineStrings);
    case 0x0b: // data1
      return reader.u8();
    case 0x05: // data2
      return reader.u16();
    case 0x06: // data4
      return reader.u32();
    case 0x0f: // udata
      return reader.uleb();
    case 0x07: // data8
      return passOver(8);
    case 0x1e: // data16, which an MD5 is
      return passOver(16);
    case 0x0a: // block1
      return passOver(reader.u8());
    case 0x09: // block
      return passOver(reader.uleb());
    case 0x1a: // strx, into a table that line units cannot name
      return passOver(0 * reader.uleb());
    case 0x1d: // strp_sup, in another file
      return passOver(offsetBytes);
    default: // of unknown length: the rest cannot be read
      return passOver(reader.end);
  }
}
