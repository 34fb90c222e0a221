/** What is printed when trapline itself is wrong: one paragraph, and the stack only for those who ask for it. */
import { Bug } from '../base/assert.ts';
import { VERSION } from './version.ts';

/** EX_SOFTWARE of sysexits.h: no script uses it by accident. */
export const STATUS_BUG = 70;

export function reportBug(error: unknown, withStack: boolean): string {
  const stage = error instanceof Bug ? error.stage : 'unknown';
  const message = error instanceof Error ? error.message : String(error);
  const what = error instanceof Bug ? message.slice(stage.length + 2) : message;
  const text = [
    `trapline: this is a bug in trapline ${VERSION} (stage: ${stage}): ${what.split('\n')[0]}`,
    '  Nothing is wrong with your command. Please report it with the command line and the program;',
    '  TRAPLINE_DEBUG=1 shows where it happened.',
  ].join('\n');
  const stack = withStack && error instanceof Error ? `${error.stack}\n` : '';
  return `${text}\n${stack}`;
}
