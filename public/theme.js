// Before anything is drawn: the theme that was chosen in the footer, if one was.
try {
  const theme = localStorage.getItem('tiebreak.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // The system's theme.
}
