import * as v from 'valibot';
import { TiebreakError } from '../../domain/errors.ts';
import { MAX_LENGTH_RANGE } from '../../domain/settings.ts';
import type { EngineInfo } from '../../engine/engine.ts';
import { joinBytes } from '../../storage/bytes.ts';
import { crc32 } from '../../storage/crc32.ts';
import type { BatchRecord } from '../rows/batch-record.ts';
import type { BatchPlan } from '../rows/batches.ts';
import { placeOfId } from './place-of-id.ts';

/*
 * The journal of a run: what it computes, and every batch that is finished. A file that only grows:
 *
 *   tiebreak-journal 2 <check> <JSON of JournalHeader>\n
 *   frames: kind (1 byte), bytes of content (4), content, check (4); numbers little-endian
 *
 * A check is the CRC-32 of everything before it, so a frame that is torn, flipped, moved or repeated is found, and all
 * before it is kept. Content of a batch: seconds (float64), finished rows (4), then for each sequence 32 bytes: three
 * float64, position of the sequence (4), tokens shifted left by one with "truncated" as last bit (4). Where the run has
 * several adapters their logits follow, float32 [adapters, sequences, 3]: 12 bytes for each adapter of a sequence. Content
 * of an engine: JSON of EngineRecord; it holds for the batches after it.
 *
 * Version 1 kept only the mean of several adapters. Such a journal stays one to its end.
 */

/** Goes up when the same inputs give other numbers than before: an old journal then cannot be continued. */
export const NUMBERS_VERSION = 2;

const FORMAT = 'tiebreak-journal';
/** Of the format. */
export const JOURNAL_VERSION = 2;
/** `adapters`: a batch with the logits of each adapter. */
const KIND = { engine: 1, batch: 2, adapters: 3 } as const;
const SEQUENCE_BYTES = 32;
/** Of a sequence, for each adapter of several. */
const LOGITS_BYTES = 12;
const BATCH_BYTES = 12;
const FRAME_BYTES = 9;

const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));

const Settings = v.object({
  textMode: v.picklist(['faithful', 'clean']),
  maxLength: v.pipe(whole, v.minValue(MAX_LENGTH_RANGE.min), v.maxValue(MAX_LENGTH_RANGE.max)),
  truncation: v.picklist(['right', 'turns', 'proportional']),
  spread: v.boolean(),
  tta: v.boolean(),
});

const Header = v.object({
  /** {@link NUMBERS_VERSION} */
  numbers: whole,
  /** `rows` can be scored; `sequences` are their different texts. The hash is that of the text in UTF-8. */
  csv: v.object({
    name: v.string(),
    bytes: whole,
    sha256: hash,
    rows: whole,
    sequences: v.pipe(whole, v.maxValue(0xffff_ffff)),
  }),
  /** `sha256` of tiebreak.json, which names the sha256 of every other file. */
  model: v.object({ name: v.string(), sha256: hash }),
  adapters: v.pipe(v.array(v.nullable(v.string())), v.minLength(1)),
  settings: Settings,
  /** ISO 8601 */
  created: v.string(),
  /** Where the model came from, if it can be found there again. Says nothing about what is computed. */
  source: v.nullable(
    v.variant('kind', [
      v.object({ kind: v.literal('url'), url: v.string() }),
      v.object({ kind: v.literal('stored'), id: v.string(), name: v.string() }),
    ]),
  ),
});

const Info = v.looseObject({
  device: v.picklist(['webgpu', 'wasm']),
  /** The id of a place. */
  computesOn: v.string(),
  notices: v.optional(v.array(v.object({ name: v.nullable(v.string()), notice: v.string() }))),
  precision: v.picklist(['float32', 'float16', 'int8']),
  softCap: v.nullable(v.number()),
  // Journals of before our own kernels do not say: it was ONNX Runtime.
  executor: v.optional(v.picklist(['ort', 'wgsl']), 'ort'),
  variant: v.optional(v.nullable(v.string()), null),
});

const Engine = v.object({
  engine: Info,
  others: v.optional(v.array(Info)),
  plan: v.object({
    maxTokens: whole,
    padMultiple: whole,
    maxScoreBytes: v.number(),
    scoreBytesOfOne: v.number(),
    headGroups: v.optional(v.array(whole)),
    sharesPrefixes: v.optional(v.boolean()),
  }),
});

/** What a run computes, and from what. */
export type JournalHeader = v.InferOutput<typeof Header>;

/** What computes the batches that follow, and how they are formed: both change the last digits. */
export interface EngineRecord {
  engine: EngineInfo;
  /** Of further lanes, where there are any. */
  others?: readonly EngineInfo[];
  plan: BatchPlan;
}

/** What every lane of a record computes with. */
export function enginesOf({ engine, others = [] }: EngineRecord): EngineInfo[] {
  return [engine, ...others];
}

/** What a journal says. */
export interface Journal {
  /** Of the format. */
  version: number;
  header: JournalHeader;
  engines: EngineRecord[];
  batches: BatchRecord[];
  /** Bytes that are whole; what lies behind them must be cut off before anything is added. */
  bytes: number;
  /** The last check, which the next frame builds upon. */
  check: number;
}

/** Bytes to be added to a journal, and the check of what it is then. */
export interface Piece {
  bytes: Uint8Array<ArrayBuffer>;
  check: number;
}

/** The beginning of a journal. */
export function encodeHeader(header: JournalHeader): Piece {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const check = crc32(json);
  const line = `${FORMAT} ${JOURNAL_VERSION} ${check.toString(16).padStart(8, '0')} `;
  return { bytes: joinBytes([new TextEncoder().encode(line), json, Uint8Array.of(0x0a)]), check };
}

/** A change of the engine. `check`: that of the journal so far. */
export function encodeEngine(record: EngineRecord, check: number): Piece {
  return frame(KIND.engine, new TextEncoder().encode(JSON.stringify(record)), check);
}

/** A finished batch. `check`: that of the journal so far. */
export function encodeBatch(record: BatchRecord, check: number): Piece {
  const { sequences, probabilities, logits, tokens, truncated } = record;
  const logitsAt = BATCH_BYTES + SEQUENCE_BYTES * sequences.length;
  const content = new Uint8Array(logitsAt + 4 * (logits?.length ?? 0));
  const view = new DataView(content.buffer);
  view.setFloat64(0, record.seconds, true);
  view.setUint32(8, record.rowsDone, true);
  for (const [i, sequence] of sequences.entries()) {
    const at = BATCH_BYTES + SEQUENCE_BYTES * i;
    for (let c = 0; c < 3; c += 1) view.setFloat64(at + 8 * c, probabilities[3 * i + c]!, true);
    view.setUint32(at + 24, sequence, true);
    view.setUint32(at + 28, 2 * tokens[i]! + truncated[i]!, true);
  }
  if (logits === null) return frame(KIND.batch, content, check);
  for (const [i, logit] of logits.entries()) view.setFloat32(logitsAt + 4 * i, logit, true);
  return frame(KIND.adapters, content, check);
}

/**
 * Reads a journal up to the first frame that is not whole.
 * @throws TiebreakError `journal/damaged` when not even its beginning can be read, `journal/version` when a newer app
 *   wrote it.
 */
export function readJournal(bytes: Uint8Array): Journal {
  const journal = readHeader(bytes);
  const seen = new Uint8Array(journal.header.csv.sequences);
  for (;;) {
    const next = readFrame(bytes, journal.bytes, journal.check);
    if (next === null) return journal;
    if (next.kind === KIND.engine) {
      const engine = parse(Engine, next.content);
      if (engine === null) return journal;
      // Beyond what decides anything, it is only shown.
      journal.engines.push(completed(engine as unknown as EngineRecord));
    } else {
      const { adapters } = journal.header;
      const batch =
        next.kind === KIND.batch
          ? readBatch(next.content, 0, seen)
          : next.kind === KIND.adapters
            ? readBatch(next.content, adapters.length, seen)
            : null;
      if (batch === null || journal.engines.length === 0) return journal;
      journal.batches.push(batch);
    }
    journal.bytes = next.end;
    journal.check = next.check;
  }
}

/** Rows that a journal says are finished. */
export function rowsDoneOf({ batches }: Pick<Journal, 'batches'>): number {
  return batches.at(-1)?.rowsDone ?? 0;
}

function readHeader(bytes: Uint8Array): Journal {
  const end = bytes.indexOf(0x0a);
  const line = new TextDecoder().decode(bytes.subarray(0, Math.max(0, end)));
  const [, version, check, json] =
    /^tiebreak-journal (\d{1,9}) ([0-9a-f]{8}) (.*)$/s.exec(line) ?? [];
  if (version !== undefined && Number(version) > JOURNAL_VERSION) {
    throw new TiebreakError('journal/version', 'A newer version of this app began this run.', {
      action: 'Load the page again, or delete the run.',
    });
  }
  if (Number(version) >= 1 && json !== undefined) {
    const encoded = new TextEncoder().encode(json);
    const header = crc32(encoded) === Number.parseInt(check!, 16) ? parse(Header, encoded) : null;
    if (header !== null) {
      const start = { version: Number(version), bytes: end + 1, check: crc32(encoded) };
      return { ...start, header, engines: [], batches: [] };
    }
  }
  throw new TiebreakError('journal/damaged', 'What was kept of this run cannot be read.', {
    action: 'Delete it and start again.',
  });
}

function readFrame(bytes: Uint8Array, start: number, previousCheck: number) {
  if (bytes.length - start < FRAME_BYTES) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, bytes.length - start);
  const length = view.getUint32(1, true);
  if (length > view.byteLength - FRAME_BYTES) return null;
  const checked = bytes.subarray(start, start + 5 + length);
  const check = crc32(checked, previousCheck);
  if (check !== view.getUint32(5 + length, true)) return null;
  return {
    kind: checked[0]!,
    content: checked.subarray(5),
    end: start + FRAME_BYTES + length,
    check,
  };
}

/** `adapters`: whose logits follow; 0 for none. */
function readBatch(content: Uint8Array, adapters: number, seen: Uint8Array): BatchRecord | null {
  const count = (content.length - BATCH_BYTES) / (SEQUENCE_BYTES + LOGITS_BYTES * adapters);
  if (!Number.isSafeInteger(count) || count < 1) return null;
  const view = new DataView(content.buffer, content.byteOffset, content.length);
  const record: BatchRecord = {
    seconds: view.getFloat64(0, true),
    rowsDone: view.getUint32(8, true),
    sequences: new Uint32Array(count),
    probabilities: new Float64Array(3 * count),
    logits: adapters === 0 ? null : new Float32Array(3 * adapters * count),
    tokens: new Uint32Array(count),
    truncated: new Uint8Array(count),
  };
  for (let i = 0; i < count; i += 1) {
    const at = BATCH_BYTES + SEQUENCE_BYTES * i;
    for (let c = 0; c < 3; c += 1) {
      record.probabilities[3 * i + c] = view.getFloat64(at + 8 * c, true);
    }
    record.sequences[i] = view.getUint32(at + 24, true);
    const tokens = view.getUint32(at + 28, true);
    record.tokens[i] = tokens >>> 1;
    record.truncated[i] = tokens & 1;
  }
  const logitsAt = BATCH_BYTES + SEQUENCE_BYTES * count;
  for (let i = 0; i < 3 * adapters * count; i += 1) {
    record.logits![i] = view.getFloat32(logitsAt + 4 * i, true);
  }
  // Nothing may count twice, whoever wrote it.
  if (new Set(record.sequences).size < count) return null;
  if (record.sequences.some((sequence) => seen[sequence] !== 0)) return null;
  if (!record.probabilities.every((p) => p >= 0 && p <= 1)) return null;
  if (record.logits?.every(Number.isFinite) === false) return null;
  for (const sequence of record.sequences) seen[sequence] = 1;
  return record;
}

function parse<S extends v.GenericSchema>(schema: S, json: Uint8Array): v.InferOutput<S> | null {
  try {
    const parsed = v.safeParse(schema, JSON.parse(new TextDecoder().decode(json)));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}

function frame(kind: number, content: Uint8Array, previousCheck: number): Piece {
  const head = new Uint8Array(5);
  head[0] = kind;
  new DataView(head.buffer).setUint32(1, content.length, true);
  const check = crc32(content, crc32(head, previousCheck));
  const tail = new Uint8Array(4);
  new DataView(tail.buffer).setUint32(0, check, true);
  return { bytes: joinBytes([head, content, tail]), check };
}
/** With what is told by other fields: places by their ids, and in journals of earlier versions notices by one text. */
function completed(record: EngineRecord): EngineRecord {
  const complete = (engine: EngineInfo): EngineInfo => {
    const { computesOn, notice } = engine;
    const notices = engine.notices ?? (notice ? [{ name: null, notice }] : []);
    return { ...engine, place: placeOfId(computesOn), notices };
  };
  const { engine, others } = record;
  return { ...record, engine: complete(engine), ...(others && { others: others.map(complete) }) };
}
