// Remedies that several errors share.

export const RELOAD = 'ページを再読み込みしてください。';
export const FETCH_AGAIN = 'ファイルが壊れているか途中で切れています。取得し直してください。';
export const OTHER_DEVICE = 'max_length を小さくするか、別のデバイスを選んでください。';
export const DRIVER = 'グラフィックスドライバーを更新するか、CPU を選んでください。';
export const TRY_LATER = 'しばらくしてから、もう一度お試しください。';
export const PACKAGE_AGAIN = 'パッケージを取得し直すか、作り直してください。';
export const CHOOSE_CSV =
  'prompt, response_a, response_b の列がある CSV ファイルを選んでください。';
