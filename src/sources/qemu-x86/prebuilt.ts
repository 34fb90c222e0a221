/**
 * The modules that the build makes once for all runs (base/wasm-build.ts): those that a program about headers needs. A
 * program that names registers, time or lines makes its own, from the same code.
 */
import { NO_NEEDS, type SourceNeeds } from '../../machine/needs.ts';
import { runModule, runName } from './int-run-code.ts';
import { kernelModule } from './kernel.ts';

const CHOICES = ['cpl', 'errcode', 'pc', 'sp', 'faddr'] as const;

/** Name of module → its bytes. */
export function prebuiltModules(): ReadonlyMap<string, Uint8Array> {
  const modules = new Map<string, Uint8Array>([['kernel', kernelModule().bytes()]]);
  for (let chosen = 0; chosen < 1 << CHOICES.length; chosen++) {
    const asked = CHOICES.filter((_, bit) => (chosen >> bit) & 1).map((need) => [need, true] as const);
    const needs: SourceNeeds = { ...NO_NEEDS, ...Object.fromEntries(asked) };
    modules.set(runName(needs), runModule(needs).bytes());
  }
  return modules;
}
