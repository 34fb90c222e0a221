/** Tokens → text, so that two of them never read as one that neither was, and lines stay where they were. */
import type { Token } from './tokens.ts';

export class Output {
  private readonly parts: string[] = [];
  private last: Token | undefined;
  private atLineStart = true;

  /** `# 12 "file" 1` */
  marker(line: number, file: string, state: '' | 1 | 2): void {
    if (!this.atLineStart) this.raw('\n');
    // D's control lines have no escapes in strings.
    this.raw(`# ${line} "${file.replace(/["\n]/g, '_')}"${state === '' ? '' : ` ${state}`}\n`);
  }

  tokens(tokens: readonly Token[]): void {
    for (const token of tokens) this.token(token);
  }

  newlines(count: number): void {
    this.raw('\n'.repeat(count));
  }

  text(): string {
    return this.parts.join('');
  }

  private token(token: Token): void {
    const { last } = this;
    const apart = last && (last.expanded || token.expanded) && !token.attached;
    if (apart && wouldJoin(last.text, token.text)) this.parts.push(' ');
    this.parts.push(token.text);
    if (token.newlines > 0 && token.kind === 'blank') this.parts.push('\n'.repeat(token.newlines));
    this.last = token;
    this.atLineStart = token.text.endsWith('\n') || (token.kind === 'blank' && token.newlines > 0);
  }

  private raw(text: string): void {
    this.parts.push(text);
    this.last = undefined;
    this.atLineStart = text === '' ? this.atLineStart : text.endsWith('\n');
  }
}

const JOINING = new Set('++ -- -> << >> <= >= == != && || ^^ += -= *= /= %= &= |= ^= ## // /* ::'.split(' '));

function wouldJoin(left: string, right: string): boolean {
  const a = left.at(-1) ?? '';
  const b = right[0] ?? '';
  if (/[\w$]/.test(a) && /[\w]/.test(b)) return true;
  return JOINING.has(a + b);
}
