/** Ports of the test servers. */
export const APP_PORT = 4391;
export const HARNESS_PORT = 4392;

/** Packages of the reference models, and which file of the fixtures has their logits. */
export const REFERENCE_PACKAGES = [
  { name: 'tiny-a-none', model: 'tiny-a', base: 'base', quant: 'none', expected: 'expected.json' },
  {
    name: 'tiny-a-nf4',
    model: 'tiny-a',
    base: 'base-bnb-4bit',
    quant: 'keep',
    expected: 'expected-nf4.json',
  },
  { name: 'tiny-d-none', model: 'tiny-d', base: 'base', quant: 'none', expected: 'expected.json' },
  {
    name: 'tiny-d-nf4',
    model: 'tiny-d',
    base: 'base-bnb-4bit',
    quant: 'keep',
    expected: 'expected-nf4.json',
  },
] as const;
