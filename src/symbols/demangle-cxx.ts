/**
 * C++ names of the Itanium ABI (https://itanium-cxx-abi.github.io/cxx-abi/abi.html#mangling), as g++ and clang make them.
 *
 * In: `_Z…` without suffixes. Out: the declaration as c++filt writes it. A reader by recursive descent: every method reads
 * what its name says and answers with text. Types are pairs of what stands before and after a declared name, because
 * `void (*)(int)` encloses it. Expressions that are more than a literal or a parameter are not read: NotMangled.
 */
import {
  BUILTIN_TYPES,
  LITERAL_SUFFIXES,
  OPERATORS,
  POINTERS,
  QUALIFIERS,
  SPECIAL_NAMES,
  SPECIAL_TYPES,
  STANDARD_NAMES,
} from './cxx-tables.ts';
import { MAX_DEMANGLED, MAX_DEPTH, MAX_STEPS, NotMangled } from './demangle-limits.ts';

export function demangleCxx(mangled: string): string {
  const reader = new CxxReader(mangled);
  const text = reader.encoding();
  if (!reader.atEnd) throw new NotMangled();
  return text;
}

interface CxxType {
  readonly pre: string;
  readonly post: string;
  /** A pointer to it needs parentheses: functions and arrays. */
  readonly wraps?: boolean;
  readonly reference?: '&' | '&&';
  /** Elements, when it is a parameter pack. */
  readonly pack?: readonly CxxType[];
}

interface CxxName {
  readonly text: string;
  readonly isTemplate: boolean; // ends with template arguments, so that a return type follows
  readonly qualifiers: string; // of a member function: ' const'
}

class CxxReader {
  private readonly text: string;
  private at = 2; // _Z
  private depth = 0;
  private steps = 0;
  private readonly substitutions: CxxType[] = [];
  private templateArguments: readonly CxxType[] = [];
  private lastName = ''; // of the class that a constructor is named after
  private isSpecialMember = false; // constructor, destructor or conversion: without return type
  private packIndex = -1; // element that a pack stands for while one is expanded
  private packSize = -1;

  constructor(text: string) {
    this.text = text;
  }

  get atEnd(): boolean {
    return this.at >= this.text.length;
  }

  encoding(): string {
    return this.nested(() => {
      if (this.peek() === 'T' || (this.peek() === 'G' && this.peek(1) !== 'L')) return this.special();
      this.isSpecialMember = false;
      const name = this.name();
      if (this.atEnd || this.peek() === 'E') return name.text;
      const hasResult = name.isTemplate && !this.isSpecialMember;
      const result = hasResult ? this.type() : { pre: '', post: '' };
      const parameters = this.parameters();
      const before = result.pre === '' ? '' : `${result.pre} `;
      return `${before}${name.text}(${parameters})${name.qualifiers}${result.post}`;
    });
  }

  /** Virtual tables, thunks, guards. */
  private special(): string {
    const kind = this.take() + this.take();
    const ofType = SPECIAL_TYPES[kind];
    if (ofType !== undefined) return ofType + textOf(this.type());
    const ofName = SPECIAL_NAMES[kind];
    if (ofName !== undefined) return ofName + this.name().text;
    switch (kind) {
      case 'Th':
        this.offset();
        return `non-virtual thunk to ${this.encoding()}`;
      case 'Tv':
        this.offset();
        this.offset();
        return `virtual thunk to ${this.encoding()}`;
      case 'Tc':
        this.callOffset();
        this.callOffset();
        return `covariant return thunk to ${this.encoding()}`;
      case 'GT':
        return `${this.take() === 't' ? '' : 'non-'}transaction clone for ${this.encoding()}`;
      case 'GR': {
        const name = this.name().text;
        const number = this.sequence();
        return `reference temporary #${number} for ${name}`;
      }
      default:
        throw new NotMangled();
    }
  }

  private callOffset(): void {
    const kind = this.take();
    if (kind !== 'h' && kind !== 'v') throw new NotMangled();
    this.offset();
    if (kind === 'v') this.offset();
  }

  private offset(): void {
    this.match(/^n?[0-9]+_/);
  }

  // -------------------------------------------------------------------------------------------- names

  private name(): CxxName {
    switch (this.peek()) {
      case 'N':
        return this.nestedName();
      case 'Z':
        return this.localName();
      case 'S':
        if (this.peek(1) !== 't') return this.withArguments(textOf(this.substitution()), false);
    }
    return this.withArguments(this.unscopedName(), true);
  }

  private unscopedName(): string {
    const isStd = this.skip('St');
    this.skip('L'); // internal linkage
    const name = this.unqualifiedName();
    return isStd ? `std::${name}` : name;
  }

  /** `isNew`: the template itself may be substituted from now on. */
  private withArguments(text: string, isNew: boolean): CxxName {
    if (this.peek() !== 'I') return { text, isTemplate: false, qualifiers: '' };
    if (isNew) this.remember({ pre: text, post: '' });
    return { text: this.applied(text), isTemplate: true, qualifiers: '' };
  }

  private nestedName(): CxxName {
    this.take(); // N
    const qualifiers = this.qualifiers() + this.memberReference();
    let text = '';
    let isTemplate = false;
    let isNew = false;
    for (;;) {
      const next = this.peek();
      if (next === 'E') break;
      isTemplate = next === 'I';
      isNew = true;
      if (next === 'S' && this.peek(1) === 't') {
        this.at += 2;
        text = 'std';
        continue;
      }
      if (next === 'M' && text !== '') {
        this.take(); // the initializer of a member
        continue;
      }
      if (next === 'S') {
        text = textOf(this.substitution());
        isNew = false;
        this.lastName = lastPart(text);
        continue;
      }
      if (next === 'I') text = this.applied(text);
      else if (next === 'T') text = textOf(this.templateParameter());
      else if (next === 'D' && /[tT]/.test(this.peek(1))) text = this.decltype();
      else {
        this.skip('L');
        const part = this.unqualifiedName();
        text = text === '' ? part : `${text}::${part}`;
      }
      this.remember({ pre: text, post: '' });
    }
    this.take(); // E
    if (text === '') throw new NotMangled();
    if (isNew) this.substitutions.pop(); // the whole name is remembered by who reads it as a type
    return { text, isTemplate, qualifiers };
  }

  private memberReference(): string {
    if (this.skip('R')) return ' &';
    return this.skip('O') ? ' &&' : '';
  }

  /** Something inside a function. */
  private localName(): CxxName {
    this.take(); // Z
    const scope = this.encoding();
    this.expect('E');
    if (this.skip('s')) {
      this.discriminator();
      return { text: `${scope}::string literal`, isTemplate: false, qualifiers: '' };
    }
    if (this.skip('d')) this.match(/^[0-9]*_/);
    const name = this.name();
    this.discriminator();
    return { ...name, text: `${scope}::${name.text}` };
  }

  private discriminator(): void {
    const found = /^(__[0-9]+_|_[0-9])/.exec(this.text.slice(this.at, this.at + 12));
    if (found) this.at += found[0].length;
  }

  private unqualifiedName(): string {
    return this.nested(() => {
      const name = this.plainName();
      let tags = '';
      while (this.skip('B')) tags += `[abi:${this.sourceName()}]`;
      return name + tags;
    });
  }

  private plainName(): string {
    const next = this.peek();
    if (/[0-9]/.test(next)) {
      this.lastName = this.sourceName();
      return this.lastName;
    }
    if (next === 'U') return this.unnamed();
    if (next === 'C') return this.constructorName();
    if (next === 'D' && /[0-5]/.test(this.peek(1))) {
      this.at += 2;
      this.isSpecialMember = true;
      return `~${this.lastName}`;
    }
    if (this.skip('DC')) return `[${this.list(() => this.sourceName()).join(', ')}]`;
    return this.operatorName();
  }

  private constructorName(): string {
    this.take(); // C
    const isInherited = this.skip('I');
    this.match(/^[1-5]/);
    const { lastName } = this;
    if (isInherited) this.type();
    this.isSpecialMember = true;
    return lastName;
  }

  private sourceName(): string {
    const length = Number(this.match(/^[1-9][0-9]{0,3}/));
    const name = this.text.slice(this.at, this.at + length);
    if (name.length < length) throw new NotMangled();
    this.at += length;
    return /^_GLOBAL_[_.$]N/.test(name) ? '(anonymous namespace)' : name;
  }

  private operatorName(): string {
    if (this.skip('cv')) {
      const name = `operator ${textOf(this.type())}`;
      this.isSpecialMember = true;
      return name;
    }
    if (this.skip('li')) return `operator"" ${this.sourceName()}`;
    const text = OPERATORS[this.peek() + this.peek(1)];
    if (text === undefined) throw new NotMangled();
    this.at += 2;
    return `operator${text}`;
  }

  /** Lambdas and types without a name; numbered as c++filt does, from 1. */
  private unnamed(): string {
    if (this.skip('Ul')) {
      const parameters = this.parameters();
      this.expect('E');
      return `{lambda(${parameters})#${this.number() + 1}}`;
    }
    this.expect('Ut');
    return `{unnamed type#${this.number() + 1}}`;
  }

  /** `_` is 0, `0_` is 1. */
  private number(): number {
    const digits = this.match(/^[0-9]{0,5}_/).slice(0, -1);
    return digits === '' ? 0 : Number(digits) + 1;
  }

  // -------------------------------------------------------------------------------------------- types

  private type(): CxxType {
    if (++this.depth > MAX_DEPTH || ++this.steps > MAX_STEPS) throw new NotMangled();
    const { templateArguments, lastName, isSpecialMember } = this;
    const type = this.anyType();
    // Names inside a type are not those of the function that is being read.
    Object.assign(this, { templateArguments, lastName, isSpecialMember });
    this.depth--;
    if (type.pre.length + type.post.length > MAX_DEMANGLED) throw new NotMangled();
    return type;
  }

  private anyType(): CxxType {
    const next = this.peek();
    const builtin = BUILTIN_TYPES[next] ?? BUILTIN_TYPES[next + this.peek(1)];
    if (builtin !== undefined) {
      this.at += BUILTIN_TYPES[next] === undefined ? 2 : 1;
      return { pre: builtin, post: '' };
    }
    if (next === 'S' && this.peek(1) !== 't') return this.substitutedType();
    if (this.skip('u')) return this.remember({ pre: this.sourceName(), post: '' });
    if (this.skip('Dp')) return this.expansion();
    return this.remember(this.compoundType(next));
  }

  private compoundType(next: string): CxxType {
    if (next in QUALIFIERS) {
      const qualifiers = this.qualifiers();
      return this.qualified(this.type(), qualifiers);
    }
    const mark = POINTERS[next];
    if (mark !== undefined) {
      this.take();
      return pointer(this.type(), mark);
    }
    switch (next) {
      case 'C':
      case 'G':
        this.take();
        return suffixed(this.type(), next === 'C' ? ' _Complex' : ' _Imaginary');
      case 'F':
        return this.functionType();
      case 'A':
        return this.arrayType();
      case 'M':
        return this.memberPointer();
      case 'T':
        return this.templateType();
      case 'U':
        this.take();
        return suffixed({ pre: '', post: '' }, `${this.sourceName()} ${textOf(this.type())}`);
      case 'D':
        return this.extendedType();
      default:
        return { pre: this.name().text, post: '' };
    }
  }

  /** Function types carry their qualifiers behind the parameters. */
  private qualified(type: CxxType, qualifiers: string): CxxType {
    return type.wraps && type.post.startsWith('(')
      ? { ...type, post: type.post + qualifiers }
      : suffixed(type, qualifiers);
  }

  private extendedType(): CxxType {
    if (/[tT]/.test(this.peek(1))) return { pre: this.decltype(), post: '' };
    if (this.skip('Do')) return suffixedPost(this.functionType(), ' noexcept');
    if (this.skip('Dv')) {
      const size = this.match(/^[0-9]+_/).slice(0, -1);
      return suffixed(this.type(), ` __vector(${size})`);
    }
    if (this.skip('DF')) return { pre: `_Float${this.match(/^[0-9]+x?_/).slice(0, -1)}`, post: '' };
    throw new NotMangled();
  }

  private decltype(): string {
    this.at += 2;
    const text = this.expression();
    this.expect('E');
    return `decltype (${text})`;
  }

  private substitutedType(): CxxType {
    const type = this.substitution();
    if (this.peek() !== 'I') return type;
    return this.remember({ pre: textOf(type) + this.argumentText(), post: '' });
  }

  private functionType(): CxxType {
    this.expect('F');
    this.skip('Y'); // extern "C"
    const result = this.type();
    const parameters = this.parameters();
    const reference = this.memberReference();
    this.expect('E');
    return { pre: result.pre, post: `(${parameters})${reference}${result.post}`, wraps: true };
  }

  private arrayType(): CxxType {
    this.take(); // A
    const size = /[0-9_]/.test(this.peek()) ? this.match(/^[0-9]*/) : this.expression();
    this.expect('_');
    const element = this.type();
    return { pre: element.pre, post: ` [${size}]${element.post.replace(/^ (?=\[)/, '')}`, wraps: true };
  }

  private memberPointer(): CxxType {
    this.take(); // M
    const owner = textOf(this.type());
    return pointer(this.type(), `${owner}::*`);
  }

  private templateType(): CxxType {
    if (/[sue]/.test(this.peek(1))) {
      this.at += 2; // struct, union, enum
      return { pre: this.name().text, post: '' };
    }
    const parameter = this.templateParameter();
    if (this.peek() !== 'I') return parameter;
    this.remember(parameter);
    return { pre: textOf(parameter) + this.argumentText(), post: '' };
  }

  private templateParameter(): CxxType {
    this.expect('T');
    const argument = this.templateArguments[this.number()];
    if (argument === undefined) throw new NotMangled();
    if (argument.pack === undefined || this.packIndex < 0) return argument;
    this.packSize = argument.pack.length;
    return argument.pack[this.packIndex] ?? { pre: '', post: '' };
  }

  /** The type that follows once for each element of the pack in it. */
  private expansion(): CxxType {
    const [start, outerIndex, known] = [this.at, this.packIndex, this.substitutions.length];
    this.packSize = -1;
    const elements: CxxType[] = [];
    let substitutions: CxxType[] = [];
    for (let index = 0; index === 0 || index < this.packSize; index++) {
      this.at = start;
      this.packIndex = index;
      this.substitutions.length = known;
      const element = this.type();
      if (index === 0) substitutions = this.substitutions.slice(known);
      if (index < this.packSize || this.packSize < 0) elements.push(element);
    }
    this.packIndex = outerIndex;
    this.substitutions.length = known;
    this.substitutions.push(...substitutions);
    return this.remember(packOf(elements));
  }

  private qualifiers(): string {
    let text = '';
    while (this.peek() in QUALIFIERS) text = QUALIFIERS[this.take()]! + text;
    return text;
  }

  /** To the end, or to the E or reference that ends a function type. */
  private parameters(): string {
    const types: string[] = [];
    while (!this.atEnd && this.peek() !== 'E' && !/^[RO]E/.test(this.peek() + this.peek(1))) {
      types.push(textOf(this.type()));
    }
    if (types.length === 0) throw new NotMangled();
    return types.length === 1 && types[0] === 'void' ? '' : types.filter((text) => text !== '').join(', ');
  }

  // -------------------------------------------------------------------------------------------- templates, substitutions

  /** A template and the arguments that follow: `operator<< <char>`. */
  private applied(template: string): string {
    return template + (template.endsWith('<') ? ' ' : '') + this.argumentText();
  }

  /** `<int, 5>`; they are what T_ means from now on. */
  private argumentText(): string {
    const { lastName } = this;
    this.expect('I');
    const types = this.list(() => this.templateArgument());
    this.lastName = lastName;
    this.templateArguments = types;
    const text = types
      .map(textOf)
      .filter((each) => each !== '')
      .join(', ');
    return `<${text}${text.endsWith('>') ? ' ' : ''}>`; // as before C++11, and as c++filt still does
  }

  private templateArgument(): CxxType {
    if (this.skip('X')) {
      const text = this.expression();
      this.expect('E');
      return { pre: text, post: '' };
    }
    if (this.peek() === 'L') return { pre: this.literal(), post: '' };
    if (this.skip('J')) return packOf(this.list(() => this.templateArgument()));
    return this.type();
  }

  private expression(): string {
    if (this.peek() === 'L') return this.literal();
    if (this.peek() === 'T') return textOf(this.templateParameter());
    throw new NotMangled();
  }

  private literal(): string {
    this.expect('L');
    if (this.skip('_Z')) {
      const text = this.encoding();
      this.expect('E');
      return text;
    }
    const letter = this.peek();
    const type = textOf(this.type());
    const digits = this.match(/^n?[0-9a-f]*/).replace('n', '-');
    this.expect('E');
    if (letter === 'b') return digits === '1' ? 'true' : 'false';
    const suffix = LITERAL_SUFFIXES[letter];
    return suffix === undefined ? `(${type})${digits}` : digits + suffix;
  }

  private substitution(): CxxType {
    this.expect('S');
    const standard = STANDARD_NAMES[this.peek()];
    if (standard !== undefined) {
      this.take();
      return { pre: standard, post: '' };
    }
    const found = this.substitutions[this.sequence()];
    if (found === undefined) throw new NotMangled();
    return found;
  }

  /** `_` is 0, `0_` is 1, `Z_` is 36. */
  private sequence(): number {
    const digits = this.match(/^[0-9A-Z]{0,4}_/).slice(0, -1);
    return digits === '' ? 0 : Number.parseInt(digits, 36) + 1;
  }

  private remember(type: CxxType): CxxType {
    this.substitutions.push(type);
    return type;
  }

  // -------------------------------------------------------------------------------------------- reading

  private nested(read: () => string): string {
    if (++this.depth > MAX_DEPTH || ++this.steps > MAX_STEPS) throw new NotMangled();
    const text = read();
    this.depth--;
    if (text.length > MAX_DEMANGLED) throw new NotMangled();
    return text;
  }

  private list<T>(read: () => T): T[] {
    const items: T[] = [];
    while (!this.skip('E')) items.push(read());
    return items;
  }

  private peek(ahead = 0): string {
    return this.text[this.at + ahead] ?? '';
  }

  private take(): string {
    const char = this.peek();
    if (char === '') throw new NotMangled();
    this.at++;
    return char;
  }

  private skip(word: string): boolean {
    if (!this.text.startsWith(word, this.at)) return false;
    this.at += word.length;
    return true;
  }

  private expect(word: string): void {
    if (!this.skip(word)) throw new NotMangled();
  }

  private match(pattern: RegExp): string {
    const found = pattern.exec(this.text.slice(this.at, this.at + 48))?.[0];
    if (found === undefined) throw new NotMangled();
    this.at += found.length;
    return found;
  }
}

function textOf({ pre, post, wraps }: CxxType): string {
  return wraps && post.startsWith('(') ? `${pre} ${post}` : pre + post;
}

function suffixed(type: CxxType, suffix: string): CxxType {
  return { ...type, pre: type.pre + suffix };
}

function suffixedPost(type: CxxType, suffix: string): CxxType {
  return { ...type, post: type.post + suffix };
}

/** A reference to a reference is one reference. */
function pointer(type: CxxType, mark: string): CxxType {
  const isReference = mark === '&' || mark === '&&';
  if (isReference && type.reference !== undefined) {
    if (mark === '&&' || type.reference === '&') return type;
    return { ...type, pre: type.pre.slice(0, -1), reference: '&' };
  }
  const space = mark.endsWith('::*') ? ' ' : '';
  const reference = isReference ? { reference: mark as '&' | '&&' } : {};
  if (!type.wraps) return { pre: type.pre + space + mark, post: type.post, ...reference };
  return { pre: `${type.pre} (${mark}`, post: `)${type.post}`, ...reference };
}

function packOf(pack: readonly CxxType[]): CxxType {
  const texts = pack.map(textOf).filter((text) => text !== '');
  return { pre: texts.join(', '), post: '', pack };
}

/** `vector` of `std::vector<int>`. */
function lastPart(text: string): string {
  const plain = text.replace(/<.*$/, '');
  return plain.slice(plain.lastIndexOf(':') + 1);
}
