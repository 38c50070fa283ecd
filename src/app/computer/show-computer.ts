/** Opens the card “This computer” and moves the focus to it. */
export function showComputer(): void {
  const card = document.getElementById('computer-heading')?.closest('details');
  if (!card) return;
  card.open = true;
  card.querySelector('summary')?.focus();
}
