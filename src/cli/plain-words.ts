/**
 * argv → switches and operands, for words that are as they should be.
 *
 * Nearly every command line is, and commander, which says what is wrong with one that is not, costs a one-liner more
 * than all else that reads its words: it is loaded for the others only (commander-words.ts). What is read here is read
 * as commander would (a test compares them); anything else, an unknown switch or a missing argument, is left to it.
 */
import { SWITCHES, type SwitchDef } from './switches.ts';

export interface Words {
  /** In the order in which they were given. */
  readonly switches: readonly { readonly def: SwitchDef; readonly value: string | undefined }[];
  readonly operands: readonly string[];
}

export function plainWords(argv: readonly string[]): Words | undefined {
  const switches: { def: SwitchDef; value: string | undefined }[] = [];
  const operands: string[] = [];
  const take = (spelling: string, attached: string | undefined, next: string | undefined): Taken => {
    const def = SWITCHES.find(({ short, long }) => spelling === short || spelling === long);
    if (def === undefined) return 'unknown';
    if (def.argument === undefined) {
      switches.push({ def, value: undefined });
      return 'flag';
    }
    const value = attached ?? next;
    if (value === undefined) return 'unknown';
    switches.push({ def, value });
    return attached === undefined ? 'next' : 'attached';
  };
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at]!;
    if (word === '--') return { switches, operands: [...operands, ...argv.slice(at + 1)] };
    if (word[0] !== '-' || word === '-') {
      operands.push(word);
      continue;
    }
    const took = word[1] === '-' ? takeLong(word, argv[at + 1], take) : takeLetters(word, argv[at + 1], take);
    if (took === 'unknown') return undefined;
    if (took === 'next') at++;
  }
  return { switches, operands };
}

/** How a switch came by its argument, if it has one. */
type Taken = 'unknown' | 'flag' | 'attached' | 'next';
type Take = (spelling: string, attached: string | undefined, next: string | undefined) => Taken;

/** `--trace FILE`, `--trace=FILE`; one letter is no long name. */
function takeLong(word: string, next: string | undefined, take: Take): Taken {
  const equals = word.indexOf('=');
  const name = word.slice(2, equals === -1 ? undefined : equals);
  if (name.length < 2) return 'unknown';
  if (equals === -1) return take(name, undefined, next);
  const took = take(name, word.slice(equals + 1), undefined);
  return took === 'flag' ? 'unknown' : took;
}

/** `-qn PROGRAM`, `-qnPROGRAM` */
function takeLetters(word: string, next: string | undefined, take: Take): Taken {
  for (let at = 1; at < word.length; at++) {
    const attached = word.slice(at + 1) || undefined;
    const took = take(word[at]!, attached, next);
    if (took !== 'flag') return took;
  }
  return 'flag';
}
