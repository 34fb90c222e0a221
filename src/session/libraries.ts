/**
 * D libraries: every *.d file of the directories that -L names, in the order in which they can be compiled
 * (d-language.md section 13.4).
 *
 * A library says what it needs with `#pragma D depends_on library OTHER.d`; it then comes after the other. One whose
 * needs are not met is skipped, so that a directory may hold libraries for other machines; that is judged when it is
 * compiled. Libraries that need each other can never be met.
 */

export interface Library {
  readonly path: string;
  readonly name: string; // of the file
  readonly text: string;
}

export interface LibraryFiles {
  readonly readFile: (path: string) => string | undefined;
  /** Names in a directory, or why it cannot be read. */
  readonly listDirectory: (path: string) => readonly string[] | string;
}

/** Files by directory, then name. `complain` hears of directories and files that cannot be read. */
export function findLibraries(
  directories: readonly string[],
  files: LibraryFiles,
  complain: (message: string) => void,
): Library[] {
  return directories.flatMap((directory) => {
    const names = files.listDirectory(directory);
    if (typeof names === 'string') {
      complain(`failed to open library directory ${directory}: ${names}`);
      return [];
    }
    const found = names.filter((name) => name.endsWith('.d')).toSorted();
    return found.flatMap((name) => {
      const path = `${directory.replace(/\/+$/, '')}/${name}`;
      const text = files.readFile(path);
      if (text === undefined) complain(`failed to read library ${path}`);
      return text === undefined ? [] : [{ path, name, text }];
    });
  });
}

/** Names of the libraries that a library's text asks for. */
export function libraryDependencies(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '');
  const lines = code.matchAll(/^[ \t]*#[ \t]*pragma[ \t]+D[ \t]+depends_on[ \t]+library[ \t]+(\S+)/gm);
  return [...lines].map(([, name = '']) => name.replace(/^"(.*)"$/, '$1'));
}

/** Each library after those it depends on, else as they came. */
export function dependencyOrder(libraries: readonly Library[]): Library[] {
  const byName = new Map<string, Library>();
  for (const library of libraries) if (!byName.has(library.name)) byName.set(library.name, library);
  const ordered = new Set<Library>();
  const entered = new Set<Library>();
  for (const library of libraries) {
    // A stack of its own: a chain of libraries may be long.
    const path = [library];
    for (let at = path.at(-1); at !== undefined; at = path.at(-1)) {
      entered.add(at);
      const needed = libraryDependencies(at.text).map((name) => byName.get(name));
      const next = needed.find((other) => other !== undefined && !entered.has(other));
      if (next) {
        path.push(next);
      } else {
        ordered.add(at);
        path.pop();
      }
    }
  }
  return [...ordered];
}
