import { TiebreakError } from '../../domain/errors.ts';
import type { Reading } from '../../domain/reading.ts';
import { joinBytes } from '../../storage/bytes.ts';
import { crc32 } from '../../storage/crc32.ts';
import type { BatchRecord } from '../rows/batch-record.ts';
import { encodeBatchContent, readBatchContent } from './batch-content.ts';
import { type EngineRecord, type JournalHeader, parseEngine, parseHeader } from './records.ts';

/*
 * The journal of a run records the inputs of the run and every finished batch. The file only grows:
 *
 *   tiebreak-journal <version> <check> <JSON of JournalHeader>\n
 *   frames: kind (1 byte), bytes of content (uint32), content, check (uint32); numbers are little-endian
 *
 * The header identifies the run and never changes. A frame is an engine (JSON of EngineRecord), which computes the
 * batches after it, or a batch (see batch-content.ts). A run that continues on another engine appends that engine and
 * then its batches.
 *
 * A check is the CRC-32 of the header's JSON and of kinds, lengths and contents of all frames up to it: each frame
 * continues the CRC of the previous one. So a frame is valid only in its place. A torn write, a flipped bit, and a
 * frame that was moved, repeated or taken from another journal are all found at the first frame that they touch, and
 * everything before that frame is kept.
 *
 * Recovery is reading: the journal consists of its valid frames, up to the first invalid one. Nothing marks the end, so
 * nothing needs repair after a crash. `bytes` is the offset of the next frame, whose append cuts off everything after
 * that offset. A crash costs at most the batches that were being computed or written, which are computed again.
 *
 * Version 1 stored only the mean of several adapters. A journal that began as version 1 stays version 1 to its end.
 * Version 3 is that of models with one or two labels, whose batches an app that knows version 2 would misread. Models
 * with three labels still get version 2.
 */

const FORMAT = 'tiebreak-journal';
/** Latest version of the format. */
const LATEST_VERSION = 3;
/** Kinds of frames. `adapters` is a batch with the logits of each adapter, or their rewards. */
const KIND = { engine: 1, batch: 2, adapters: 3 } as const;
/** Bytes of a frame without its content: kind, length and check. */
const FRAME_BYTES = 9;

/** The valid part of a journal, decoded. */
export interface Journal {
  /** Version of the format. */
  version: number;
  header: JournalHeader;
  engines: EngineRecord[];
  batches: BatchRecord[];
  /** Length in bytes of the valid part. Anything after it must be cut off before a frame is appended. */
  bytes: number;
  /** The last check, which the next frame continues. */
  check: number;
}

/** Bytes to append to a journal, and the check of the journal that ends with them. */
export interface Piece {
  bytes: Uint8Array<ArrayBuffer>;
  check: number;
}

/** Version of the format of a new journal. */
export function journalVersion({ reading = 'pair' }: Pick<JournalHeader, 'reading'>): number {
  return reading === 'pair' ? 2 : LATEST_VERSION;
}

/** Encodes the first line of a journal. */
export function encodeHeader(header: JournalHeader): Piece {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const check = crc32(json);
  const line = `${FORMAT} ${journalVersion(header)} ${check.toString(16).padStart(8, '0')} `;
  return { bytes: joinBytes([new TextEncoder().encode(line), json, Uint8Array.of(0x0a)]), check };
}

/** Encodes the frame of an engine. @param check of the journal so far. */
export function encodeEngine(record: EngineRecord, check: number): Piece {
  // Left out as in the header: an engine without a reading gives three classes.
  const json = JSON.stringify(record, (key, value) =>
    key === 'reading' && value === 'pair' ? undefined : value,
  );
  return frame(KIND.engine, new TextEncoder().encode(json), check);
}

/** Encodes the frame of a finished batch. @param check of the journal so far. @param reading Default `pair`. */
export function encodeBatch(record: BatchRecord, check: number, reading?: Reading): Piece {
  const kind = record.logits === null ? KIND.batch : KIND.adapters;
  return frame(kind, encodeBatchContent(record, reading), check);
}

/**
 * Decodes a journal up to the first invalid frame: a torn or damaged one, one of an unknown kind, a batch before any
 * engine, or a batch with invalid content.
 * @throws TiebreakError `journal/damaged` if the first line is unreadable, `journal/version` if a newer app wrote it.
 */
export function readJournal(bytes: Uint8Array): Journal {
  const journal = readHeader(bytes);
  const seen = new Uint8Array(journal.header.csv.sequences);
  for (;;) {
    const next = readFrame(bytes, journal.bytes, journal.check);
    if (next === null) return journal;
    if (next.kind === KIND.engine) {
      const engine = parseEngine(next.content);
      if (engine === null) return journal;
      journal.engines.push(engine);
    } else {
      const { adapters, reading } = journal.header;
      const batch =
        next.kind === KIND.batch
          ? readBatchContent(next.content, 0, seen, reading)
          : next.kind === KIND.adapters
            ? readBatchContent(next.content, adapters.length, seen, reading)
            : null;
      if (batch === null || journal.engines.length === 0) return journal;
      journal.batches.push(batch);
    }
    journal.bytes = next.end;
    journal.check = next.check;
  }
}

/** Number of rows that are finished according to a journal. */
export function rowsDoneOf({ batches }: Pick<Journal, 'batches'>): number {
  return batches.at(-1)?.rowsDone ?? 0;
}

function readHeader(bytes: Uint8Array): Journal {
  const end = bytes.indexOf(0x0a);
  const line = new TextDecoder().decode(bytes.subarray(0, Math.max(0, end)));
  const [, version, check, json] =
    /^tiebreak-journal (\d{1,9}) ([0-9a-f]{8}) (.*)$/s.exec(line) ?? [];
  if (version !== undefined && Number(version) > LATEST_VERSION) {
    throw new TiebreakError('journal/version');
  }
  if (Number(version) >= 1 && json !== undefined) {
    const encoded = new TextEncoder().encode(json);
    const header = crc32(encoded) === Number.parseInt(check!, 16) ? parseHeader(encoded) : null;
    const isFitting = header !== null && fits(Number(version), header);
    if (isFitting) {
      const start = { version: Number(version), bytes: end + 1, check: crc32(encoded) };
      return { ...start, header, engines: [], batches: [] };
    }
  }
  throw new TiebreakError('journal/damaged');
}

/** True if a journal with this header can have this version, whose digit no check covers. */
function fits(version: number, header: JournalHeader): boolean {
  const latest = journalVersion(header);
  return version === latest || (version === 1 && latest === 2);
}

/** The frame at byte `start`; null if it is incomplete or does not continue the chain of checks. */
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

/** Encodes a frame that continues the chain of checks. */
function frame(kind: number, content: Uint8Array, previousCheck: number): Piece {
  const head = new Uint8Array(5);
  head[0] = kind;
  new DataView(head.buffer).setUint32(1, content.length, true);
  const check = crc32(content, crc32(head, previousCheck));
  const tail = new Uint8Array(4);
  new DataView(tail.buffer).setUint32(0, check, true);
  return { bytes: joinBytes([head, content, tail]), check };
}
