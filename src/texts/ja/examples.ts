import type { Texts } from '../texts.ts';

/** Japanese names and lessons of the explorer’s examples. */
export const examples: Texts['examples'] = {
  length: {
    name: '短い回答と長い回答',
    lesson: '内容は同じです。「長さをそろえる」を試して、好みがどれだけ変わるか見てください。',
  },
  position: {
    name: '先に置かれた回答',
    lesson:
      '同じくらい良い 2 つの回答です。順序差を見てください。モデルは先（または後）の回答を好むことがあります。',
  },
  refusal: {
    name: '不要な拒否',
    lesson:
      '違いは 1 文だけです。「理由を調べる」でその文の影響を見るか、「拒否の文を除く」を試してください。',
  },
  identical: {
    name: '同一の回答',
    lesson:
      '引き分け以外はありえません。それでも A や B に付く確率は位置バイアスで、両順序の平均を取ると打ち消されます。',
  },
  markdown: {
    name: 'Markdown と平文',
    lesson:
      '一方には見出しと箇条書きがあります。「Markdown を取り除く」を試してください。残る内容は同じです。',
  },
  turns: {
    name: '2 ターンの会話',
    lesson:
      'モデルは問いと答えを交互に見るのではなく、それぞれの発言をつなげて見ます。トークンの欄で確かめてください。',
  },
  special: {
    name: '文字で書かれた特殊トークン',
    lesson:
      '本文中の「<eos>」は、元のノートブックと同じく、文の終わりを示すトークンになります。「トークンを表示」で確かめられます。',
  },
};
