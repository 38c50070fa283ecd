import type { runErrors as english } from '../../en/errors/run.ts';
import type { ErrorTextsOf } from '../../errors.ts';
import { RELOAD } from './actions.ts';

const journalDiffers = {
  message: 'この実行は続けられません。開始時と条件が異なります。',
  action: '開始時と同じものを選ぶか、最初からやり直してください。',
};
const journalBusy = {
  message: 'この実行は進行中です。別のタブで動いている可能性があります。',
  action: 'そちらで終わるのを待つか、中止してください。',
};
const runNotReady = {
  message: 'まだ準備ができていません。',
  action: 'モデルとファイルを選んでから、もう一度お試しください。',
};

/** Japanese texts of errors, by their ids. */
export const runErrors: ErrorTextsOf<typeof english> = {
  'internal/unexpected': {
    message: '予期しないエラーが起きました。',
    action: `${RELOAD}保存された実行は残っています。`,
  },
  'run/cancelled': { message: '中止しました。' },
  'journal/differs:batches': journalDiffers,
  'journal/busy:command': journalBusy,
  'journal/differs': journalDiffers,
  'journal/engine': {
    message: 'この実行は別の方法で計算されていました。',
    action: '続けることはできますが、残りの行は末尾の桁が変わる場合があります。',
  },
  'journal/version': {
    message: 'この実行は、より新しいバージョンのアプリで開始されました。',
    action: 'ページを再読み込みするか、この実行を削除してください。',
  },
  'journal/damaged': {
    message: '保存された実行の記録を読めません。',
    action: '削除して、最初からやり直してください。',
  },
  'journal/busy': journalBusy,
  'journal/unavailable': {
    message: 'このブラウザーでは、このページのファイルを保存できません。',
    action: '実行はできますが、タブを閉じると続きから再開できません。',
  },
  'run/not-ready:model': runNotReady,
  'run/not-ready': runNotReady,
};
