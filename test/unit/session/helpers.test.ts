/** What threads of a replay are given to do, and when they are given no more: pieces are told by a script here. */
import { describe, expect, test } from 'vitest';
import { nextTurn } from '../../../src/base/next-turn.ts';
import { createOptions } from '../../../src/dif/options.ts';
import { NO_NEEDS } from '../../../src/machine/needs.ts';
import { decide, decisionText } from '../../../src/session/parallel/decide.ts';
import { Helpers } from '../../../src/session/parallel/helpers.ts';
import type {
  FromThread,
  HelperThread,
  ThreadFacts,
  ThreadSetup,
  ToThread,
} from '../../../src/session/parallel/thread.ts';
import { FIRST_STATE } from '../../../src/sources/qemu-x86/scan-state.ts';

/** A thread that does what the test says. */
class Scripted {
  readonly asked: number[] = [];
  isStopped = false;
  private take: (message: FromThread) => void = () => {};
  private gone: () => void = () => {};
  private setup: ThreadSetup | undefined;

  readonly start = (setup: ThreadSetup): HelperThread => {
    this.setup = setup;
    return {
      post: ({ job }: ToThread) => void this.asked.push(job.piece),
      listen: (take, gone) => {
        this.take = take;
        this.gone = gone;
      },
      stop: () => {
        this.isStopped = true;
      },
    };
  };

  ready(): void {
    this.take({ kind: 'ready' });
  }

  /** It does a piece; or finds that it cannot be used, or that pieces make too much. */
  finish(piece: number, finds?: 'useless' | 'crowded'): void {
    const mine = Atomics.compareExchange(this.setup!.claims, piece, 0, 1) === 0;
    const ledger = { totalBytes: 0, eventBytes: 0, events: 1, nonEvents: new Map(), losses: new Map() };
    const traced = {
      ...{ start: FIRST_STATE, end: FIRST_STATE, rows: 1 },
      ledger: { ...ledger, repaired: 0, guestDrops: new Map() },
      sightings: { foreign: undefined, servicing: 0, headers: 0, longBytes: 0 },
      made: { images: new Int32Array(3), entries: 1, withheld: [] },
    };
    const isUsed = mine && finds !== 'useless';
    const isCrowded = finds === 'crowded';
    this.take({ kind: 'done', piece, mine, traced: isUsed ? traced : undefined, isCrowded });
  }

  begin(piece: number): void {
    Atomics.store(this.setup!.claims, piece, 1);
  }

  end(): void {
    this.gone();
  }
}

function helping(pieces = 100, isReady = true) {
  const thread = new Scripted();
  const helpers = new Helpers({
    start: thread.start,
    threads: 1,
    setup: {} as ThreadFacts,
    isPatient: false,
  });
  helpers.begin({
    fd: -1,
    pieces,
    job: (piece) => ({ piece, from: piece, guess: FIRST_STATE, begin: piece, end: piece + 1 }),
    fit: () => true,
  });
  if (isReady) thread.ready();
  return { thread, helpers };
}

describe('threads of a replay', () => {
  test('find work when they are ready', async () => {
    const { thread } = helping(100, false);
    expect(thread.asked).toHaveLength(0);
    await nextTurn();
    expect(thread.asked).toEqual([98, 97, 96, 95, 94, 93]);
    thread.ready();
    expect(thread.asked).toHaveLength(6);
  });

  test('begin at the end of the log, and have some pieces in stock', () => {
    const { thread } = helping();
    expect(thread.asked).toEqual([98, 97, 96, 95, 94, 93]);
    thread.finish(98);
    expect(thread.asked.at(-1)).toBe(92);
  });

  test('are passed by: a piece that they have not begun is its reader’s', () => {
    const { thread, helpers } = helping(4);
    expect(thread.asked).toEqual([2, 1]);
    expect(helpers.claim(1)).toBe('own');
    thread.finish(1);
    thread.finish(2);
    expect(helpers.claim(2)).toMatchObject({ rows: 1 });
    expect(helpers.claim(3)).toBe('own');
  });

  test('are waited for where they have begun', async () => {
    const { thread, helpers } = helping(4);
    thread.begin(1);
    const wait = helpers.claim(1);
    expect(wait).toBeInstanceOf(Promise);
    thread.end();
    await wait;
    expect(helpers.claim(1)).toBe('own');
  });

  test('get no more when there are too many keys', () => {
    const { thread, helpers } = helping();
    thread.finish(98, 'crowded');
    expect(thread.asked).toHaveLength(6);
    expect(helpers.outcome).toBe('0 of 100 pieces were traced ahead; for more there are too many keys');
  });

  test('get no more when pieces cannot be used', () => {
    const { thread, helpers } = helping();
    for (const piece of [98, 97, 96]) thread.finish(piece, 'useless');
    expect(thread.asked).toHaveLength(8);
    expect(helpers.claim(98)).toBeUndefined();
    for (const piece of thread.asked.slice(3)) thread.finish(piece);
    expect(thread.isStopped).toBe(true);
  });

  test('are stopped when nothing more is wanted', () => {
    const { thread, helpers } = helping();
    thread.finish(98);
    helpers.close();
    expect(thread.isStopped).toBe(true);
    expect(helpers.claim(98)).toBe('own');
  });
});

test.each([
  [512, 2, 21],
  [4000, 2, 167],
  [4000, 4, 83],
  [50_000, 2, 256],
])('pieces of a log of %d MiB for %d threads are of %d MiB', (logMib, threads, pieceMib) => {
  const decision = decide({
    ...{ programs: [], probesOf: () => [], options: createOptions(), needs: NO_NEEDS },
    ...{ hasKernel: false, hasSites: false, cores: threads, pieceBytes: undefined },
    plainBytes: logMib * 1024 * 1024,
  });
  expect(decisionText(decision)).toBe(`replay: ${threads} threads, pieces of ${pieceMib} MiB`);
});
