import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One end of a channel between two processes: a child process, or `process` in the child. */
export interface Channel {
  send?(message: object): unknown;
  on(event: 'message', listener: (message: unknown) => void): unknown;
}

/** Bytes above which an array crosses in a file in memory, since a pipe would take several times as long. */
const LARGE_BYTES = 2 ** 20;
const FOLDER = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
const TYPES = { Int32Array, Uint32Array, Float32Array, Float64Array };

interface LargeArray {
  inFile: string;
  type: keyof typeof TYPES;
}

type Message =
  | { kind: 'message'; data: unknown }
  | { kind: 'port'; port: number; data: unknown }
  | { kind: 'ask' | 'answer'; id: number; data: unknown };

/**
 * A channel between processes with the events of a Web Worker, so that Comlink and the lanes of the page work over it.
 * Large arrays and message ports cross too; arrays are copied, since no memory is shared.
 */
export class Link {
  private readonly channel: Channel;
  private readonly listeners = new Set<(event: MessageEvent) => void>();
  private readonly ports = new Map<number, MessagePort>();
  private readonly waiting = new Map<number, (answer: unknown) => void>();
  private answerer: (question: unknown) => Promise<unknown> = async () => undefined;
  private count = 0;

  constructor(channel: Channel) {
    this.channel = channel;
    channel.on('message', (message) => this.take(message as Message));
  }

  postMessage(data: unknown): void {
    this.send({ kind: 'message', data });
  }

  addEventListener(type: string, listener: unknown): void {
    if (type === 'message') this.listeners.add(listener as (event: MessageEvent) => void);
  }

  removeEventListener(type: string, listener: unknown): void {
    if (type === 'message') this.listeners.delete(listener as (event: MessageEvent) => void);
  }

  /** Sends a request to the other end, beside the messages. It never settles if the other end is gone. */
  ask(question: unknown): Promise<unknown> {
    this.count += 1;
    const id = this.count;
    const answer = new Promise((resolve) => this.waiting.set(id, resolve));
    this.send({ kind: 'ask', id, data: question });
    return answer;
  }

  /** Sets the function that answers requests of the other end. */
  answers(answerer: (question: unknown) => Promise<unknown>): void {
    this.answerer = answerer;
  }

  private send(message: Message): void {
    this.channel.send?.({ ...message, data: this.pack(message.data) });
  }

  private take(message: Message): void {
    const data = this.unpack(message.data);
    if (message.kind === 'message') {
      for (const listener of this.listeners) listener({ data } as MessageEvent);
    } else if (message.kind === 'port') this.ports.get(message.port)?.postMessage(data);
    else if (message.kind === 'answer') {
      this.waiting.get(message.id)?.(data);
      this.waiting.delete(message.id);
    } else {
      const { id } = message;
      void this.answerer(data).then((answer) => this.send({ kind: 'answer', id, data: answer }));
    }
  }

  private pack(value: unknown): unknown {
    if (ArrayBuffer.isView(value) && value.byteLength > LARGE_BYTES) {
      this.count += 1;
      const inFile = join(FOLDER, `tiebreak-${process.pid}-${this.count}`);
      writeFileSync(inFile, value as Uint8Array);
      return { inFile, type: value.constructor.name } as LargeArray;
    }
    if (value instanceof MessagePort) {
      this.count += 1;
      // Both ends number their ports, so each uses its own half of the numbers.
      const port = 2 * this.count + (this.channel === process ? 1 : 0);
      this.join(port, value);
      return { port };
    }
    return mapped(value, (part) => this.pack(part));
  }

  private unpack(value: unknown): unknown {
    if (typeof value === 'object' && value !== null && 'inFile' in value) {
      const { inFile, type } = value as LargeArray;
      const { buffer, byteOffset, byteLength } = readFileSync(inFile);
      rmSync(inFile);
      const Type = TYPES[type];
      return new Type(buffer as ArrayBuffer, byteOffset, byteLength / Type.BYTES_PER_ELEMENT);
    }
    if (typeof value === 'object' && value !== null && 'port' in value) {
      const { port1, port2 } = new MessageChannel();
      this.join(value.port as number, port2);
      return port1;
    }
    return mapped(value, (part) => this.unpack(part));
  }

  private join(number: number, port: MessagePort): void {
    this.ports.set(number, port);
    port.onmessage = ({ data }) => this.send({ kind: 'port', port: number, data });
  }
}

/** Applies a function to the parts of a plain object or array; returns anything else unchanged. */
function mapped(value: unknown, map: (part: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map(map);
  if (typeof value !== 'object' || value === null) return value;
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value as object).map(([key, part]) => [key, map(part)]));
}
