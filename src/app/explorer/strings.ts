import { localised } from '../language.ts';

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const n = (value: number) => whole.format(value);
const s = (value: number) => (value === 1 ? '' : 's');

const english = {
  heading: 'One pair, seen closely',
  intro:
    'Type or paste a prompt and two answers. They are scored as you type, on this computer, with the model, adapter and settings of the Score screen.',
  source: {
    examples: 'Examples',
    choose: 'Choose…',
  },
  pair: {
    heading: 'The pair',
    prompt: 'Prompt',
    responseA: 'Answer A',
    responseB: 'Answer B',
    ofTurn: (name: string, turn: number) => `${name}, turn ${turn}`,
    turn: (turn: number, of: number) => `Turn ${turn} of ${of}`,
    addTurn: 'Add a turn',
    removeTurn: (turn: number) => `Remove turn ${turn}`,
    remove: 'Remove',
    clear: 'Clear',
    characters: (count: number) => `${n(count)} character${s(count)}`,
    placeholders: {
      prompt: 'What was asked',
      responseA: 'What one assistant answered',
      responseB: 'What the other answered',
    },
  },
  result: {
    heading: 'What people would prefer',
    classes: ['A is better', 'B is better', 'Tie'] as [string, string, string],
    short: ['A', 'B', 'Tie'] as [string, string, string],
    caption: 'Probabilities in both orders of the answers, and their mean',
    forward: 'A first',
    exchanged: 'B first',
    mean: 'Mean',
    runGives: 'A run with these settings gives the column',
    verdict: (name: string, p: string) => `${name}: ${p}`,
    gap: 'Order gap',
    gapHelp:
      'The largest change of a probability when only the order of the answers changes. 0 means that the order does not matter; people’s preference should not depend on it.',
    gapFirst: (points: string) => `Standing first is worth ${points} points here.`,
    gapSecond: (points: string) => `Standing second is worth ${points} points here.`,
    gapNone: 'The order makes no difference here.',
    flips: 'The order decides the winner.',
    logits: 'Logits',
    logitsHelp:
      'What the classifier gives before softmax, in its own order of classes: first answer, second answer, tie.',
    logitsOf: (adapter: string) => `Logits of ${adapter}`,
    first: 'First',
    second: 'Second',
    status: {
      model: 'Waits for the model…',
      run: 'A run is going on. The pair is scored when it ends.',
      scoring: 'Scoring…',
      failed: 'Could not be scored.',
    },
    done: (ms: number) => `Scored in ${n(ms)} ms.`,
    announce: (a: string, b: string, tie: string, gap: string) =>
      `A ${a}, B ${b}, tie ${tie}, order gap ${gap}`,
    retry: 'Try again',
    none: '–',
  },
  facts: {
    heading: 'What computed it',
    model: 'Model',
    adapter: 'Adapter',
    noAdapter: 'none (base model)',
    computedOn: 'Computed on',
    precision: 'Precision',
    text: 'Text',
    cut: 'Cut',
    cutNames: { right: 'the end', turns: 'oldest turns', proportional: 'in proportion' },
    spread: 'a third each',
    maxLength: 'max_length',
    tokens: 'Tokens',
    tokensOf: (seen: number, max: number) => `${n(seen)} of ${n(max)}`,
    truncated: (lost: number) => `${n(lost)} cut`,
    change: 'Settings, model and adapter are chosen on the Score screen.',
  },
};

const japanese: typeof english = {
  heading: '1 組の回答を詳しく見る',
  intro:
    'プロンプトと 2 つの回答を入力するか貼り付けてください。「採点」画面で選んだモデル・アダプター・設定を使い、入力と同時にこのコンピューター上で採点します。',
  source: {
    examples: '例',
    choose: '選んでください…',
  },
  pair: {
    heading: '回答の組',
    prompt: 'プロンプト',
    responseA: '回答 A',
    responseB: '回答 B',
    ofTurn: (name, turn) => `${name}（${turn} ターン目）`,
    turn: (turn, of) => `ターン ${turn} / ${of}`,
    addTurn: 'ターンを追加',
    removeTurn: (turn) => `ターン ${turn} を削除`,
    remove: '削除',
    clear: 'すべて消す',
    characters: (count) => `${n(count)} 文字`,
    placeholders: {
      prompt: '質問や指示',
      responseA: '一方のアシスタントの回答',
      responseB: 'もう一方の回答',
    },
  },
  result: {
    heading: '人はどちらを好むか',
    classes: ['A が良い', 'B が良い', '引き分け'],
    short: ['A', 'B', '引分'],
    caption: '回答を両方の順序で並べたときの確率と、その平均',
    forward: 'A が先',
    exchanged: 'B が先',
    mean: '平均',
    runGives: 'この設定で採点した場合の値：',
    verdict: (name, p) => `${name}：${p}`,
    gap: '順序差',
    gapHelp:
      '回答の順序だけを入れ替えたときに、確率が最も大きく変わった幅です。0 なら順序の影響はありません。本来、好みは順序に左右されないはずです。',
    gapFirst: (points) => `この組では、先に置かれると ${points} ポイント有利です。`,
    gapSecond: (points) => `この組では、後に置かれると ${points} ポイント有利です。`,
    gapNone: 'この組では、順序による違いはありません。',
    flips: '順序によって勝者が入れ替わります。',
    logits: 'ロジット',
    logitsHelp:
      'softmax にかける前の分類器の出力です。並びは分類器のクラス順（先の回答、後の回答、引き分け）です。',
    logitsOf: (adapter) => `${adapter} のロジット`,
    first: '先',
    second: '後',
    status: {
      model: 'モデルの準備を待っています…',
      run: '採点の実行中です。終わり次第、この組を採点します。',
      scoring: '採点中…',
      failed: '採点できませんでした。',
    },
    done: (ms) => `${n(ms)} ミリ秒で採点しました。`,
    announce: (a, b, tie, gap) => `A ${a}、B ${b}、引き分け ${tie}、順序差 ${gap}`,
    retry: 'もう一度試す',
    none: '–',
  },
  facts: {
    heading: '計算の条件',
    model: 'モデル',
    adapter: 'アダプター',
    noAdapter: 'なし（ベースモデル）',
    computedOn: '計算装置',
    precision: '精度',
    text: 'テキスト',
    cut: '切り詰め',
    cutNames: { right: '末尾', turns: '古いターンから', proportional: '長さに比例' },
    spread: '3 等分',
    maxLength: 'max_length',
    tokens: 'トークン数',
    tokensOf: (seen, max) => `${n(seen)} / ${n(max)}`,
    truncated: (lost) => `${n(lost)} 個を切り捨て`,
    change: '設定・モデル・アダプターは「採点」画面で選びます。',
  },
};

/** Every text of the explorer, in the page's language. */
export const words = localised(english, japanese);
