/**
 * Returns every text that the page shows or reads aloud. Runs in the page, so it uses nothing from outside.
 * @param skipped selector of elements whose texts are left out.
 */
export function shownTexts(skipped: string): string[] {
  const texts: string[] = [];
  for (const element of document.querySelectorAll('#root, [role=dialog], [role=alertdialog]')) {
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_ALL);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      if (node instanceof Text && node.parentElement?.closest(skipped) === null) {
        texts.push(node.data);
      }
      if (!(node instanceof Element)) continue;
      for (const name of ['aria-label', 'aria-valuetext', 'title', 'placeholder', 'alt']) {
        texts.push(node.getAttribute(name) ?? '');
      }
    }
  }
  return texts;
}
