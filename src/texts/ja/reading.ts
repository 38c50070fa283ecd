import type { Texts } from '../texts.ts';
import { count } from './format.ts';

/** Japanese texts on the way in which a model reads a row. */
export const reading: Texts['reading'] = {
  judge: '判定モデルの種類',
  judges: {
    pair: '組の分類モデル（A、B、引き分け）',
    'pair-no-tie': '組の分類モデル（A または B、引き分けなし）',
    reward: '報酬モデル（回答ごとにスコアを 1 つ）',
  },
  probabilities: '確率',
  uncalibrated: '未校正（Davidson の式、温度 1、引き分けなし）',
  uncalibratedNote:
    '確率は未校正で、Davidson の式（温度 1、引き分けなし）によるものです。報酬モデルが出すのは確率ではなくスコアです。どちらの回答のスコアがどれだけ高いかを目安にしてください。この確率では対数損失が大きくなることがあります。',
  neverTie: 'このモデルは引き分けを予測しません。引き分けの確率は常に 0 です。',
  text: 'モデルが読むテキスト',
  chat: (date) => `各回答との会話（チャットテンプレート。「今日」は ${date}）`,
  noSpread: '3 等分はノートブックのテキスト用です。会話では使えません。',
  oneOrder: '各回答を個別に採点するため、2 つの順序に違いはありません。',
  conversation: '会話に含める回答',
  answers: ['回答 A', '回答 B'],
  reward: '報酬',
  rewards: '報酬',
  rewardA: 'A の報酬',
  rewardB: 'B の報酬',
  margin: '差',
  marginHelp:
    'A の報酬から B の報酬を引いた値です。報酬に単位はないため、比べられるのは同じモデルの値だけです。',
  probability: '確率',
  table: '各回答の報酬と確率',
  rewardsOf: (adapter) => `${adapter} の A、B、差`,
  adapter: 'アダプター',
  announce: (verdict, a, b, margin) => `${verdict}。A の報酬 ${a}、B の報酬 ${b}、差 ${margin}`,
  decided: (accuracy, rows) => `引き分け以外の ${count(rows)} 行での正解率：${accuracy}。`,
  tieLabels: (ties, loss) =>
    `ラベルが引き分けの ${count(ties)} 行は誤りとして数えます。確率 0 は 2.2e-16 に置き換えるため、1 行につき ${loss} が対数損失の合計に加わります。`,
};
