import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { isSoftware } from '../../src/engine/device/gpus.ts';
import type { Card, Way } from './cards.ts';
import { memoryUsed, startProcess } from './cards.ts';
import { Link } from './link.ts';
import type { Report } from './report.ts';

const PROBE_BYTES = 3 * 2 ** 30;
const SOFTWARE_BYTES = 2 ** 20;
/** Bytes in use that distinguish a requested device from one that the driver merely opened. */
const MUCH_BYTES = 2 ** 31;

/** A process's report about the cards that it finds. */
interface Seen {
  adapters: number;
  name: string;
}

/**
 * Answers each request by opening a device with these variables and allocating memory on it, until the process ends.
 */
export function serveProbe(): void {
  const held: unknown[] = [];
  const link = new Link(process);
  link.answers(async (variables): Promise<Seen | string> => {
    try {
      for (const [name, value] of Object.entries(variables as object)) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
      const { create, globals } = await import('webgpu');
      Object.assign(globalThis, globals);
      // A name that no card has makes Dawn list all of them.
      const lister = create(['adapter=no such card']);
      const refused = lister.requestAdapter();
      const list = await refused.then(
        () => '',
        (error: unknown) => String(error),
      );
      const gpu = create([]);
      // A driver may crash at the end of an instance, which comes when one is garbage-collected.
      held.push(lister, gpu);
      const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
      if (adapter === null) return 'no adapter';
      const { maxBufferSize } = adapter.limits;
      const software = isSoftware(adapter.info);
      const size = Math.min(maxBufferSize, software ? SOFTWARE_BYTES : PROBE_BYTES);
      const device = await adapter.requestDevice({ requiredLimits: { maxBufferSize } });
      const buffer = device.createBuffer({ size, usage: GPUBufferUsage.COPY_DST });
      const encoder = device.createCommandEncoder();
      encoder.clearBuffer(buffer);
      device.queue.submit([encoder.finish()]);
      await device.queue.onSubmittedWorkDone();
      held.push(device, buffer);
      const { description } = adapter.info;
      return { adapters: list.split("name: '").length - 1, name: description };
    } catch (thrown) {
      return String(thrown);
    }
  });
}

/**
 * Tries ways to give a process one of several equal cards, and reports the outcome of each.
 * @returns the first way that gives each card; null if none does. If memory cannot prove it, a way by which each
 * process saw one card.
 */
export async function chooseWay(
  report: Report,
  ways: readonly Way[],
  cards: readonly Card[],
): Promise<Way | null> {
  for (const found of (await tryWay(null, cards.slice(0, 1))).lines) {
    report.result(`without a choice: ${found}`);
  }
  let proved: Way | null = null;
  let alone: Way | null = null;
  for (const way of ways) {
    const tried = await tryWay(way, cards);
    for (const found of tried.lines) report.result(`told apart by ${way.name}: ${found}`);
    if (tried.works) proved ??= way;
    if (tried.alone) alone ??= way;
    if (!tried.works || way.variables === undefined) continue;
    const inOne = await tryInOneProcess(way, cards);
    for (const found of inOne) report.result(`in one process by ${way.name}: ${found}`);
  }
  const chosen = proved ?? alone;
  report.result(
    `the lanes use: ${chosen?.name ?? 'no way works'}${proved === null ? ' (not proved by memory)' : ''}`,
  );
  return chosen;
}

/**
 * Tries a way for every card, to check that a process allocates memory on the wanted card only.
 * @returns two booleans (true if all did; true if each process saw one card) and a line for each card.
 */
async function tryWay(
  way: Way | null,
  cards: readonly Card[],
): Promise<{ works: boolean; alone: boolean; lines: string[] }> {
  const lines: string[] = [];
  let works = true;
  let alone = true;
  for (const card of cards) {
    const before = memoryUsed();
    const { seen, end } = await probe(way, card, cards);
    const grew = growth(before, memoryUsed());
    await end();
    const right = isSeen(seen) && only(card, grew);
    works &&= right;
    alone &&= isSeen(seen) && seen.adapters === 1;
    lines.push(line(seen, card, grew, right));
  }
  return { works, alone, lines };
}

/** Tries the same in one process that sets variables before each device. @returns a line for each card. */
async function tryInOneProcess(way: Way, cards: readonly Card[]): Promise<string[]> {
  const lines: string[] = [];
  const child = startProcess('probe', null, cards[0]!, cards);
  const link = new Link(child);
  for (const card of cards) {
    const before = memoryUsed();
    const seen = (await answer(link, child, way.variables!(card))) as Seen | string;
    const grew = growth(before, memoryUsed());
    lines.push(line(seen, card, grew, isSeen(seen) && only(card, grew)));
  }
  child.kill('SIGKILL');
  return lines;
}

async function probe(way: Way | null, card: Card, cards: readonly Card[]) {
  const child = startProcess('probe', way, card, cards);
  const seen = (await answer(new Link(child), child, {})) as Seen | string;
  const end = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    await sleep(300); // the driver frees what it held
  };
  return { seen, end };
}

/** The answer of a process, or the reason why there is none. */
function answer(link: Link, child: ReturnType<typeof startProcess>, question: object) {
  return Promise.race([
    link.ask(question),
    new Promise<string>((resolve) => {
      child.once('exit', (code, signal) => resolve(`it ended with ${code ?? signal}`));
      child.once('error', (error) => resolve(error.message));
      setTimeout(() => resolve('no answer in 40 s'), 40_000).unref();
    }),
  ]);
}

function isSeen(seen: Seen | string): seen is Seen {
  return typeof seen === 'object';
}

function growth(before: number[] | null, after: number[] | null): number[] | null {
  return before === null ? null : (after?.map((used, i) => used - before[i]!) ?? null);
}

/** True if the memory in use grew on this card and on no other, or if it is unknown. */
function only(card: Card, grew: number[] | null): boolean {
  return grew?.every((bytes, i) => bytes > MUCH_BYTES === (i === card.index)) ?? true;
}

function line(seen: Seen | string, card: Card, grew: number[] | null, right: boolean): string {
  const found = isSeen(seen) ? `${seen.adapters} adapters seen, took ${seen.name}` : seen;
  const text = grew?.map((bytes) => (bytes / 2 ** 20).toFixed(0)).join(', ') ?? 'not told';
  return `card ${card.index}: ${found.slice(0, 300)}; memory in use grew by ${text} MiB: ${right ? 'right' : 'WRONG'}`;
}
