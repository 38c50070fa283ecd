import { openUtf8 } from '../../data/csv/encoding.ts';
import { CsvFile } from '../../data/csv/reader.ts';
import {
  asTiebreakError,
  type PlainError,
  TiebreakError,
  throwIfAborted,
} from '../../domain/errors.ts';
import { effectiveSettings, type Reading } from '../../domain/reading.ts';
import type { RunSettings } from '../../domain/settings.ts';
import { isMemoryFailure } from '../../engine/device/memory-failure.ts';
import { type Call, LatestCall } from '../../rpc/latest.ts';
import { BlobSource } from '../../storage/byte-source.ts';
import { sha256 } from '../../storage/hash.ts';
import type { SeenText } from '../../tokens/seen.ts';
import type { RunEvent, RunSummary } from '../events.ts';
import type { RunArchive, StoredRun } from '../journal/run-archive.ts';
import type { RunNotes } from '../journal/run-notes.ts';
import type { Remedy, RunSession } from '../journal/run-session.ts';
import { journalHeader, openSession } from '../journal/start-journal.ts';
import type { LoadProgress, ModelInfo, ModelRequest } from '../lanes/model-request.ts';
import type { ModelLane, ModelStarters } from '../lanes/start-lanes.ts';
import { guessLengths, surveyLengths } from '../rows/batches.ts';
import { PauseGate, untilAborted } from '../rows/pause.ts';
import type { CsvSummary, MissingRows } from '../rows/row-events.ts';
import type { RowTexts } from '../rows/row-index.ts';
import { RowIndex } from '../rows/row-index.ts';
import { engineRecord, Run } from '../run.ts';
import type { Foreseen, Planned, RunWorkerApi, StartRequest } from './api.ts';
import { EventBuffer } from './event-buffer.ts';
import type { Explored, ExploreRequest, TokensRequest } from './explore-api.ts';
import { ExploreService } from './explore-service.ts';
import { ModelSlot } from './model-slot.ts';

/** Implements {@link RunWorkerApi}. Nothing in it depends on being in a worker, so tests call it directly. */
export class RunService implements RunWorkerApi {
  private readonly model: ModelSlot;
  private readonly explorer: ExploreService;
  private csv: CsvFile | undefined;
  private index: RowIndex | undefined;
  private run: Run | undefined;
  /** The call that is reading a new file; undefined if none is. */
  private opening: Call | undefined;
  private readonly openings = new LatestCall();
  private abort = new AbortController();
  private readonly runs: RunArchive | null;
  private gate = new PauseGate();
  /** Passes on the user's answer while the run rests because the journal cannot be written; else null. */
  private remedy: ((remedy: Remedy) => void) | null = null;

  /** @param runs stores runs; null if none are stored. */
  constructor(starters: ModelStarters, runs: RunArchive | null = null) {
    this.model = new ModelSlot(starters);
    this.explorer = new ExploreService(this.model);
    this.runs = runs;
  }

  async loadModel(
    request: ModelRequest,
    onProgress: (progress: LoadProgress) => void,
  ): Promise<ModelInfo> {
    return this.model.load(request, onProgress, this.abort.signal);
  }

  async planModel(request: ModelRequest, adapters?: (string | null)[]): Promise<Planned> {
    return this.model.planned(request, adapters);
  }

  async openCsv(
    file: File,
    settings: RunSettings,
    onEvents: (events: RunEvent[]) => void,
  ): Promise<CsvSummary> {
    const opening = this.openings.begin();
    this.opening = opening;
    const signal = AbortSignal.any([this.abort.signal, opening.signal]);
    try {
      const csv = await CsvFile.open(new BlobSource(file.name, file));
      const index = await readIndex(csv, settings, this.model.reading, onEvents, signal);
      throwIfAborted(signal);
      this.csv = csv;
      this.index = index;
      this.run = undefined;
      return index.summary();
    } finally {
      if (opening.isLatest) this.opening = undefined;
    }
  }

  start(request: StartRequest, onEvents: (events: RunEvent[]) => void): Promise<RunSummary> {
    return this.explorer.duringRun(() => this.score(request, onEvents));
  }

  async foresee(asked: RunSettings): Promise<Foreseen> {
    const { reading } = this.model;
    const settings = effectiveSettings(asked, reading);
    const { csv } = this;
    let { index } = this;
    if (index === undefined) throw new TiebreakError('run/not-ready:file');
    // A model that needs other texts may have been loaded after the file was read.
    if (index.reading !== reading) {
      index = await readIndex(csv!, settings, reading, () => {}, this.abort.signal);
      // Another file may have been opened meanwhile.
      if (this.csv === csv) this.index = index;
    }
    const guess = guessLengths(index, settings);
    const pool = this.model.tokenizers();
    await surveyLengths(guess, { index, pool, settings, signal: this.abort.signal });
    const { tokens, squares } = guess.left;
    // The index may have been read without the swapped order that a run would add, or with one that it would not use.
    const orders = (settings.tta ? 2 : 1) / (index.tta ? 2 : 1);
    return { tokens: Math.round(orders * tokens), squares: orders * squares };
  }

  private async score(
    { adapters, settings: asked, journal, batchTokens: wantedTokens, knownCost }: StartRequest,
    onEvents: (events: RunEvent[]) => void,
  ): Promise<RunSummary> {
    const { signal } = this.abort;
    if (this.csv === undefined) throw new TiebreakError('run/not-ready:file');
    const { lane, pool, request } = await this.model.ready(signal);
    const { reading } = lane.info;
    const settings = effectiveSettings(asked, reading);
    const planned = await this.model.planRun(adapters, settings.maxLength);
    const batchTokens = wantedTokens ?? planned ?? undefined;
    await lane.setAdapters(adapters);
    const events = new EventBuffer(onEvents);
    const lanes = [lane, ...(await this.others(adapters, signal, events))];
    const isFitting =
      this.index?.textMode === settings.textMode &&
      this.index.tta === settings.tta &&
      this.index.reading === reading;
    if (!isFitting) this.index = await readIndex(this.csv, settings, reading, onEvents, signal);
    const index = this.index!;
    const rest = (error: PlainError | null) => {
      events.rest(error);
      events.flush();
    };
    // Dropped files cannot be found again after a reload.
    const source = request.source.kind === 'files' ? null : request.source;
    const gate = new PauseGate(() => rest(null));
    this.gate = gate;
    const session = await openSession(this.runs, journal, {
      header: journalHeader(index, lane.model, adapters, settings, source),
      engine: engineRecord(lanes, batchTokens),
      onTrouble: async (error) => {
        gate.pause(true);
        rest(error.toPlain());
        try {
          const answer = new Promise<Remedy>((resolve) => {
            this.remedy = resolve;
          });
          const remedy = await untilAborted(answer, signal);
          if (remedy === 'without') events.unjournaled(error.toPlain());
          return remedy;
        } catch {
          return 'without'; // the run was cancelled; its results stay in memory
        } finally {
          this.remedy = null;
          gate.resume();
        }
      },
      onUnjournaled: (error) => events.unjournaled(error.toPlain()),
    });
    const run = new Run({
      index,
      lanes,
      pool,
      settings,
      plan: session?.plan,
      batchTokens,
      knownCost,
      previous: session?.previous,
      journal: session ?? undefined,
      gate,
      signal,
      onResults: (event) => events.add(event),
      onProgress: (progress) => events.progress(progress),
      onIncident: (incident) => events.incident(incident),
    });
    this.run = run;
    try {
      for (const event of run.restore()) events.add(event);
      return { ...(await run.score()), ...enginesOf(session) };
    } finally {
      events.flush();
      const isSaved = session?.journaled === true;
      await session?.close();
      if (isSaved && journal !== undefined) await this.runs?.ended(journal.id);
    }
  }

  /** Further lanes with these adapters. One that fails is left out of this run, and an incident reports it. */
  private async others(
    adapters: (string | null)[],
    signal: AbortSignal,
    events: EventBuffer,
  ): Promise<ModelLane[]> {
    const usable: ModelLane[] = [];
    const unusable = ({ info }: ModelLane, error: TiebreakError) =>
      events.incident({
        time: Date.now(),
        lane: null,
        place: info.place,
        computesOn: info.computesOn,
        error: error.toPlain(),
        memory: isMemoryFailure(error),
        rows: 0,
        action: 'end',
      });
    for (const other of await this.model.readyOthers(signal, unusable)) {
      try {
        await other.setAdapters(adapters);
        usable.push(other);
      } catch (thrown) {
        throwIfAborted(signal);
        // The lane has unknown adapters now, so it is closed, and the next run restarts it.
        other.close();
        unusable(other, asTiebreakError(thrown));
      }
    }
    return usable;
  }

  async pause(): Promise<void> {
    this.gate.pause();
  }

  async resume(remedy: Remedy = 'retry'): Promise<void> {
    if (this.remedy !== null) this.remedy(remedy);
    else this.gate.resume();
  }

  async explore(request: ExploreRequest): Promise<Explored> {
    return this.explorer.score(request);
  }

  async stopExploring(): Promise<void> {
    this.explorer.stop();
  }

  async readTokens(request: TokensRequest): Promise<SeenText> {
    return this.explorer.tokens(request);
  }

  async listRuns(): Promise<StoredRun[]> {
    return this.runs?.list() ?? [];
  }

  async removeRun(id: string): Promise<void> {
    return this.runs?.remove(id);
  }

  async noteRun(id: string, change: RunNotes): Promise<void> {
    return this.runs?.note(id, change);
  }

  async exportRun(id: string): Promise<Blob> {
    if (this.runs === null) throw new TiebreakError('run/not-ready:run');
    return new Blob([await this.runs.journal(id)]);
  }

  async hashCsv(file: File): Promise<string> {
    const { source } = await openUtf8(new BlobSource(file.name, file));
    return sha256(source);
  }

  async cancel(): Promise<void> {
    this.abort.abort();
    this.abort = new AbortController();
  }

  async exportCsv(missingRows: MissingRows): Promise<Blob> {
    if (this.run === undefined) throw new TiebreakError('run/not-ready:result');
    return new Blob(this.run.results.csv(missingRows), { type: 'text/csv' });
  }

  async readRow(row: number): Promise<RowTexts> {
    const { index, opening } = this;
    // The page already shows rows of the new file, but `index` is still that of the previous one.
    if (opening !== undefined) throw new TiebreakError('run/not-ready:reading');
    if (index === undefined || row < 0 || row >= index.length) {
      throw new TiebreakError('run/not-ready:row');
    }
    return index.texts(row);
  }
}

/** The engines of a continued run, which only its journal knows; nothing for a new run. */
function enginesOf(session: RunSession | null): Partial<RunSummary> {
  return session === null || session.previous.length === 0
    ? {}
    : { engine: session.engine, others: session.others, earlier: session.earlier };
}

async function readIndex(
  file: CsvFile,
  asked: RunSettings,
  reading: Reading,
  onEvents: (events: RunEvent[]) => void,
  signal: AbortSignal,
): Promise<RowIndex> {
  const { textMode, tta } = effectiveSettings(asked, reading);
  const events = new EventBuffer(onEvents);
  let rows = 0;
  try {
    return await RowIndex.read(file, {
      textMode,
      tta,
      reading,
      signal,
      onRows: (event) => {
        rows = event.first + event.ids.length;
        events.add(event);
      },
      onBytes: (bytes) => events.reading({ bytes, totalBytes: file.source.size, rows }),
    });
  } finally {
    events.flush();
  }
}
