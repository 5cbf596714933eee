(() => {
  const own = document.currentScript;
  document.documentElement.lang = own.dataset.language;
  own.remove();
  const side = document.querySelector('[data-testid="stSidebar"][data-collapsed="false"]');
  if (side && window.matchMedia("(max-width: 48rem)").matches) {
    side.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click();
  }
})();
