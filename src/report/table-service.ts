import { CsvFile } from '../data/csv/reader.ts';
import { TiebreakError, throwIfAborted } from '../domain/errors.ts';
import type { TextMode } from '../domain/settings.ts';
import { LatestCall } from '../rpc/latest.ts';
import type { RunsFolder } from '../scoring/journal/run-archive.ts';
import { NO_POST, type PostProcessing } from '../stats/figures/post.ts';
import { type RowPlaces, readTable, type TableFacts } from '../stats/table/read-table.ts';
import type { Table } from '../stats/table/table.ts';
import { BlobSource } from '../storage/byte-source.ts';
import { sha256 } from '../storage/hash.ts';
import type { Choices, RunResults, RunSource, TableWorkerApi, View } from './api.ts';
import { chosenData } from './chosen.ts';
import { exportCsv } from './export.ts';
import { type OtherRun, readKeptRun, readResultsCsv } from './other-run.ts';
import { filterRows, type Query, type QueryData, sortRows } from './query.ts';
import { searchRows } from './search.ts';

/** Least milliseconds between two views of a search. */
const TELL_MS = 150;

interface OpenTable {
  csv: CsvFile;
  textMode: TextMode;
  table: Table;
  places: RowPlaces;
}

/** The methods of the report's table worker. */
export class TableService implements TableWorkerApi {
  private readonly runs: Pick<RunsFolder, 'sink'>;
  private opened: OpenTable | null = null;
  private results: RunResults | null = null;
  private data: QueryData | null = null;
  private post: PostProcessing = NO_POST;
  private opening = new AbortController();
  private readonly finds = new LatestCall();

  /** @param runs the folder of saved runs. */
  constructor(runs: Pick<RunsFolder, 'sink'>) {
    this.runs = runs;
  }

  async open(
    file: File,
    textMode: TextMode,
    onBytes: (bytes: number) => void,
  ): Promise<{ table: Table; facts: TableFacts }> {
    this.opening.abort();
    this.finds.giveUp();
    this.opening = new AbortController();
    const { signal } = this.opening;
    this.opened = null;
    this.results = null;
    this.data = null;
    const csv = await CsvFile.open(new BlobSource(file.name, file));
    const { table, places, facts } = await readTable(csv, { textMode, signal, onBytes });
    throwIfAborted(signal);
    this.opened = { csv, textMode, table, places };
    return { table, facts };
  }

  async setResults(results: RunResults): Promise<void> {
    this.ready();
    this.results = results;
  }

  async choose(choices: Choices): Promise<Float64Array<ArrayBuffer>> {
    const { table } = this.ready();
    if (this.results === null) throw notReady();
    this.finds.giveUp();
    this.data = chosenData(table, this.results, choices);
    this.post = choices.post;
    return this.data.probabilities;
  }

  async find(query: Query, onView: (view: View) => void): Promise<View> {
    const { signal } = this.finds.begin();
    const { csv, places, textMode } = this.ready();
    const { data } = this;
    if (data === null) throw notReady();
    const rows = filterRows(data, query.filters);
    const { text, sort } = query;
    if (text.trim() === '') {
      return { rows: sortRows(data, rows, sort), done: rows.length, total: rows.length };
    }
    const found: number[] = [];
    const view = (done: number): View => ({
      rows: sortRows(data, Uint32Array.from(found), sort),
      done,
      total: rows.length,
    });
    let told = performance.now();
    for await (const piece of searchRows(csv, places, rows, text, { textMode, signal })) {
      found.push(...piece.found);
      // Lets newer calls run.
      await new Promise((resolve) => setTimeout(resolve));
      throwIfAborted(signal);
      if (performance.now() - told < TELL_MS) continue;
      onView(view(piece.done));
      told = performance.now();
    }
    return view(rows.length);
  }

  async stop(): Promise<void> {
    this.finds.giveUp();
  }

  async exportRows(rows: Uint32Array<ArrayBuffer>): Promise<{ csv: Blob; sha256: string }> {
    const { places } = this.ready();
    if (this.data === null) throw notReady();
    const pieces = [...exportCsv(this.data, places.ids, rows, this.post)];
    const csv = new Blob(pieces, { type: 'text/csv' });
    return { csv, sha256: await sha256(new BlobSource('export', csv)) };
  }

  async readOther(other: RunSource): Promise<OtherRun> {
    const { csv, places } = this.ready();
    return 'run' in other
      ? readKeptRun(this.runs, other.run, csv.source, this.opening.signal)
      : readResultsCsv(new BlobSource(other.file.name, other.file), places.ids);
  }

  private ready(): OpenTable {
    if (this.opened === null) throw notReady();
    return this.opened;
  }
}

function notReady(): TiebreakError {
  return new TiebreakError('report/not-ready');
}
