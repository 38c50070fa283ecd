import * as v from 'valibot';
import { MAX_LENGTH_RANGE } from '../../domain/settings.ts';
import type { EngineInfo } from '../../engine/engine.ts';
import type { BatchPlan } from '../rows/batches.ts';
import { placeOfId } from './place-of-id.ts';

/**
 * Version of the arithmetic. It goes up when the same inputs give other numbers than they did: a journal with another
 * version cannot be continued, because its two halves would not be of one run.
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
  // Journals older than our own kernels do not name it: it was ONNX Runtime.
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

/** What a run computes, and from what. It tells runs apart: see `differences`. */
export type JournalHeader = v.InferOutput<typeof Header>;

/** What computes the batches that follow, and how they are formed: both change the last digits. */
export interface EngineRecord {
  engine: EngineInfo;
  /** Engines of further lanes, where there are any. */
  others?: readonly EngineInfo[];
  plan: BatchPlan;
}

/** The engines of every lane of a record. */
export function enginesOf({ engine, others = [] }: EngineRecord): EngineInfo[] {
  return [engine, ...others];
}

/** The header in the JSON of a journal's first line; null where it is none. */
export function parseHeader(json: Uint8Array): JournalHeader | null {
  return parse(Header, json);
}

/** The engine in the JSON of a frame; null where it is none. Fields that decide nothing are taken as they are. */
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
