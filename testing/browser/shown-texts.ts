/** Returns every text that the page shows or reads aloud. Runs in the page, so it uses nothing from outside. */
export function shownTexts(): string[] {
  const texts: string[] = [];
  for (const element of document.querySelectorAll('#root, [role=dialog], [role=alertdialog]')) {
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_ALL);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      if (node instanceof Text) texts.push(node.data);
      if (!(node instanceof Element)) continue;
      for (const name of ['aria-label', 'title', 'placeholder', 'alt']) {
        texts.push(node.getAttribute(name) ?? '');
      }
    }
  }
  return texts;
}
