const ASK_AGAIN = 'Ask for the link again, or for the pair as JSON, which “Open JSON…” reads.';
const chooseResults = ({ columns }: { columns: readonly string[] }) =>
  `Choose an export of this report or a submission, with the columns ${columns.join(', ')}.`;

/** English texts of errors, by their ids. */
export const pageErrors = {
  'page/report-worker-died': {
    message: ({ reason }: { reason: string | undefined }) =>
      reason === undefined
        ? 'A script of this page could not be loaded.'
        : `The report worker has crashed${reason === '' ? '' : `: ${reason}`}.`,
    action: 'Reload the page. Your saved runs are still there.',
  },
  'page/other-model': {
    message: ({ model }: { model: string }) =>
      `This run used the model ${model}, which is not loaded.`,
    action: 'Load that model, then continue.',
  },
  'page/example': {
    message: 'The example cannot be loaded.',
    action: 'Check the connection, or choose a file of your own.',
  },
  'page/file-lost': {
    message: 'The file must be read again.',
    action: 'Choose it again. Results on the page can still be downloaded.',
  },
  'page/script-missing': {
    message: 'A script of this page could not be loaded.',
    action: 'Check the connection and try again. If that fails, reload the page.',
  },
  'page/worker-died': {
    message: ({ reason }: { reason: string }) =>
      `The scoring worker has crashed${reason === '' ? '' : `: ${reason.replace(/\.$/, '')}`}.`,
    action: 'Load the model again. If it happens again, choose a smaller limit or the CPU.',
  },
  'explore/link-long': {
    message: 'This pair is too long for a link.',
    action: 'Copy it as JSON or as a CSV row.',
  },
  'explore/link:long': {
    message: 'This link cannot be opened: it is too long.',
    action: ASK_AGAIN,
  },
  'explore/link:large': {
    message: 'This link cannot be opened: it is too large.',
    action: ASK_AGAIN,
  },
  'explore/link:altered': {
    message: 'This link cannot be opened: it is incomplete or was altered.',
    action: ASK_AGAIN,
  },
  'explore/link:no-pair': {
    message: 'This link cannot be opened: it does not contain a pair.',
    action: ASK_AGAIN,
  },
  'explore/json-fields': {
    message: ({ fields }: { fields: string }) =>
      fields === ''
        ? 'This is JSON, but not an object with a pair.'
        : `These fields are missing or are neither a text nor a list of texts: ${fields}.`,
    action: 'A pair has prompt, response_a and response_b, as “Copy as JSON” writes them.',
  },
  'explore/json': {
    message: ({ line, column }: { line: number; column: number }) =>
      `This is not JSON from line ${line}, column ${column} on.`,
    action: 'Paste the complete output of “Copy as JSON”.',
  },
  'report/not-ready:empty': {
    message: 'There is nothing to judge yet.',
    action: 'Score a file first.',
  },
  'report/other-file': {
    message: ({ name }: { name: string }) =>
      `That run scored another file (${name}), so rows cannot be paired.`,
    action: ({ name }: { name: string }) =>
      `Open ${name} and score it, or choose a run of this file.`,
  },
  'report/no-common-row': {
    message: 'None of its ids occurs in the open file.',
    action: 'Choose results of the file that is open.',
  },
  'report/not-a-result:size': {
    message: ({ size }: { size: number }) =>
      `This is not a file of results. It has ${size} bytes; results are far smaller.`,
    action: chooseResults,
  },
  'report/not-a-result:columns': {
    message: ({ missing }: { missing: readonly string[] }) =>
      `This is not a file of results. Missing: ${missing.join(', ')}.`,
    action: chooseResults,
  },
  'report/not-a-result:numbers': {
    message: ({ cells }: { cells: readonly string[] }) =>
      `This is not a file of results. ${cells.join(', ')} are not three probabilities.`,
    action: chooseResults,
  },
  'report/not-ready': {
    message: 'The file has not been read yet.',
    action: 'Wait until it is, then try again.',
  },
  'explore/busy': { message: 'A run is in progress.', action: 'Wait until it ends, or cancel it.' },
};
