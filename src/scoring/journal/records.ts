import * as v from 'valibot';
import { READINGS } from '../../domain/reading.ts';
import { MAX_LENGTH_RANGE } from '../../domain/settings.ts';
import type { EngineInfo } from '../../engine/engine.ts';
import type { BatchPlan } from '../rows/batches.ts';
import { placeOfId } from './place-of-id.ts';

/**
 * Version of the arithmetic. It must be raised when the same inputs begin to give other numbers. A journal with another
 * version cannot be continued, because its halves would not belong to one run.
 */
export const NUMBERS_VERSION = 2;

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
  /** {@link NUMBERS_VERSION} of the app that began the run. */
  numbers: whole,
  /** `rows` counts rows that can be scored, `sequences` their distinct texts. The hash is of the text in UTF-8. */
  csv: v.object({
    name: v.string(),
    bytes: whole,
    sha256: hash,
    rows: whole,
    sequences: v.pipe(whole, v.maxValue(0xffff_ffff)),
  }),
  /** `sha256` is that of tiebreak.json, which contains the SHA-256 of every other file of the model. */
  model: v.object({ name: v.string(), sha256: hash }),
  adapters: v.pipe(v.array(v.nullable(v.string())), v.minLength(1)),
  settings: Settings,
  /** The way in which the model reads a row, which also tells the labels of its head; left out: `pair`. */
  reading: v.optional(v.picklist(READINGS)),
  /** Time of the run's start, ISO 8601. */
  created: v.string(),
  /** The place where the model can be found again; null if there is none. It does not identify the run. */
  source: v.nullable(
    v.variant('kind', [
      v.object({ kind: v.literal('url'), url: v.string() }),
      v.object({ kind: v.literal('stored'), id: v.string(), name: v.string() }),
    ]),
  ),
});

const Info = v.looseObject({
  device: v.picklist(['webgpu', 'wasm']),
  /** Id of a place: see `placeId`. */
  computesOn: v.string(),
  notices: v.optional(v.array(v.object({ name: v.nullable(v.string()), notice: v.string() }))),
  precision: v.picklist(['float32', 'float16', 'int8']),
  softCap: v.nullable(v.number()),
  // Journals older than our own kernels have no executor; it was ONNX Runtime then.
  executor: v.optional(v.picklist(['ort', 'wgsl']), 'ort'),
  variant: v.optional(v.nullable(v.string()), null),
  chatDate: v.optional(v.string()),
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

/** The inputs of a run, which identify it: see `differences`. */
export type JournalHeader = v.InferOutput<typeof Header>;

/** The engines of the batches that follow, and the plan by which these are formed. Both change the last digits. */
export interface EngineRecord {
  engine: EngineInfo;
  /** Engines of further lanes, if there are any. */
  others?: readonly EngineInfo[];
  plan: BatchPlan;
}

/** The engines of all lanes of a record. */
export function enginesOf({ engine, others = [] }: EngineRecord): EngineInfo[] {
  return [engine, ...others];
}

/** Parses the JSON of a journal's first line; null if it is no valid header. */
export function parseHeader(json: Uint8Array): JournalHeader | null {
  return parse(Header, json);
}

/** Parses the JSON of an engine's frame; null if it is invalid. Fields that no decision depends on are not checked. */
export function parseEngine(json: Uint8Array): EngineRecord | null {
  const record = parse(Engine, json);
  return record === null ? null : completed(record as unknown as EngineRecord);
}

function parse<S extends v.GenericSchema>(schema: S, json: Uint8Array): v.InferOutput<S> | null {
  try {
    const parsed = v.safeParse(schema, JSON.parse(new TextDecoder().decode(json)));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}

/** Derives fields that journals do not contain: places from ids and, for earlier versions, notices from one text. */
function completed(record: EngineRecord): EngineRecord {
  const complete = (engine: EngineInfo): EngineInfo => {
    const { computesOn, notice } = engine;
    const notices = engine.notices ?? (notice ? [{ name: null, notice }] : []);
    // Journals without a reading are of models that give three classes.
    const reading = engine.reading ?? 'pair';
    return { ...engine, place: placeOfId(computesOn), notices, reading };
  };
  const { engine, others } = record;
  return { ...record, engine: complete(engine), ...(others && { others: others.map(complete) }) };
}
