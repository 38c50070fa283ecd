import type { packagesErrors as english } from '../../en/errors/packages.ts';
import type { ErrorTextsOf } from '../../errors.ts';
import { PACKAGE_AGAIN, RELOAD, TRY_LATER } from './actions.ts';

const packageDamaged = {
  message: 'パッケージのファイルが壊れています。',
  action: PACKAGE_AGAIN,
};
const packageManifest = {
  message: 'パッケージのマニフェスト（tiebreak.json）が使えません。',
  action: '別のパッケージを使うか、作り直してください。',
};
const packagesBusy = {
  message: 'このモデルは使用中です。別のタブで使われている可能性があります。',
  action: 'モデルを使っているほかのタブを閉じてください。',
};

/** Japanese texts of errors, by their ids. */
export const packagesErrors: ErrorTextsOf<typeof english> = {
  'package/adapter-name': {
    message: 'アダプターの名前が使えません。',
    action: '英数字、_、.、- だけの、重複しない名前にしてください。',
  },
  'package/tensor': { message: 'パッケージのテンソルが使えません。', action: PACKAGE_AGAIN },
  'package/adapter': {
    message: ({ name, known }) =>
      `このパッケージにアダプター「${name}」はありません。あるもの：${known}。`,
    action: 'その中から選ぶか、ベースモデルだけを使ってください。',
  },
  'package/damaged': packageDamaged,
  'packages/worker-died': {
    message: 'モデルを保存する処理が停止しました。',
    action: `もう一度お試しください。中断したところから続きます。それでも失敗する場合は、${RELOAD}`,
  },
  'package/manifest': packageManifest,
  'package/damaged:found': packageDamaged,
  'package/manifest:two': packageManifest,
  'package/manifest:size': packageManifest,
  'package/differs': {
    message: 'ホストのファイルがパッケージのマニフェストと一致しません。',
    action: TRY_LATER,
  },
  'package/changed': {
    message: 'ホストにあるモデルは、別のバージョンに変わっています。',
    action: 'モデルを削除して、ダウンロードし直してください。',
  },
  'packages/unavailable': {
    message: 'このブラウザーでは、このページのファイルを保存できません。',
    action: 'プライベートウィンドウではなく、通常のウィンドウを使ってください。',
  },
  'packages/unknown': {
    message: 'そのモデルはもうありません。',
    action: '別のモデルを選んでください。',
  },
  'packages/busy': packagesBusy,
  'packages/imported': {
    message: '取り込んで作ったモデルなので、修復に使える元データがありません。',
    action: '削除して、もう一度取り込んでください。',
  },
  'packages/importing': {
    message: '別の取り込みかダウンロードが進行中です。',
    action: '終わるのを待つか、中止してください。',
  },
  'packages/complete': {
    message: 'このモデルはすでに完成しています。',
    action: '別の名前で取り込んでください。',
  },
  'packages/partial': {
    message: 'このモデルの取り込みは終わっていません。',
    action: '取り込みを続けるか、削除してください。',
  },
  'packages/busy:delete': packagesBusy,
};
