import type { Pair } from '../../domain/settings.ts';
import { localised } from '../i18n/language.ts';

/** A pair that shows something. */
export interface Example {
  id: string;
  name: string;
  /** What there is to see, or to try. */
  lesson: string;
  pair: Pair;
}

const TEA_SHORT =
  'Steep green tea for two to three minutes in water of about 75 °C. Boiling water makes it bitter.';
const TEA_LONG = `Great question! Green tea is more delicate than black tea, so time and temperature matter.

1. **Heat the water** to about 75 °C (167 °F). Boiling water makes the tea bitter.
2. **Use one teaspoon** of leaves, about 2 g, for each cup.
3. **Steep for two to three minutes**, then take the leaves out.
4. **Taste** after two minutes, and steep a little longer if you like it stronger.

Good leaves can be steeped two or three times; add half a minute each time.`;

const HAIKU = 'Snow on the old bridge\na fox crosses without sound\nmorning bells begin';

/** The texts of the examples; their names are in the page's language. */
const PAIRS: Record<string, Pair> = {
  length: {
    prompt: ['How long should I steep green tea?'],
    responseA: [TEA_SHORT],
    responseB: [TEA_LONG],
  },
  position: {
    prompt: ['Suggest a name for a bakery that only opens on Sundays.'],
    responseA: ['How about "The Seventh Day"? It says Sunday, and it has a calm sound.'],
    responseB: ['You could call it "Sunday Crumb": short, warm, and easy to remember.'],
  },
  refusal: {
    prompt: ['My smoke alarm keeps beeping every minute. How do I make it stop?'],
    responseA: [
      "I'm sorry, but I can't help with disabling safety devices. A beep every minute usually means that the battery is low: replace it, press the test button, and dust the sensor.",
    ],
    responseB: [
      'A beep every minute usually means that the battery is low: replace it, press the test button, and dust the sensor.',
    ],
  },
  identical: {
    prompt: ['Write a haiku about snow.'],
    responseA: [HAIKU],
    responseB: [HAIKU],
  },
  markdown: {
    prompt: ['What are the primary colours of light, and what do they make together?'],
    responseA: [
      '## Primary colours of light\n\n- **Red**\n- **Green**\n- **Blue**\n\nTogether they make **white** light.',
    ],
    responseB: [
      'The primary colours of light are red, green and blue. Together they make white light.',
    ],
  },
  turns: {
    prompt: [
      'Write a Python function that returns the n-th Fibonacci number.',
      'Now make it work for n = 100000 without recursion errors.',
    ],
    responseA: [
      '```python\ndef fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)\n```',
      '```python\ndef fib(n):\n    a, b = 0, 1\n    for _ in range(n):\n        a, b = b, a + b\n    return a\n```\n\nThis uses a loop, so the recursion limit does not matter.',
    ],
    responseB: [
      'Use the closed formula with the golden ratio: `round(phi**n / 5**0.5)`.',
      'It already works for every n.',
    ],
  },
  special: {
    prompt: ['What does <eos> mean in a language model?'],
    responseA: [
      'It is the end-of-sequence token: the model writes <eos> when its answer is complete, and decoding stops there.',
    ],
    responseB: [
      'It is the end-of-sequence token: the model writes it when its answer is complete, and decoding stops there.',
    ],
  },
};

const english: Record<keyof typeof PAIRS, { name: string; lesson: string }> = {
  length: {
    name: 'Short or long',
    lesson:
      'Both answers say the same. Try “Cut to equal length” and see how much of the preference goes.',
  },
  position: {
    name: 'Which stands first',
    lesson:
      'Two answers that are about equally good. Look at the order gap: the model may prefer what stands first or second.',
  },
  refusal: {
    name: 'A needless refusal',
    lesson:
      'The answers differ by one sentence. Press “Explain” to see what that sentence costs, or try “Drop the refusal”.',
  },
  identical: {
    name: 'Identical answers',
    lesson:
      'Nothing but a tie makes sense. What the model gives to A and B all the same is its position bias, and the mean of both orders removes it.',
  },
  markdown: {
    name: 'Markdown or plain',
    lesson: 'One answer has headings and a list. Try “Strip Markdown”: what remains is the same.',
  },
  turns: {
    name: 'Two turns',
    lesson:
      'A conversation. The model sees each side’s turns joined, not question by question; look at the tokens.',
  },
  special: {
    name: 'A token spelled out',
    lesson:
      '“<eos>” in a text becomes the token that ends the text, as in the original notebook. Press “Show tokens” to see it marked.',
  },
};

const japanese: typeof english = {
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
    name: '不要な断り',
    lesson:
      '違いは 1 文だけです。「理由を調べる」でその文の影響を見るか、「断りの文を除く」を試してください。',
  },
  identical: {
    name: '同一の回答',
    lesson:
      '引き分け以外はありえません。それでも A や B に付く確率は位置バイアスで、両順序の平均を取ると打ち消されます。',
  },
  markdown: {
    name: 'Markdown と平文',
    lesson: '一方には見出しと箇条書きがあります。「Markdown を外す」を試すと、残る内容は同じです。',
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

const texts = localised(english, japanese);

/** The examples, in the order in which they are offered. */
export const EXAMPLES: Example[] = Object.entries(PAIRS).map(([id, pair]) => ({
  id,
  ...texts[id]!,
  pair,
}));
