import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { toKaggleCsv } from '../src/data/csv/kaggle.ts';
import { CsvFile } from '../src/data/csv/reader.ts';
import { meanOfAdapters } from '../src/domain/probabilities.ts';
import { DEFAULT_SETTINGS } from '../src/domain/settings.ts';
import type { EngineInfo } from '../src/engine/engine.ts';
import { encodeBatch, encodeEngine, encodeHeader } from '../src/scoring/journal/journal.ts';
import { journalHeader } from '../src/scoring/journal/start-journal.ts';
import { Results } from '../src/scoring/rows/results.ts';
import { RowIndex } from '../src/scoring/rows/row-index.ts';
import { joinBytes } from '../src/storage/bytes.ts';
import { NodeFileSource } from '../src/storage/node-file.ts';
import { ENGINE } from './fake-api.ts';
import { random } from './synthetic.ts';

const MODELS = 60;
const BATCH = 1000;
const LABELS = ['1,0,0', '0,1,0', '0,0,1'];
const WORDS = (
  'the a of to and is it in that you for on with as can this are be or an by from not if will your when which how ' +
  'model answer question example because however therefore python function return value list table number first second ' +
  'number weather history music water energy people world company price travel food recipe health exercise language ' +
  '1. 2. - **Note:** `code` naïve 12.5 https://example.org/path 日本 😀'
).split(' ');

/**
 * Writes `rows` rows with the columns of the competition's train.csv. Most are short; a few have tens of thousands of
 * characters.
 */
export function writeTrainCsv(path: string, rows: number): void {
  const next = random(11);
  const text = (length: number) => {
    let out = '';
    while (out.length < length) {
      out += WORDS[Math.floor(next() * WORDS.length)]!;
      out += next() < 0.08 ? '.\n' : ' ';
    }
    return out;
  };
  const file = openSync(path, 'w');
  const header = toKaggleCsv([]);
  const names = 'model_a,model_b,winner_model_a,winner_model_b,winner_tie';
  writeSync(file, `${header.trimEnd()},${names}\n`);
  for (let row = 0; row < rows; row += 1) {
    // Log-normal, like the lengths of chats: the median row has 600 characters, one in ten thousand over 20,000.
    const normal = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
    const length = Math.min(200_000, 600 * Math.exp(0.95 * normal));
    const line = toKaggleCsv([
      {
        id: String(3_000_000_000 + row),
        prompt: [text(0.2 * length)],
        responseA: [text(0.8 * length * next())],
        responseB: [text(0.8 * length * next())],
      },
    ]).slice(header.length, -1);
    const model = Math.floor(next() * MODELS);
    const other = (model + 1 + Math.floor(next() * (MODELS - 1))) % MODELS;
    const label = LABELS[Math.floor(next() * 3)];
    writeSync(file, `${line},model-${model},model-${other},${label}\n`);
  }
  closeSync(file);
}

/**
 * Makes the journal of a complete run of a file, in both orders, with invented probabilities, so that the page shows it
 * without computing anything.
 * @param manifest path of the tiebreak.json of the page's model. @param adapters of that model.
 */
export async function journalOf(
  csv: string,
  manifest: string,
  adapters: string[] = ['demo'],
): Promise<Uint8Array> {
  const settings = { ...DEFAULT_SETTINGS, tta: true };
  const source = await NodeFileSource.open(csv);
  const index = await RowIndex.read(await CsvFile.open(source), settings);
  const json = readFileSync(manifest);
  const model = {
    name: (JSON.parse(json.toString('utf8')) as { name: string }).name,
    sha256: createHash('sha256').update(json).digest('hex'),
  };
  const header = encodeHeader(journalHeader(index, model, adapters, settings, null));
  const engine = encodeEngine(
    {
      engine: engineInfo(model.name),
      plan: { maxTokens: 4096, padMultiple: 8, maxScoreBytes: 1e9, scoreBytesOfOne: 16 },
    },
    header.check,
  );
  const pieces = [header.bytes, engine.bytes];
  const results = new Results(index);
  const next = random(12);
  let check = engine.check;
  for (let first = 0; first < index.sequences.length; first += BATCH) {
    const count = Math.min(BATCH, index.sequences.length - first);
    const sequences = Uint32Array.from({ length: count }, (_, i) => first + i);
    const each = adapters.map(() => Array.from({ length: count }, () => distribution(next)).flat());
    const logits = Float32Array.from(each.flat(), (p) => Math.log(Math.max(p, 1e-9)));
    const means = Array.from({ length: count }, (_, i) => meanOfAdapters(logits, i, count));
    const scored = {
      seconds: first / 100,
      sequences,
      probabilities: Float64Array.from(means.flat()),
      logits: adapters.length > 1 ? logits : null,
      tokens: Uint32Array.from(sequences, (s) => Math.min(2048, index.sequences[s]!.estimate)),
      truncated: Uint8Array.from(sequences, (s) => (index.sequences[s]!.estimate > 2048 ? 1 : 0)),
    };
    results.add(scored);
    const batch = encodeBatch({ ...scored, rowsDone: results.rowsDone }, check);
    check = batch.check;
    pieces.push(batch.bytes);
  }
  return joinBytes(pieces);
}

function distribution(next: () => number): number[] {
  const weights = [0, 0, 0].map(() => -Math.log(1 - next()));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const a = weights[0]! / sum;
  const b = weights[1]! / sum;
  return [a, b, Math.max(0, 1 - a - b)];
}

function engineInfo(model: string): EngineInfo {
  return { ...ENGINE, model, adapter: 'demo', computesOn: 'made up', quantization: 'nf4' };
}
