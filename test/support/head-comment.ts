/** Directives in the head comment of a test script: `KEY: words`, single quotes group, $TRACES is the traces' folder. */

export function headComment(text: string): string {
  return /\/\*[\s\S]*?\*\//.exec(text)?.[0] ?? '';
}

export function headWords(head: string, key: string): string[] {
  const line = new RegExp(`^[ \\t*]*${key}:(.*)$`, 'm').exec(head)?.[1] ?? '';
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map((match) =>
    (match[1] ?? match[2] ?? '').replace('$TRACES', 'examples/traces'),
  );
}
