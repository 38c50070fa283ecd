import type { Pair } from '../../../domain/settings.ts';
import type { Texts } from '../../../texts/texts.ts';
import { strings } from '../../i18n/strings.ts';

type ExampleId = keyof Texts['examples'];

/** A pair with a lesson. */
interface Example {
  id: string;
  name: string;
  /** A hint at something to notice or try. */
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
const PAIRS: Record<ExampleId, Pair> = {
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

/** The examples, in the order in which they are offered. */
export const EXAMPLES: Example[] = (Object.keys(PAIRS) as ExampleId[]).map((id) => ({
  id,
  ...strings.examples[id],
  pair: PAIRS[id],
}));
