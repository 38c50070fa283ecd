import {
  clock,
  count,
  counted,
  dateTime,
  duration,
  fileSize,
  roughly,
  tokensRoughly,
} from './format.ts';

/** English texts of the run. */
export const run = {
  heading: 'Score',
  start: 'Start',
  again: 'Start again',
  cancel: 'Cancel',
  cancelling: 'Cancelling…',
  needsModel: 'Waiting for the model.',
  needsChoice: 'Choose a model first.',
  modelFailed: 'The model did not load, so nothing can be scored.',
  needsFile: 'Choose a file or try the example.',
  readingFile: 'Waiting for the file to be read.',
  ready: (rows: number) => `${counted(rows, 'row')} to score.`,
  foreseen: (tokens: number, seconds: number) =>
    `${tokensRoughly(tokens)} tokens: ${roughly(seconds)}.`,
  foreseenMeasured: (tokens: number, seconds: number) =>
    `${tokensRoughly(tokens)} tokens: ${roughly(seconds)}, from a short measurement.`,
  foreseenTokens: (tokens: number) => `${tokensRoughly(tokens)} tokens, time not measured yet.`,
  preparing: 'Preparing…',
  progress: 'Progress in tokens',
  tokens: (done: number, total: number) => `${count(done)} of ${count(total)} tokens`,
  rows: (done: number, total: number) => `${count(done)} of ${counted(total, 'row')}`,
  rate: (perSecond: number) => `${count(perSecond)} tokens/s`,
  left: (seconds: number) => `${roughly(seconds)} left`,
  unknown: '–',
  lanes: {
    caption: 'Work of each GPU',
    gpu: 'GPU',
    rate: 'Rate',
    share: 'Share',
    shareOf: (percent: number) => `${count(percent)} %`,
    ended: 'no longer used',
  },
  finished: (rows: number, seconds: number) =>
    `${counted(rows, 'row')} scored in ${duration(seconds)}.`,
  cancelled: (done: number, total: number) =>
    `Cancelled: ${count(done)} of ${counted(total, 'row')} scored.`,
  cancelledEmpty: 'Cancelled before any row was scored.',
  failed: (done: number, total: number) =>
    done === 0
      ? 'The run failed before any row was scored.'
      : `The run failed: ${count(done)} of ${counted(total, 'row')} scored.`,
  truncated: (rows: string) => `${rows} truncated`,
  olderResults: 'The results of the previous run are still here.',
  differs: 'Settings differ from these results.',
  openReport: 'Open the report',
  more: 'More',
  less: 'Less',
  kept: (done: number, total: number) =>
    `${count(done)} of ${counted(total, 'row')} are saved. Continue picks up there.`,
  keptComplete: 'This file was scored with these settings. Continue shows the results.',
  continue: 'Continue',
  pause: 'Pause',
  pausing: 'Pausing…',
  resume: 'Resume',
  pausingHelp: 'Finishing the current batch.',
  paused: 'Paused. Nothing is computed.',
  noRoom: 'Paused: finished rows cannot be saved.',
  noRoomHelp:
    'Free some space, for example by deleting stored models, and try again. Or continue without saving: rows computed from then on are lost when this tab is closed. Finished rows can be downloaded either way.',
  tryAgain: 'Try again',
  goOnWithout: 'Continue without saving',
  unjournaled: (why: string) =>
    `New rows are not saved and are lost when this tab is closed. ${why}`,
  notify: 'Notify me at the end',
  notifyHelp: 'Only when this page is not in view. The browser asks for permission.',
  notifyDenied: 'This browser does not allow notifications for this page.',
  notification: {
    complete: (rows: number) => `${counted(rows, 'row')} scored.`,
    failed: 'The run has failed.',
    stopped: 'The run is paused: finished rows cannot be saved.',
  },
  title: (percent: number, state: 'running' | 'paused') =>
    state === 'paused' ? `Paused, ${percent} %` : `${percent} %`,
  titleDone: 'Done',
  incidents: (incidents: number) =>
    `${counted(incidents, 'device failure')} in this run. Unfinished batches are computed again.`,
  incident: (time: Date, device: string, message: string) =>
    `${clock(time)}, ${device}: ${message}`,
  announceStart: 'Scoring has started.',
  announcePaused: 'Paused.',
  announceProgress: (percent: number) => `${percent} percent done.`,
};

/** English texts of runs. */
export const runs = {
  heading: 'Saved runs',
  help: 'Finished rows are saved in this browser as they are computed, until you delete them.',
  rows: (done: number, total: number) =>
    done === total ? counted(total, 'row') : `${count(done)} of ${counted(total, 'row')}`,
  settings: {
    text: (mode: string) => `text ${mode}`,
    maxLength: (tokens: number) => `max_length ${count(tokens)}`,
    tta: 'both orders',
    spread: 'equal thirds',
    truncation: (name: string) => `cut: ${name}`,
  },
  states: {
    waiting: 'unfinished',
    complete: 'complete',
    running: 'running in another tab',
    here: 'running',
    damaged: 'cannot be read',
  },
  logLoss: (value: number) => `log loss ${value.toFixed(4)}`,
  downloaded: (date: string) => `downloaded ${dateTime(date)}`,
  shortSpace: (left: number, taken: number) =>
    `This browser has only ${fileSize(left)} of storage left for this page. Saved runs take ${fileSize(taken)}: download and delete those that you no longer need, or delete stored models.`,
  showAll: (runs: number) => `Show all ${count(runs)} runs`,
  showFewer: 'Show the latest only',
  unfinished: 'Unfinished run',
  unfinishedRun: (name: string, done: number, total: number) =>
    `${name}: ${count(done)} of ${counted(total, 'row')} scored.`,
  showList: 'All saved runs',
  again: {
    heading: 'Score this file again?',
    text: (name: string, done: number, total: number) =>
      done === total
        ? `${name} was scored with these settings: ${counted(total, 'row')} are saved. Starting again computes all of them again.`
        : `${name} was scored in part with these settings: ${count(done)} of ${counted(total, 'row')} are saved, and Continue picks up there. Starting again computes all of them again.`,
    unsaved:
      'The results on this page are not saved. Starting again discards them. Download them first if you need them.',
    earlier: 'The earlier run',
    keep: 'Keep it',
    delete: 'Delete it once the new run is complete',
  },
  continue: 'Continue',
  show: 'Show results',
  report: 'Report',
  download: 'Download',
  rename: 'Rename',
  name: 'Name of this run',
  save: 'Save',
  compare: 'Compare',
  export: 'Export',
  compareNamed: (name: string) => `Compare the run of ${name}`,
  exportNamed: (name: string) => `Export the run of ${name}`,
  discardText: (file: string, name: string) =>
    `The results of ${file} on this page are not saved, and opening the run of ${name} discards them. Download them first if you need them.`,
  continueNamed: (name: string) => `Continue the run of ${name}`,
  showNamed: (name: string) => `Show the results of ${name}`,
  reportNamed: (name: string) => `Open the report of ${name}`,
  downloadNamed: (name: string) => `Download the submission of ${name}`,
  renameNamed: (name: string) => `Rename the run of ${name}`,
  opening: 'Opening…',
  delete: 'Delete',
  deleteNamed: (name: string) => `Delete the run of ${name}`,
  deleteHeading: 'Delete this run?',
  deleteText: (done: number, name: string) =>
    `The results of ${counted(done, 'row')} of ${name} are lost. The file itself is not touched.`,
  cancel: 'Cancel',
  unknown: 'a run that cannot be read',
  chooseFile: (name: string) =>
    `Choose ${name} again: the browser does not keep access to a file across reloads.`,
  choose: (name: string) => `Choose ${name}`,
  otherFile: (chosen: string, name: string) =>
    chosen === name
      ? 'This file’s content differs from the one that was scored.'
      : `${chosen} is not the ${name} that was scored.`,
  otherEngine: 'Continue anyway',
};
