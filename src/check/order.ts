/**
 * In which order the actions of a clause may come (d-language.md 6.2). Every rule is about two actions, an earlier and a
 * later one on some path through the clause's branches, so the state is the set of kinds of action that may have run.
 */
import type { Span } from '../diag/span.ts';
import type { Tag } from '../diag/tags.ts';
import { ACTIONS, type ActionDef, type ActionName } from '../dif/actions.ts';
import { type Env, fail } from './env.ts';

/** What has run on some path to here. */
export interface Ran {
  readonly commit: boolean;
  readonly speculate: boolean;
  /** A data-recording or aggregating action. */
  readonly records: boolean;
}

export const NOTHING_RAN: Ran = { commit: false, speculate: false, records: false };

export function either(a: Ran, b: Ran): Ran {
  return {
    commit: a.commit || b.commit,
    speculate: a.speculate || b.speculate,
    records: a.records || b.records,
  };
}

/** What has run after an aggregating statement. */
export function afterAggregating(env: Env, ran: Ran, span: Span): Ran {
  if (ran.commit) fail(env, 'D_AGG_COMM', span);
  if (ran.speculate) fail(env, 'D_AGG_SPEC', span, {}, SPECULATION_HINT);
  return { ...ran, records: true };
}

/** An expression that calls copyout() or its like is as destructive as an action. */
export function checkDestructiveCall(env: Env, ran: Ran, span: Span): void {
  if (ran.speculate) fail(env, 'D_ACT_SPEC', span, {}, SPECULATION_HINT);
}

/** What has run after an action. */
export function afterAction(env: Env, ran: Ran, name: ActionName, span: Span): Ran {
  const refusal = refusalOf(ran, name);
  // DIFFERS: commit() after commit() is allowed, as on Linux; the original refuses it.
  if (refusal !== undefined) fail(env, refusal, span, {}, hintOf(refusal));
  if (name === 'commit') return { ...ran, commit: true };
  if (name === 'speculate') return { ...ran, speculate: true };
  return recordsData(name) ? { ...ran, records: true } : ran;
}

function recordsData(name: ActionName): boolean {
  return ACTIONS[name].records !== 'none';
}

function refusalOf(ran: Ran, name: ActionName): Tag | undefined {
  const action: ActionDef = ACTIONS[name];
  if (name === 'commit') return ran.records ? 'D_COMM_DREC' : undefined;
  if (name === 'speculate') {
    if (ran.speculate) return 'D_SPEC_SPEC';
    if (ran.commit) return 'D_SPEC_COMM';
    return ran.records ? 'D_SPEC_DREC' : undefined;
  }
  if (ran.speculate && action.destructive) return 'D_ACT_SPEC';
  if (ran.speculate && name === 'exit') return 'D_EXIT_SPEC';
  return ran.commit && recordsData(name) ? 'D_DREC_COMM' : undefined;
}

const SPECULATION_HINT = { hint: 'put it into a clause of its own: all of this clause is speculative' };
const COMMIT_HINT = { hint: 'a clause records or commits: use two clauses on the same probe' };

function hintOf(tag: Tag): { readonly hint?: string } {
  if (tag === 'D_ACT_SPEC' || tag === 'D_EXIT_SPEC') return SPECULATION_HINT;
  if (tag === 'D_COMM_DREC' || tag === 'D_DREC_COMM' || tag === 'D_SPEC_DREC') return COMMIT_HINT;
  return {};
}
