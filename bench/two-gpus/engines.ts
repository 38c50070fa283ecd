import type { ChildProcess } from 'node:child_process';
import type { FoundGpu } from '../../src/engine/device/gpus.ts';
import { planModel } from '../../src/engine/model-plan.ts';
import { plannedAdapter, plannedModel } from '../../src/engine/planning/planned-model.ts';
import { ModelPackage } from '../../src/model/package.ts';
import type { WorkerLike } from '../../src/rpc/remote.ts';
import { EngineLane } from '../../src/scoring/lanes/engine-lane.ts';
import { budgetOf } from '../../src/scoring/lanes/gpu-budget.ts';
import type { LoadProgress, ModelRequest } from '../../src/scoring/lanes/model-request.ts';
import { type PartLane, SplitLane } from '../../src/scoring/lanes/split-lane.ts';
import { LaneStarter, type StartedPlan } from '../../src/scoring/lanes/start-lanes.ts';
import { NodeDirectory } from '../../src/storage/node-file.ts';
import { type Card, startProcess, type Way } from './cards.ts';
import type { Question, Trace } from './engine-process.ts';
import { Link } from './link.ts';

/** The passage of a part through two cards, in milliseconds since 1970, as seen by the lanes' process. */
export interface Crossing {
  asked: number;
  given: number;
  handed: number;
  done: number;
}

/** The engines of a machine: a process for each card, behind the lanes of the page. */
export class Engines {
  /** Lost cards: a process started for one ends at once. */
  readonly gone = new Set<number>();
  readonly crossings: Crossing[] = [];
  private readonly way: Way;
  private readonly cards: readonly Card[];
  private readonly processes = new Map<number, { child: ChildProcess; link: Link }>();
  private gpus: FoundGpu[] = [];

  constructor(way: Way, cards: readonly Card[]) {
    this.way = way;
    this.cards = cards;
  }

  /** The GPUs reported by the processes of the cards. Equal cards have equal names. */
  async find(): Promise<FoundGpu[]> {
    const found: FoundGpu[] = [];
    for (const card of this.cards) {
      const worker = this.worker(card.index);
      const [gpu] = (await this.ask(card.index, 'gpus')) as FoundGpu[];
      if (gpu === undefined) throw new Error(`card ${card.index} is not found`);
      found.push(gpu);
      worker.terminate();
    }
    this.gpus = found;
    return found;
  }

  /** Budgets that limit every GPU to this many bytes. */
  boundEach(bytes: number): Record<string, number> {
    return Object.fromEntries(this.gpus.map(({ name }) => [name, bytes]));
  }

  /** Starts lanes as the page does, planned for their budgets. */
  async start(directory: string, wanted: Partial<ModelRequest>): Promise<StartedPlan> {
    const pkg = await ModelPackage.open(new NodeDirectory(directory));
    const model = await plannedModel(pkg, [pkg.adapterNames[0] ?? null], (name) =>
      plannedAdapter(pkg, name),
    );
    const starter = new LaneStarter({
      lane: (request, onProgress, signal) => {
        const { split } = request;
        if (split === undefined) return this.startEngine(request, onProgress, signal);
        return SplitLane.start(request, split, onProgress, signal, (part, progress, both) =>
          this.startPart(part, progress, both),
        );
      },
      pool: () => Promise.reject(new Error('lanes have no tokenizer')),
      gpus: async () => this.gpus,
      plan: async (request, gpus) => {
        const { lanes, maxLength = 2048 } = request;
        const budgets = gpus.map((gpu) => budgetOf(request, gpu));
        return planModel({ model, gpus, lanes, budgets, maxLength });
      },
    });
    const source = { kind: 'stored', id: directory, name: directory } as const;
    const request: ModelRequest = { source, device: 'webgpu', ...wanted };
    return starter.start(request, () => {}, new AbortController().signal);
  }

  ask(card: number, question: Question): Promise<unknown> {
    return this.processes.get(card)!.link.ask(question);
  }

  /** Sends the same request to every card. */
  askAll(question: Question): Promise<unknown[]> {
    return Promise.all([...this.processes.keys()].sort().map((card) => this.ask(card, question)));
  }

  /** Drops the activity recorded so far. */
  async reset(): Promise<void> {
    await this.askAll('reset');
    this.crossings.length = 0;
  }

  /** The activity of each card since {@link Engines.reset}. */
  async traces(): Promise<Trace[]> {
    return (await this.askAll('trace')) as Trace[];
  }

  kill(card: number): void {
    this.processes.get(card)!.child.kill('SIGKILL');
  }

  close(): void {
    for (const { child } of this.processes.values()) child.kill('SIGKILL');
  }

  private startEngine(
    request: ModelRequest,
    onProgress: (progress: LoadProgress) => void,
    signal?: AbortSignal,
  ): Promise<EngineLane> {
    const card = Math.max(0, this.gpus.indexOf(request.gpu!));
    const create = () => this.worker(card) as Worker;
    return EngineLane.start(request, onProgress, signal, create);
  }

  /** A half of a split lane, whose calls are recorded. */
  private async startPart(
    request: ModelRequest,
    onProgress: (progress: LoadProgress) => void,
    signal?: AbortSignal,
  ): Promise<PartLane> {
    const lane = await this.startEngine(request, onProgress, signal);
    const now = () => performance.timeOrigin + performance.now();
    const { hiddenAfter, logitsAfter } = lane;
    const { crossings } = this;
    lane.hiddenAfter = async (...args) => {
      const asked = now();
      const hidden = await hiddenAfter.apply(lane, args);
      crossings.push({ asked, given: now(), handed: 0, done: 0 });
      return hidden;
    };
    lane.logitsAfter = async (...args) => {
      const crossing = crossings.find(({ handed }) => handed === 0);
      if (crossing !== undefined) crossing.handed = now();
      const logits = await logitsAfter.apply(lane, args);
      if (crossing !== undefined) crossing.done = now();
      return logits;
    };
    return lane;
  }

  private worker(card: number): WorkerLike {
    const gone = this.gone.has(card);
    const child = startProcess(gone ? 'gone' : 'engine', this.way, this.cards[card]!, this.cards);
    const link = new Link(child);
    this.processes.set(card, { child, link });
    let ended = false;
    return {
      postMessage: (message: unknown) => link.postMessage(message),
      addEventListener(type: string, listener: (event: unknown) => void) {
        if (type !== 'error') return link.addEventListener(type, listener);
        const died = (message: string) => {
          if (!ended) listener({ message, preventDefault: () => {} });
          ended = true;
        };
        child.on('error', ({ message }) => died(message));
        child.on('exit', (code, signal) => died(`its process ended with ${code ?? signal}`));
      },
      removeEventListener: (type: string, listener: unknown) =>
        link.removeEventListener(type, listener),
      terminate() {
        ended = true;
        child.kill('SIGKILL');
      },
    } as WorkerLike;
  }
}
