import type { Texts } from '../texts.ts';
import {
  count,
  dateTime,
  duration,
  fileSize,
  roughly,
  rowsOf,
  someRowsOf,
  tokensRoughly,
} from './format.ts';

/** Japanese texts of the run. */
export const run: Texts['run'] = {
  heading: '採点',
  start: '開始',
  again: 'もう一度開始',
  cancel: '中止',
  cancelling: '中止しています…',
  needsModel: 'モデルの準備を待っています。',
  needsChoice: 'モデルを選んでください。',
  modelFailed: 'モデルを読み込めなかったため、採点できません。',
  needsFile: 'ファイルを選ぶか、例を試してください。',
  readingFile: 'ファイルの読み込みを待っています。',
  ready: (rows) => `${rowsOf(rows)}を採点できます。`,
  foreseen: (tokens, seconds) => `${tokensRoughly(tokens)} トークン：${roughly(seconds)}。`,
  foreseenMeasured: (tokens, seconds) =>
    `${tokensRoughly(tokens)} トークン：${roughly(seconds)}（短い測定による目安）。`,
  foreseenTokens: (tokens) => `${tokensRoughly(tokens)} トークン。所要時間はまだ測定していません。`,
  preparing: '準備しています…',
  progress: '進捗（トークン）',
  tokens: (done, total) => `${count(total)} トークン中 ${count(done)}`,
  rows: someRowsOf,
  rate: (perSecond) => `${count(perSecond)} トークン/秒`,
  left: (seconds) => `残り${roughly(seconds)}`,
  unknown: '–',
  lanes: {
    caption: 'GPU ごとの分担',
    gpu: 'GPU',
    rate: '速度',
    share: '分担',
    shareOf: (percent) => `${count(percent)} %`,
    ended: '使用終了',
  },
  finished: (rows, seconds) => `${rowsOf(rows)}を ${duration(seconds)}で採点しました。`,
  cancelled: (done, total) => `中止しました（${someRowsOf(done, total)}を採点済み）。`,
  cancelledEmpty: '採点済みの行がないまま中止しました。',
  failed: (done, total) =>
    done === 0
      ? '採点済みの行がないまま、採点が失敗しました。'
      : `採点が失敗しました（${someRowsOf(done, total)}を採点済み）。`,
  truncated: (rows) => `切り詰め ${rows} 行`,
  olderResults: '前回の結果はそのまま残っています。',
  differs: '現在の設定は、この結果を計算したときの設定と異なります。',
  openReport: 'レポートを開く',
  more: 'その他',
  less: '閉じる',
  kept: (done, total) =>
    `${someRowsOf(done, total)}が保存されています。「再開」で続きから計算します。`,
  keptComplete: 'このファイルはこの設定で採点済みです。「再開」で結果を表示します。',
  continue: '再開',
  pause: '一時停止',
  pausing: '一時停止しています…',
  resume: '続ける',
  pausingHelp: '計算中のバッチを終えています。',
  paused: '一時停止中です。計算していません。',
  noRoom: '完了した行を保存できないため、一時停止しました。',
  noRoomHelp:
    '保存したモデルを削除するなどして空き容量を増やし、もう一度試してください。保存せずに続けることもできますが、その場合、この先の計算結果はタブを閉じると失われます。どちらの場合も、完了した行はダウンロードできます。',
  tryAgain: 'もう一度試す',
  goOnWithout: '保存せずに続ける',
  unjournaled: (why) => `現在の計算結果は保存されていないため、タブを閉じると失われます。${why}`,
  notify: '終わったら通知する',
  notifyHelp: 'このページが表示されていないときに通知します。ブラウザーが許可を求めます。',
  notifyDenied: 'このブラウザーでは、このページの通知が許可されていません。',
  notification: {
    complete: (rows) => `${rowsOf(rows)}を採点しました。`,
    failed: '採点が失敗しました。',
    stopped: '一時停止しました。完了した行を保存できません。',
  },
  title: (percent, state) => (state === 'paused' ? `一時停止中 ${percent} %` : `${percent} %`),
  titleDone: '完了',
  incidents: (incidents) =>
    `この実行でデバイスの障害が ${count(incidents)} 回ありました。完了していない分は計算し直します。`,
  incident: (time, device, message) => `${time.toLocaleTimeString('ja')} ${device}：${message}`,
  announceStart: '採点を開始しました。',
  announcePaused: '一時停止しました。',
  announceProgress: (percent) => `${percent} パーセント完了しました。`,
};

/** Japanese texts of runs. */
export const runs: Texts['runs'] = {
  heading: '保存された実行',
  help: '完了した行は、計算のたびにこのブラウザーに保存され、削除するまで残ります。',
  rows: (done, total) => (done === total ? rowsOf(total) : someRowsOf(done, total)),
  settings: {
    text: (mode) => `読み方：${mode}`,
    maxLength: (tokens) => `max_length ${count(tokens)}`,
    tta: '両順序',
    spread: '3 等分',
    truncation: (name) => `切り詰め：${name}`,
  },
  states: {
    waiting: '未完了',
    complete: '完了',
    running: '別のタブで実行中',
    here: '実行中',
    damaged: '読み取れません',
  },
  logLoss: (value) => `対数損失 ${value.toFixed(4)}`,
  downloaded: (date) => `${dateTime(date)} にダウンロード済み`,
  shortSpace: (left, taken) =>
    `このページで使える保存領域は、残り ${fileSize(left)} です。保存された実行は ${fileSize(taken)} を使っています。不要になった実行は、ダウンロードしてから削除してください。保存したモデルを削除しても空きが増えます。`,
  showAll: (runs) => `${count(runs)} 件すべてを表示`,
  showFewer: '最近のものだけを表示',
  unfinished: '未完了の実行',
  unfinishedRun: (name, done, total) => `${name}：${someRowsOf(done, total)}を採点済みです。`,
  showList: '保存された実行の一覧',
  again: {
    heading: 'このファイルをもう一度採点しますか？',
    text: (name, done, total) =>
      done === total
        ? `${name} はこの設定で採点済みで、${rowsOf(total)}が保存されています。もう一度開始すると、すべての行を計算し直します。`
        : `${name} はこの設定で一部が採点済みで、${someRowsOf(done, total)}が保存されています。「再開」では続きから計算します。もう一度開始すると、すべての行を計算し直します。`,
    unsaved:
      'このページの結果は保存されていません。もう一度開始すると失われます。必要な場合は、先にダウンロードしてください。',
    earlier: '以前の実行',
    keep: '残す',
    delete: '新しい実行が完了したら削除する',
  },
  continue: '再開',
  show: '結果を表示',
  report: 'レポート',
  download: 'ダウンロード',
  rename: '名前を変更',
  name: 'この実行の名前',
  save: '保存',
  compare: '比較',
  export: '書き出し',
  compareNamed: (name) => `${name} の実行を比較`,
  exportNamed: (name) => `${name} の実行を書き出す`,
  discardText: (file, name) =>
    `このページの ${file} の結果は保存されていません。${name} の実行を開くと失われます。必要な場合は、先にダウンロードしてください。`,
  continueNamed: (name) => `${name} の実行を再開`,
  showNamed: (name) => `${name} の結果を表示`,
  reportNamed: (name) => `${name} のレポートを開く`,
  downloadNamed: (name) => `${name} の提出ファイルをダウンロード`,
  renameNamed: (name) => `${name} の実行の名前を変更`,
  opening: '開いています…',
  delete: '削除',
  deleteNamed: (name) => `${name} の実行を削除`,
  deleteHeading: 'この実行を削除しますか？',
  deleteText: (done, name) =>
    `${name} の ${rowsOf(done)}の結果が失われます。ファイル自体はそのまま残ります。`,
  cancel: 'キャンセル',
  unknown: '読み取れない実行',
  chooseFile: (name) =>
    `${name} を選び直してください。ページを再読み込みすると、ブラウザーはファイルにアクセスできなくなります。`,
  choose: (name) => `${name} を選ぶ`,
  otherFile: (chosen, name) =>
    chosen === name
      ? 'このファイルの内容は、採点したときのものと異なります。'
      : `${chosen} は、採点した ${name} ではありません。`,
  otherEngine: 'それでも再開する',
};
