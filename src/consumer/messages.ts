/**
 * Faults, drops and failed library actions as message lines (d-language.md 9.5, 9.9; behaviours.md 11, 15, 39).
 */
import type { EcbInfo, FaultInfo } from '../dif/consumer-contract.ts';
import { DROPS, type DropKind } from '../dif/drops.ts';
import { FAULTS, type FaultDef, LIVE_ONLY, NEEDS } from '../dif/faults.ts';
import { faultingSubroutine } from '../dif/subroutines.ts';

const FAULT_OF_CODE: ReadonlyMap<number, FaultDef> = new Map(
  Object.values(FAULTS).map((fault) => [fault.code, fault]),
);
/** Faults whose value is a size or an index, which reads better in decimal. */
const DECIMAL_VALUES: ReadonlySet<number> = new Set([FAULTS.BADSIZE.code, FAULTS.BADINDEX.code]);

/** `error on enabled probe ID 1 (ID 1: dtrace:::BEGIN): invalid address (0x0) in action #1 at DIF offset 4` */
export function faultText(fault: FaultInfo, variableName: (id: number) => string | undefined): string {
  const place = fault.action === 0 ? 'predicate' : `action #${fault.action}`;
  const offset = fault.difOffset < 0 ? '' : ` at DIF offset ${fault.difOffset}`;
  return `${enabledProbe(fault.ecb)}: ${faultReason(fault, variableName)} in ${place}${offset}`;
}

function faultReason(fault: FaultInfo, variableName: (id: number) => string | undefined): string {
  if (fault.code === FAULTS.NOVALUE.code) {
    const subroutine = faultingSubroutine(Number(fault.value));
    if (subroutine !== undefined) return `${subroutine} needs the guest's kernel types and memory`;
    return `${variableName(Number(fault.value)) ?? 'a built-in variable'} is ${FAULTS.NOVALUE.text}`;
  }
  if (fault.code === FAULTS.NOGUEST.code) {
    const name = LIVE_ONLY[Number(fault.value)] ?? 'this';
    return `${name}( ) ${NEEDS[name] ?? FAULTS.NOGUEST.text}`;
  }
  const def = FAULT_OF_CODE.get(fault.code) ?? FAULTS.UNKNOWN;
  if (!def.showsValue) return def.text;
  const value = DECIMAL_VALUES.has(fault.code)
    ? fault.value.toString()
    : `0x${BigInt.asUintN(64, fault.value).toString(16)}`;
  return `${def.text} (${value})`;
}

/** A library action that failed: tracing goes on. */
export function libraryErrorText(ecb: EcbInfo, reason: string): string {
  return `${enabledProbe(ecb)}: ${reason}`;
}

function enabledProbe({ epid, probe }: EcbInfo): string {
  const name = [probe.provider, probe.module, probe.function, probe.name].join(':');
  return `error on enabled probe ID ${epid} (ID ${probe.id}: ${name})`;
}

/** `[DTRACEDROP_AGGREGATION] 3 aggregation drops on CPU 0`, the tag only when asked for. */
export function dropText(kind: DropKind, cpu: number, count: number, withTag: boolean): string {
  const { tag, text } = DROPS[kind];
  const words = text
    .replaceAll('{n}', String(count))
    .replaceAll('{s}', count === 1 ? '' : 's')
    .replaceAll('{cpu}', String(cpu));
  return withTag ? `[${tag}] ${words}` : words;
}
