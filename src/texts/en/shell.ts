import { count } from './format.ts';

/** English texts of the page around the screens. */
export const shell = {
  name: 'Tiebreak',
  title: 'Tiebreak: which answer do people prefer?',
  tagline: 'Predicts which of two chatbot answers people prefer: test.csv in, submission.csv out.',
  description:
    'Predicts which of two chatbot answers people prefer, on your own computer: test.csv in, submission.csv out.',
  private: 'Everything stays on this computer',
  insecure: {
    title: 'Open this page over https or as localhost for full speed.',
    text: 'Browsers give WebGPU, threads and storage only over https or on localhost. Here the CPU scores with one thread, and runs and models are not saved.',
  },

  screens: {
    label: 'Screens',
    score: 'Score a file',
    report: 'Report',
    explore: 'Explore a pair',
    loading: 'Loading',
    failed: {
      missing: 'This part of the page could not be loaded.',
      missingHelp: 'The connection may be down, or a new version of the app was just published.',
      broken: 'This part of the page has crashed.',
      brokenHelp: 'Nothing else is affected.',
      running:
        'The run continues. Reloading interrupts it: finished rows are saved, and you can continue from there.',
      runningUnsaved: 'The run continues. Its rows are not saved: reloading loses them.',
      tryAgain: 'Try again',
      reload: 'Reload the page',
    },
  },

  errorNote: {
    original: 'In detail',
    place: {
      row: (row: number) => `row ${count(row)}`,
      column: (column: string) => `column ${column}`,
      byte: (byte: number) => `byte ${count(byte)}`,
    },
  },

  strayDrop: {
    running:
      'Nothing was opened: a run is in progress. Cancel it or wait until it ends, then drop the file again.',
    elsewhere: 'Nothing was opened. Drop the file on the screen “Score a file”.',
  },

  footer: {
    language: 'Language',
    automatic: 'Automatic',
    nextLoad: 'Takes effect on the next load.',
    theme: 'Theme',
    themes: { auto: 'Automatic', light: 'Light', dark: 'Dark' },
    readme: 'README',
    licence: 'Apache-2.0 licence',
    notice: 'Third-party notices',
    card: 'Demo model card',
    gemma: 'Gemma is provided under and subject to the Gemma Terms of Use',
    versions: (app: string, ort: string) => `Tiebreak ${app}, ONNX Runtime Web ${ort}`,
  },
};
