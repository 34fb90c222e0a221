/**
 * A client of QMP, QEMU's machine protocol: commands by number, events, the human monitor.
 *
 *   {"QMP": …}                              greeting; until `qmp_capabilities` QEMU takes nothing else
 *   {"execute": …, "arguments": …, "id": n} a command
 *   {"return": …, "id": n}                  its answer; or {"error": {"class", "desc"}, "id": n}
 *   {"event": …, "timestamp": …}            at any time, also between a command and its answer
 *
 * QEMU answers whether the guest runs or not, and never stops it for a question. Answers carry the number of their
 * command, so one that comes after its time-out is recognised and dropped. Integers are exact (base/exact-json.ts):
 * QEMU's are signed, so an address from 2^63 on is passed as `BigInt.asIntN(64, address)`. Every wait has a time-out, and
 * while one lasts the `drain` of the options is held: QEMU answers nobody while its log pipe is full.
 */
import {
  type JsonError,
  type JsonObject,
  type JsonValue,
  parseExactJson,
  printExactJson,
} from '../base/exact-json.ts';
import {
  Connection,
  DEFAULT_TIMEOUT_MS,
  WaitCount,
  WireError,
  type WireOptions,
} from '../wire/connection.ts';
import { MessageSplitter } from './message-splitter.ts';
import { QmpError } from './qmp-error.ts';

export interface QmpEvent {
  readonly name: string; // STOP, RESUME, SHUTDOWN, RESET, GUEST_PANICKED …
  readonly data: JsonObject;
  readonly timestampNs: bigint | undefined; // of the host, since 1970; absent when QEMU does not know it
}

export interface QmpOptions extends WireOptions {
  readonly onEvent?: (event: QmpEvent) => void;
  /** Once, when the connection ends: by us, by QEMU or by an error. */
  readonly onEnd?: (error: QmpError) => void;
}

export interface ExecuteOptions {
  readonly timeoutMs?: number;
}

interface Pending {
  readonly what: string;
  readonly resolve: (message: JsonObject) => void;
  readonly reject: (error: QmpError) => void;
}

const GREETING = 'greeting';

export class QmpClient {
  /** QEMU's version, "7.2.22". */
  version = '';
  readonly name: string; // the address, for messages
  private readonly connection: Connection;
  private readonly options: QmpOptions;
  private readonly timeoutMs: number;
  private readonly waits: WaitCount;
  private readonly splitter = new MessageSplitter();
  private readonly pending = new Map<number | typeof GREETING, Pending>();
  private nextId = 1;
  private endedBy: QmpError | undefined;

  private constructor(connection: Connection, options: QmpOptions) {
    this.name = connection.name;
    this.connection = connection;
    this.options = options;
    this.timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.waits = new WaitCount(options.drain);
  }

  /** `address` as in wire/address.ts. Afterwards commands can be given. */
  static async connect(address: string, options: QmpOptions = {}): Promise<QmpClient> {
    const client = new QmpClient(await open(address, options), options);
    try {
      await client.greet();
    } catch (error) {
      await client.close();
      throw error;
    }
    return client;
  }

  /** What the command returns. Rejects with kind 'error-reply' and QEMU's words when it is refused. */
  async execute(name: string, args?: JsonObject, options: ExecuteOptions = {}): Promise<JsonValue> {
    const id = this.nextId++;
    const timeoutMs = options.timeoutMs ?? this.timeoutMs;
    const answer = this.expect(id, name, timeoutMs, `did not answer ${name} within ${timeoutMs} ms`);
    const command = args === undefined ? { execute: name, id } : { execute: name, arguments: args, id };
    this.send(printExactJson(command));
    const message = await answer;
    return message['error'] === undefined ? (message['return'] ?? null) : refuse(name, message['error']);
  }

  /** A command of the human monitor → what it prints; it reports its own errors in that text. */
  async hmp(commandLine: string, options: ExecuteOptions & { readonly cpu?: number } = {}): Promise<string> {
    const args = {
      'command-line': commandLine,
      ...(options.cpu === undefined ? {} : { 'cpu-index': options.cpu }),
    };
    const text = await this.execute('human-monitor-command', args, options);
    if (typeof text !== 'string')
      throw new QmpError('protocol', `${this.name} answered '${commandLine}' without text`);
    return text.replaceAll('\r\n', '\n');
  }

  /** Ends the connection; what is under way is rejected. May be called again. */
  close(): Promise<void> {
    return this.fail(new QmpError('closed', `the connection to ${this.name} was closed by us`));
  }

  private async greet(): Promise<void> {
    const late = `sent no QMP greeting within ${this.timeoutMs} ms; is another monitor connected to it?`;
    const greeting = this.expect(GREETING, 'the greeting', this.timeoutMs, late);
    this.connection.attach({
      data: (chunk) => this.receive(chunk),
      end: (reason) => void this.fail(new QmpError('closed', `lost ${this.name}: ${reason}`)),
    });
    const { qemu } = member(member((await greeting)['QMP'])['version']);
    this.version = ['major', 'minor', 'micro'].map((part) => member(qemu)[part] ?? '?').join('.');
    await this.execute('qmp_capabilities');
  }

  private send(text: string): void {
    if (this.endedBy !== undefined) return;
    this.connection.log('-->', text);
    this.connection.write(Buffer.from(`${text}\n`, 'utf8'));
  }

  /** The message with this id, or a rejection: in time, or at the end of the connection. */
  private async expect(
    id: number | typeof GREETING,
    what: string,
    timeoutMs: number,
    late: string,
  ): Promise<JsonObject> {
    if (this.endedBy !== undefined) throw this.endedBy;
    let timer: NodeJS.Timeout | undefined;
    this.waits.begin();
    try {
      return await new Promise<JsonObject>((resolve, reject) => {
        this.pending.set(id, { what, resolve, reject });
        timer = setTimeout(() => reject(new QmpError('timeout', `${this.name} ${late}`)), timeoutMs);
      });
    } finally {
      clearTimeout(timer);
      this.pending.delete(id);
      this.waits.end();
    }
  }

  private receive(chunk: Uint8Array): void {
    if (this.endedBy !== undefined) return;
    const { messages, error } = this.splitter.push(chunk);
    for (const text of messages) {
      this.connection.log('<--', text);
      if (this.endedBy === undefined) this.takeText(text);
    }
    if (error !== undefined) this.foreign(error);
  }

  private takeText(text: string): void {
    let message: JsonObject;
    try {
      message = member(parseExactJson(text));
    } catch (error) {
      this.foreign((error as JsonError).message);
      return;
    }
    this.take(message);
  }

  private take(message: JsonObject): void {
    const id = message['id'];
    if (message['event'] !== undefined) this.options.onEvent?.(eventOf(message));
    else if (message['QMP'] !== undefined) this.pending.get(GREETING)?.resolve(message);
    else if (typeof id === 'number')
      this.pending.get(id)?.resolve(message); // none waits: it came too late
    else if (this.pending.size === 1) {
      // QEMU could not read what we sent, not even its id; with one command under way it is clear whose it is.
      [...this.pending.values()][0]!.resolve(message);
    }
  }

  private foreign(why: string): void {
    void this.fail(new QmpError('protocol', `${this.name} does not speak QMP: ${why}`));
  }

  private fail(error: QmpError): Promise<void> {
    if (this.endedBy === undefined) {
      this.endedBy = error;
      for (const pending of [...this.pending.values()]) pending.reject(error);
      this.options.onEnd?.(error);
    }
    return this.connection.close();
  }
}

async function open(address: string, options: QmpOptions): Promise<Connection> {
  try {
    return await Connection.open(address, options);
  } catch (error) {
    throw error instanceof WireError ? new QmpError(error.kind, error.message) : error;
  }
}

function refuse(name: string, error: JsonValue): never {
  const reply = member(error);
  const desc = String(reply['desc'] ?? 'no reason given');
  throw new QmpError('error-reply', `QEMU refused ${name}: ${desc}`, {
    class: String(reply['class'] ?? ''),
    desc,
  });
}

/** `{"seconds": s, "microseconds": u}`; QEMU says -1 for a time it could not get. */
function eventOf(message: JsonObject): QmpEvent {
  const { seconds, microseconds } = member(message['timestamp']);
  const known = isInteger(seconds) && isInteger(microseconds) && seconds >= 0 && microseconds >= 0;
  const timestampNs = known ? BigInt(seconds) * 1_000_000_000n + BigInt(microseconds) * 1000n : undefined;
  return { name: String(message['event']), data: member(message['data']), timestampNs };
}

function isInteger(value: JsonValue | undefined): value is number | bigint {
  return typeof value === 'bigint' || Number.isSafeInteger(value);
}

/** The value as an object; an empty one when it is none. */
function member(value: JsonValue | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}
