/**
 * Requests and answers over one gdb connection. The protocol has no request numbers: answers come in the order of the
 * requests, so an answer that stays away ends the connection, and whatever is no answer must be recognised.
 *
 *   L1 Requests of one turn leave in one write (three cost what one costs); answers are matched first in, first out.
 *   L2 We send no byte on its own, for any that arrives while the guest runs stops it. QEMU needs no acknowledgements;
 *      each packet brings one along, `+$…`, and the first of a write two. If somebody resumed the guest behind our back,
 *      QEMU takes the first `+` for the stop reply that we never acknowledged, and the second stops the guest and is
 *      lost instead of our `$`. For the same reason a request to stop is `+` and 0x03.
 *   L3 A stop reply (T S W X) is never the answer of a request that does not ask for one: QEMU sends `T02` by itself
 *      when a client connects and when QMP stops the guest. It goes to `stop`.
 *   L4 Repeating is safe only while exactly one request is unanswered; any other damage ends the connection.
 */
import { assertNever } from '../base/assert.ts';
import { Connection, WaitCount, WireError, type WireOptions } from '../wire/connection.ts';
import { GdbError } from './gdb-error.ts';
import { bytesOfHex, encodePacket, PacketDecoder, type WireItem } from './packet.ts';
import { isStopReply, parseStop, type Stop } from './stop.ts';

export interface RequestOptions {
  readonly timeoutMs?: number;
  readonly expects?: 'stop'; // absent: anything but a stop reply
  readonly console?: (bytes: Uint8Array) => void; // takes the O packets that come before the answer
}

interface Pending {
  readonly packet: string;
  readonly what: string; // for messages: the start of the packet
  readonly deadlineMs: number;
  readonly options: RequestOptions;
  readonly resolve: (payload: string) => void;
  readonly reject: (error: GdbError) => void;
}

export interface LinkHandlers {
  readonly stop: (stop: Stop) => void;
  /** A packet that answers nothing: an error reply to a resumption, or console output. */
  readonly stray: (payload: string) => void;
  readonly end: (error: GdbError) => void;
}

/** A line that loses more than this is not a line gdb's protocol can work on. */
const MAX_REPEATS = 3;
/** Beyond this, text between packets is not a glitch. */
const MAX_NOISE_BYTES = 4096;
/** Enough of a foreign greeting to recognise it: "HTTP/1.1 400 Bad Request", '{"QMP": {"version"…'. */
const RECOGNISABLE_BYTES = 12;

export class GdbLink {
  readonly name: string;
  readonly timeoutMs: number;
  readonly waits: WaitCount;
  private readonly connection: Connection;
  private readonly handlers: LinkHandlers;
  private readonly decoder = new PacketDecoder();
  private readonly queue: Pending[] = [];
  private unsent = '';
  private timer: NodeJS.Timeout | undefined;
  private repeats = 0;
  private noise = '';
  private answered = false; // at least one packet came: the other side speaks the protocol
  private ended: GdbError | undefined;

  constructor(connection: Connection, options: WireOptions & { timeoutMs: number }, handlers: LinkHandlers) {
    this.name = connection.name;
    this.timeoutMs = options.timeoutMs;
    this.waits = new WaitCount(options.drain);
    this.connection = connection;
    this.handlers = handlers;
    connection.attach({ data: (chunk) => this.receive(chunk), end: (reason) => this.lost(reason) });
  }

  static async open(
    address: string,
    options: WireOptions & { timeoutMs: number },
    handlers: LinkHandlers,
  ): Promise<GdbLink> {
    try {
      return new GdbLink(await Connection.open(address, options), options, handlers);
    } catch (error) {
      if (error instanceof WireError) throw new GdbError(error.kind, error.message);
      throw error;
    }
  }

  request(payload: string, options: RequestOptions = {}): Promise<string> {
    return new Promise((resolve, reject) => {
      if (this.ended !== undefined) return reject(this.ended);
      const deadlineMs = performance.now() + (options.timeoutMs ?? this.timeoutMs);
      const packet = `+${encodePacket(payload)}`;
      const what = payload.length > 40 ? `${payload.slice(0, 40)}…` : payload;
      this.queue.push({ packet, what, deadlineMs, options, resolve, reject });
      this.waits.begin();
      this.send(packet);
      if (this.queue.length === 1) this.armTimer();
    });
  }

  /** For `c` and its kind, which have no answer of their own. It leaves now, before what the caller does next. */
  post(payload: string): void {
    this.sendNow(`+${encodePacket(payload)}`);
  }

  /** Stops a running guest; does nothing to another. */
  breakIn(): void {
    this.sendNow('+\x03'); // L2
  }

  close(error: GdbError): Promise<void> {
    this.end(error);
    return this.connection.close();
  }

  private send(bytes: string): void {
    if (this.unsent === '') queueMicrotask(() => this.flush());
    this.unsent += bytes;
    this.connection.log('-->', bytes);
  }

  private sendNow(bytes: string): void {
    if (this.ended !== undefined) return;
    this.send(bytes);
    this.flush();
  }

  private flush(): void {
    if (this.unsent === '') return; // sent by sendNow meanwhile
    const bytes = this.unsent;
    this.unsent = '';
    if (this.ended === undefined) this.connection.write(Buffer.from(`+${bytes}`, 'latin1')); // L2
  }

  private armTimer(): void {
    clearTimeout(this.timer);
    const head = this.queue[0];
    if (head === undefined) return;
    const leftMs = Math.max(0, Math.ceil(head.deadlineMs - performance.now()));
    this.timer = setTimeout(() => this.expire(head), leftMs);
  }

  private expire(head: Pending): void {
    if (this.noise !== '' && !this.answered) {
      this.foreign();
      return;
    }
    const hint = this.answered ? '' : '; is another debugger connected to it?';
    const after = head.options.timeoutMs ?? this.timeoutMs;
    void this.close(
      new GdbError('timeout', `${this.name} did not answer ${head.what} within ${after} ms${hint}`),
    );
  }

  private receive(chunk: Uint8Array): void {
    for (const item of this.decoder.push(chunk)) {
      if (this.ended !== undefined) return;
      this.take(item);
    }
  }

  private take(item: WireItem): void {
    switch (item.kind) {
      case 'packet':
        this.takePacket(item.payload);
        break;
      case 'noise':
        this.takeNoise(item.text);
        break;
      case 'damaged':
        this.takeDamage(item.reason);
        break;
      case 'nack':
        this.repeat('our packet did not arrive whole', this.queue[0]?.packet ?? '');
        break;
      case 'ack':
        break; // L2: nothing waits for it
      default:
        assertNever(item);
    }
  }

  private takePacket(payload: string): void {
    this.connection.log('<--', `$${payload}`);
    this.answered = true;
    this.noise = '';
    this.repeats = 0;
    const head = this.queue[0];
    if (isStopReply(payload) && (head?.options.expects !== 'stop' || /^[WX]/.test(payload))) {
      this.takeStop(parseStop(payload)); // L3
    } else if (head === undefined) this.handlers.stray(payload);
    else if (/^O(?!K$)/.test(payload)) this.takeConsole(payload, head);
    else this.answer(head, payload);
  }

  private answer(head: Pending, payload: string): void {
    this.queue.shift();
    this.armTimer();
    this.waits.end();
    head.resolve(payload);
  }

  private takeStop(stop: Stop): void {
    this.handlers.stop(stop);
    if (stop.kind === 'stopped') return;
    const error = new GdbError('exited', `QEMU at ${this.name} exited with status ${stop.status}`);
    void this.close(error);
  }

  private takeConsole(payload: string, head: Pending): void {
    const bytes = bytesOfHex(payload.slice(1));
    if (head.options.console === undefined || bytes === undefined) this.handlers.stray(payload);
    else head.options.console(bytes);
  }

  private takeNoise(text: string): void {
    this.connection.log('<--', text);
    this.noise += text;
    if (this.noise.length > (this.answered ? MAX_NOISE_BYTES : RECOGNISABLE_BYTES)) this.foreign();
  }

  private foreign(): void {
    const said = JSON.stringify(this.noise.slice(0, 60));
    void this.close(
      new GdbError('protocol', `${this.name} does not speak gdb's remote protocol; it said ${said}`),
    );
  }

  private takeDamage(reason: string): void {
    this.connection.log('<--', `(${reason})`);
    this.repeat(reason, '-');
  }

  /** L4. `bytes` is what makes the exchange happen again. */
  private repeat(reason: string, bytes: string): void {
    const safe = this.queue.length === 1 && this.queue[0]!.options.console === undefined;
    if (safe && ++this.repeats <= MAX_REPEATS) this.send(bytes);
    else void this.close(new GdbError('protocol', `${this.name}: ${reason}, and it cannot be repeated`));
  }

  private lost(reason: string): void {
    if (this.noise !== '' && !this.answered && this.ended === undefined) this.foreign();
    else this.end(new GdbError('closed', `lost ${this.name}: ${reason}`));
  }

  private end(error: GdbError): void {
    if (this.ended !== undefined) return;
    this.ended = error;
    clearTimeout(this.timer);
    for (const pending of this.queue.splice(0)) {
      this.waits.end();
      pending.reject(error);
    }
    this.handlers.end(error);
  }
}
