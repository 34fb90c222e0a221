/**
 * Source lines of an ELF file's code, from its .debug_line (dwarf-line.ts).
 *
 * In: the file, how far it was moved. Out: address → file and line. At the first question the programs of all units run
 * once, and of each sequence only start, end and unit are kept; a question runs the program of its unit again. So a kernel of
 * 20 MB of line tables takes its time once and little memory, and nobody pays who does not ask.
 */
import { fileName, type NameSections } from './dwarf-files.ts';
import { type LineUnit, readLineUnits, runLineProgram } from './dwarf-line.ts';
import { DwarfReader } from './dwarf-reader.ts';
import { debugSection } from './dwarf-sections.ts';
import { type ElfFile, readElf, sectionAt } from './elf.ts';

export interface SourceLine {
  readonly file: string; // mm/memory.c
  readonly line: number;
}

interface Sequence {
  readonly low: bigint;
  readonly high: bigint;
  readonly unit: LineUnit;
}

/** Sequences are nested by mistake only; so many are looked through. */
const MAX_OVERLAP = 64;

/** Undefined when the file tells no lines. `slide` is added to its addresses. */
export async function openSourceLines(bytes: Uint8Array, slide = 0n): Promise<SourceLines | undefined> {
  const file = readElf(bytes);
  const lines = file && (await debugSection(file, 'line'));
  if (!lines || lines.length === 0) return undefined;
  const reader = (section: Uint8Array | undefined) =>
    new DwarfReader(section ?? new Uint8Array(0), file.littleEndian);
  const names = {
    lineStrings: reader(await debugSection(file, 'line_str')),
    strings: reader(await debugSection(file, 'str')),
  };
  return new SourceLines(file, reader(lines), names, slide);
}

export class SourceLines {
  private readonly file: ElfFile;
  private readonly section: DwarfReader;
  private readonly names: NameSections;
  private readonly slide: bigint;
  private sequences: readonly Sequence[] | undefined;

  constructor(file: ElfFile, section: DwarfReader, names: NameSections, slide: bigint) {
    this.file = file;
    this.section = section;
    this.names = names;
    this.slide = slide;
  }

  /** Undefined where no line was said, or where the compiler says that there is none. */
  lookup(address: bigint): SourceLine | undefined {
    const own = BigInt.asUintN(64, address - this.slide);
    this.sequences ??= this.readSequences();
    const sequence = containing(this.sequences, own);
    return sequence && this.rowAt(sequence, own);
  }

  /** The last row at or before the address, within the sequence that has it. */
  private rowAt({ low, unit }: Sequence, address: bigint): SourceLine | undefined {
    const wanted = Number(address - low);
    let isHere = false;
    let at = -1;
    let [file, line] = [0, 0];
    runLineProgram(this.section, unit, {
      begin: (start) => {
        isHere = start === low;
      },
      row: (offset, rowFile, rowLine) => {
        if (!isHere || offset > wanted || offset < at) return;
        [at, file, line] = [offset, rowFile, rowLine];
      },
      end: () => {
        isHere = false;
      },
    });
    if (line === 0) return undefined;
    const name = fileName(this.section, unit, this.names, file);
    return name === undefined ? undefined : { file: name, line };
  }

  private readSequences(): readonly Sequence[] {
    const sequences: Sequence[] = [];
    let low = 0n;
    for (const unit of readLineUnits(this.section)) {
      runLineProgram(this.section, unit, {
        begin: (address) => {
          low = address;
        },
        row: () => {},
        end: (offset) => {
          const high = low + BigInt(offset);
          if (high > low && this.hasCodeAt(low)) sequences.push({ low, high, unit });
        },
      });
    }
    return sequences.sort((a, b) => (a.low < b.low ? -1 : a.low > b.low ? 1 : 0));
  }

  /** Functions that the linker left out are at 0, 1 or the top. */
  private hasCodeAt(address: bigint): boolean {
    if (this.file.kind === 'relocatable') {
      const text = this.file.sections.find(({ name }) => name === '.text');
      return text !== undefined && address < BigInt(text.size);
    }
    return sectionAt(this.file, address) !== undefined;
  }
}

function containing(sequences: readonly Sequence[], address: bigint): Sequence | undefined {
  let [low, high] = [0, sequences.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sequences[middle]!.low <= address) low = middle + 1;
    else high = middle;
  }
  for (let i = low - 1; i >= Math.max(0, low - MAX_OVERLAP); i--)
    if (address < sequences[i]!.high) return sequences[i];
  return undefined;
}
