import type { Texts } from '../texts.ts';

export const reading: Texts['reading'] = {
  judge: '審査モデルの種類',
  judges: {
    pair: 'ペアの分類モデル（A、B、引き分け）',
    'pair-no-tie': 'ペアの分類モデル（A か B。引き分けなし）',
    reward: '報酬モデル（回答ごとにスコアを 1 つ）',
  },
  probabilities: '確率',
  uncalibrated: '未較正：温度 1、引き分けなしの Davidson の式による確率',
  uncalibratedMeaning:
    '報酬モデルが出すのはスコアで、確率ではありません。信頼できるのは、どちらの回答のスコアがどれだけ高いかです。この確率の対数損失は大きくなることがあります。',
  neverTie: 'このモデルは引き分けを予測しません。引き分けの確率は常に 0 です。',
  oneOrder: '回答ごとに採点するため、2 つの順序は同じものです。',
  rewardA: 'A の報酬',
  rewardB: 'B の報酬',
  margin: '差（A − B）',
};
