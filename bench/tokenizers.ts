/**
 * Compares the byte-level tokenizer with @huggingface/tokenizers on the same texts, in turns: conversations of many
 * scripts, answers of chatbots, and words of 40 to 2,000 letters. Checks that the ids are equal.
 *
 * `npx tsx bench/tokenizers.ts [ROUNDS]`; the answers need `../shared/data`.
 */
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import { Tokenizer } from '@huggingface/tokenizers';
import { type ChatTokenizer, chatCases, tokenizerFile } from '../testing/chat-reference.ts';
import { chatTokenizer } from '../testing/chat-tokenizers.ts';
import { preferencePairs } from '../testing/preference-pairs.ts';
import { random } from '../testing/synthetic.ts';
import { median } from './figures.ts';

const rounds = Number(process.argv[2] ?? 7);
const print = (line: string) => process.stdout.write(`${line}\n`);
const { version } = JSON.parse(
  readFileSync(
    new URL('../node_modules/@huggingface/tokenizers/package.json', import.meta.url),
    'utf8',
  ),
);
print(
  `${new Date().toISOString().slice(0, 10)}, Node ${process.version}, @huggingface/tokenizers ${version}, ${cpus()[0]!.model}, ${cpus().length} threads`,
);

const WHO = ['ours', 'library'] as const;

/** Texts of each kind, for a round: rounds have different ones, so that caches of words help as they do in a run. */
const KINDS: Readonly<Record<string, (round: number) => string[]>> = {
  conversations: () => chatCases().map(({ qwen3 }) => qwen3.text),
  answers: (round) => answers.slice(round * 60, (round + 1) * 60),
  'long words': (round) => longWords(60, round + 1),
};
const answers = preferencePairs(60 * (rounds + 1)).map(({ responseA }) => responseA.join('\n'));

for (const name of ['qwen3', 'llama3_1'] as const) {
  const encoders = { ours: ours(name), library: library(name) };
  for (const [kind, textsOf] of Object.entries(KINDS)) {
    const times = { ours: [] as number[], library: [] as number[] };
    let characters = 0;
    let tokens = 0;
    for (let round = 0; round <= rounds; round += 1) {
      const texts = textsOf(round);
      const ids = { ours: [] as number[][], library: [] as number[][] };
      // Whoever comes first finds a colder processor cache, so they take turns.
      for (const who of round % 2 === 0 ? WHO : WHO.toReversed()) {
        const started = performance.now();
        ids[who] = texts.map(encoders[who]);
        // The first round compiles the code.
        if (round > 0) times[who].push(performance.now() - started);
      }
      if (!isDeepStrictEqual(ids.ours, ids.library)) throw new Error(`${name}, ${kind}: other ids`);
      characters += texts.join('').length;
      tokens += ids.ours.flat().length;
    }
    const [own, other] = [median(times.ours), median(times.library)];
    print(
      `${name}, ${kind} (${characters} characters, ${tokens} tokens): ${own.toFixed(1)} ms a round, library ${other.toFixed(1)} ms, ratio ${(other / own).toFixed(2)}`,
    );
  }
}

function ours(name: ChatTokenizer): (text: string) => number[] {
  const tokenizer = chatTokenizer(name);
  return (text) => tokenizer.encode(text);
}

function library(name: ChatTokenizer): (text: string) => number[] {
  const [json, config] = ['tokenizer.json', 'tokenizer_config.json'].map((file) =>
    JSON.parse(tokenizerFile(name, file)),
  );
  const tokenizer = new Tokenizer(json, config);
  return (text) => tokenizer.encode(text, { add_special_tokens: false }).ids;
}

/** Words of letters and digits without white space, as in encoded data and addresses. */
function longWords(count: number, seed: number): string[] {
  const uniform = random(seed);
  const letter = () => String.fromCharCode(97 + Math.floor(26 * uniform()));
  return Array.from({ length: count }, () => {
    const length = Math.round(40 * 50 ** uniform());
    return Array.from({ length }, letter).join('');
  });
}
