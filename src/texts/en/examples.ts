/** English names and lessons of the explorer’s examples. */
export const examples = {
  length: {
    name: 'Short or long',
    lesson:
      'Both answers say the same. Try “Cut to equal length” and see how much of the preference disappears.',
  },
  position: {
    name: 'First or second',
    lesson:
      'Two answers that are about equally good. Look at the order gap: the model may prefer the answer that is shown first, or second.',
  },
  refusal: {
    name: 'A needless refusal',
    lesson:
      'The answers differ by one sentence. Press “Explain” to see what that sentence costs, or try “Drop the refusal”.',
  },
  identical: {
    name: 'Identical answers',
    lesson:
      'Only a tie makes sense. Any lead that A or B still gets is position bias, and the mean of both orders removes it.',
  },
  markdown: {
    name: 'Markdown or plain',
    lesson: 'One answer has headings and a list. Try “Strip Markdown”: what remains is the same.',
  },
  turns: {
    name: 'Two turns',
    lesson:
      'A conversation. The model sees each side’s turns joined, not question by question; look at the tokens.',
  },
  special: {
    name: 'A token spelled out',
    lesson:
      '“<eos>” in a text becomes the token that ends the text, as in the original notebook. Press “Show tokens” to see it marked.',
  },
};
