// Applies a remembered theme before the first paint. Without one the system's choice holds.
(function () {
  try {
    var theme = localStorage.getItem('cragbase.theme');
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  } catch (e) {
    // Storage may be blocked; the system's theme is then right.
  }
})();
