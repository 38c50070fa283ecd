import type { storageErrors as english } from '../../en/errors/storage.ts';
import type { ErrorTextsOf } from '../../errors.ts';
import { FETCH_AGAIN, MAKE_ROOM, PACKAGE_AGAIN } from './actions.ts';

const storageWrite = {
  message: 'ファイルを書き込めません。',
  action: 'このページを開いているほかのタブを閉じて、もう一度お試しください。',
};
const storageFull = {
  message: '保存できる空きが足りません。',
  action: MAKE_ROOM,
};
const storageRange = {
  message: 'ファイルの範囲外を読もうとしました。',
  action: FETCH_AGAIN,
};
const storageChanged = {
  message: '読み込んでいる間にファイルが変わりました。',
  action: 'ファイルを選び直してください。採点済みの行はダウンロードできます。',
};
const storagePermission = {
  message: 'フォルダーを読む許可がありません。',
  action: 'フォルダーを選び直し、このページに読み取りを許可してください。',
};

/** Japanese texts of errors, by their ids. */
export const storageErrors: ErrorTextsOf<typeof english> = {
  'storage/write:file': storageWrite,
  'storage/open:read': {
    message: 'ファイルを読めません。',
    action: 'パスとアクセス権を確認してください。',
  },
  'storage/full:package': storageFull,
  'storage/range:row': storageRange,
  'storage/exists': {
    message: 'フォルダーに同じ名前のものがあります。',
    action: '空のフォルダーを選んでください。',
  },
  'storage/full:model': storageFull,
  'storage/write:delete-run': storageWrite,
  'storage/changed:after': storageChanged,
  'storage/range': storageRange,
  'storage/changed': storageChanged,
  'storage/changed:shorter': storageChanged,
  'storage/permission': storagePermission,
  'storage/read': {
    message: 'ファイルを読めません。',
    action: 'ファイルを選び直してください。',
  },
  'storage/full': storageFull,
  'storage/write:other-tab': storageWrite,
  'storage/write:browser': storageWrite,
  'storage/unreachable': {
    message: ({ host, given }) => `${host} に接続できないため、${given} を読み込めません。`,
    action:
      '接続と、ホストがこのページからのリクエスト（CORS）を許可しているかを確認してください。',
  },
  'storage/network': {
    message: 'ネットワークから読み込めませんでした。',
    action: '接続を確認し、もう一度お試しください。中断したところから続きます。',
  },
  'storage/denied': {
    message: 'ホストがアクセスを許可しませんでした。',
    action:
      'モデルのページでライセンスに同意し、そのアカウントのアクセストークンを入力してください。',
  },
  'storage/changed:host': storageChanged,
  'storage/no-ranges': {
    message: 'このサーバーはファイルを部分的に送れません。',
    action: '範囲リクエストに対応したホストを使うか、フォルダーをダウンロードして選んでください。',
  },
  'storage/token': {
    message: 'アクセストークンを使えません。',
    action: 'トークンとアドレスを確認してください。',
  },
  'storage/address': {
    message: 'このアドレスは使えません。',
    action: 'https:// で始まるアドレスか、Hugging Face の名前（owner/name）を入力してください。',
  },
  'storage/lfs-pointer': {
    message: ({ file }) => `${file} は Git LFS のポインターで、ファイル本体ではありません。`,
    action:
      'フォルダーで git lfs pull を実行するか、モデルのページから本体をダウンロードして、フォルダーを選び直してください。',
  },
  'storage/open': {
    message: ({ path }) => `${path} を開けません。`,
    action: 'パスとアクセス権を確認してください。',
  },
  'storage/changed:disk': storageChanged,
  'storage/full:disk': storageFull,
  'storage/write': storageWrite,
  'storage/path': { message: 'パッケージに使えないパスがあります。', action: PACKAGE_AGAIN },
  'storage/missing': {
    message: '必要なファイルがありません。',
    action: 'フォルダーかアドレスの中身がそろっているか確認してください。',
  },
  'storage/insecure': {
    message: 'ブラウザーがファイルを保存するのは、https か localhost で開いたページだけです。',
    action: 'https か localhost でこのページを開いてください。',
  },
  'storage/full:folder': storageFull,
  'storage/permission:write': storagePermission,
  'storage/write:folder': storageWrite,
};
