/**
 * Linker names → names as their source has them: Rust (legacy and v0) and C++ (Itanium ABI).
 *
 * A name that is not mangled, or not in a way that is known here, stays as it is. What compilers append for themselves
 * (`.cold`, `.isra.0`) stays too, behind the name.
 */
import { demangleCxx } from './demangle-cxx.ts';
import { NotMangled } from './demangle-limits.ts';
import { demangleRustLegacy, demangleRustV0 } from './demangle-rust.ts';

/** Longer names exist in template-heavy C++, but not where a screen line could show them. */
const MAX_MANGLED = 4096;
type Demangler = (mangled: string) => string;

export function demangle(name: string): string {
  if (name.length > MAX_MANGLED) return name;
  const start = name.startsWith('__R') || name.startsWith('__Z') ? 1 : 0; // macOS and some linkers add a _
  const kind = name.slice(start, start + 2);
  if (kind !== '_R' && kind !== '_Z') return name;
  const { body, suffix } = splitSuffix(name.slice(start));
  if (kind === '_R') return tried(demangleRustV0, body, suffix) ?? name;
  const isRust = /17h[0-9a-f]{16}E$/.test(body);
  const asRust = isRust ? tried(demangleRustLegacy, body, suffix) : undefined;
  return asRust ?? tried(demangleCxx, body, clones(suffix)) ?? name;
}

/** `.isra.0.cold` as c++filt writes it. */
function clones(suffix: string): string {
  return suffix.replace(/\.[^.0-9][^.]*(\.[0-9]+)*/g, ' [clone $&]');
}

/** LLVM's own numbers say nothing to a reader. */
const LLVM_SUFFIX = /\.llvm\.[0-9A-Fa-f@]+$/;

function splitSuffix(name: string): { readonly body: string; readonly suffix: string } {
  const text = name.replace(LLVM_SUFFIX, '');
  // Legacy Rust has dots inside its names: ..
  const end =
    text.startsWith('_ZN') && /17h[0-9a-f]{16}E/.test(text) ? text.search(/E(\.|$)/) + 1 : text.indexOf('.');
  return end > 0 ? { body: text.slice(0, end), suffix: text.slice(end) } : { body: text, suffix: '' };
}

function tried(demangler: Demangler, body: string, suffix: string): string | undefined {
  try {
    return demangler(body) + suffix;
  } catch (error) {
    if (error instanceof NotMangled) return undefined;
    throw error;
  }
}
